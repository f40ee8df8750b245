import { createHash } from 'node:crypto'
import { installLine } from '@skerry/client/install-line'
import { JoinTokenSpec } from '@skerry/contract/joining/join'
import { Name } from '@skerry/contract/values/names'
import { installWarnings } from '@skerry/core/joining/install-warnings'
import { command, fits, fitsNumber, list, needed, usually, value } from '../../program/command.ts'
import { fail, wrongUsage } from '../../program/failure.ts'
import { parseDuration, parseLabel } from '../../program/values.ts'
import { noteInstallWarnings } from './token/install-notes.ts'
import { tokenText } from './token/token-text.ts'

const { usesMax, expiresInSeconds, approval } = JoinTokenSpec.shape

export const printInstallCommand = command({
  name: 'device install-command',
  summary: 'Print the one command that makes a new computer a device',
  details:
    'The command fetches a script from the hub, compares it with the digest that stands in the command, and runs it. The script installs ' +
    'the pushed package of the agent and joins with a new token. The computer needs curl, tar and sha256sum, and no Node.js. Only the ' +
    'command goes to stdout, and it has a secret.',
  examples: [
    'skerry device install-command --site rotterdam --name press-7',
    'skerry device install-command --site rotterdam --label line=4 --uses 20 --expires-in 7d',
  ],
  arguments: {},
  options: {
    site: needed('--site <name>', 'site of the devices that join with it', fits(Name)),
    name: value('--name <name>', 'name of the device (default: from its host name)', fits(Name)),
    labels: list('--label <key=value>', 'label of the devices that join with it', parseLabel),
    usesMax: usually('--uses <count>', '1', 'number of devices that may join', fitsNumber(usesMax)),
    expiresIn: usually('--expires-in <time>', '1d', 'how long it is valid, such as 90m or 7d', parseExpiry),
    approval: usually('--approval <how>', 'auto', 'auto, or manual: a person approves each device', fits(approval)),
  },
  async run({ name, labels, expiresIn, ...spec }, session) {
    if (name !== undefined && spec.usesMax > 1)
      throw wrongUsage('--name is for one device, and --uses admits more', 'leave out --name: each host name is used')
    const { client, connection } = await session.hub()
    const script = await scriptOf(connection.hub, session.signal)
    const { token, record, installation } = await client.token.create(
      { ...spec, labels: Object.fromEntries(labels), expiresInSeconds: expiresIn },
      { signal: session.signal },
    )
    const url = new URL('/install.sh', hubOf(token) ?? connection.hub).href
    const line = installLine({ url, digest: createHash('sha256').update(script).digest('hex'), token, name })
    session.note(session.style.dim('On the new computer, as root or as the user of the agent, run:'))
    session.note(session.style.dim(tokenText(record)))
    session.note(session.style.dim(OPTIONS_NOTE))
    const warnings = installation ? installWarnings(installation) : []
    noteInstallWarnings(session, warnings)
    session.print({ json: { command: line, token, record, warnings }, text: () => line })
  },
})

/** The end of the line is another command, so options there would not reach the script. */
const OPTIONS_NOTE =
  'Options of the install script go behind the token, before "||". Options of the agent follow them, behind "--".'

async function scriptOf(hub: string, signal: AbortSignal): Promise<string> {
  const answer = await fetch(new URL('/install.sh', hub), { signal })
  if (!answer.ok) throw fail('hub_outdated', 'this hub has no install script; update the hub')
  return answer.text()
}

/** The address in the token is the one that devices reach. */
function hubOf(token: string): string | undefined {
  const { hub } = JSON.parse(Buffer.from(token.slice('skj_'.length), 'base64url').toString())
  return typeof hub === 'string' ? hub : undefined
}

function parseExpiry(text: string): number {
  const seconds = expiresInSeconds.safeParse(parseDuration(text))
  if (!seconds.success) throw new Error('must be from 1m to 90d')
  return seconds.data
}
