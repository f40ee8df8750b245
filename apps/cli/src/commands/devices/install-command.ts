import { createHash } from 'node:crypto'
import { installLine } from '@skerry/client/install-line'
import { JoinTokenSpec } from '@skerry/contract/joining/join'
import { Name } from '@skerry/contract/values/names'
import { installWarnings } from '@skerry/core/joining/install-warnings'
import { command, fits, fitsNumber, list, needed, usually } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
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
    'skerry device install-command --site rotterdam',
    'skerry device install-command --site rotterdam --label line=4 --uses 20 --expires-in 7d',
  ],
  arguments: {},
  options: {
    site: needed('--site <name>', 'site of the devices that join with it', fits(Name)),
    labels: list('--label <key=value>', 'label of the devices that join with it', parseLabel),
    usesMax: usually('--uses <count>', '1', 'number of devices that may join', fitsNumber(usesMax)),
    expiresIn: usually('--expires-in <time>', '1d', 'how long it is valid, such as 90m or 7d', parseExpiry),
    approval: usually('--approval <how>', 'auto', 'auto, or manual: a person approves each device', fits(approval)),
  },
  async run({ labels, expiresIn, ...spec }, session) {
    const { client, connection } = await session.hub()
    const script = await scriptOf(connection.hub, session.signal)
    const { token, record, installation } = await client.token.create(
      { ...spec, labels: Object.fromEntries(labels), expiresInSeconds: expiresIn },
      { signal: session.signal },
    )
    const url = new URL('/install.sh', hubOf(token) ?? connection.hub).href
    const line = installLine({ url, digest: createHash('sha256').update(script).digest('hex'), token })
    session.note(session.style.dim('On the new computer, as root or as the user of the agent, run:'))
    session.note(session.style.dim(tokenText(record)))
    const warnings = installation ? installWarnings(installation) : []
    noteInstallWarnings(session, warnings)
    session.print({ json: { command: line, token, record, warnings }, text: () => line })
  },
})

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
