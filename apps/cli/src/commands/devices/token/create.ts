import { JoinTokenSpec, Network } from '@skerry/contract/joining/join'
import { Name } from '@skerry/contract/values/names'
import { addressWarnings } from '@skerry/core/joining/install-warnings'
import { command, fits, fitsNumber, list, needed, usually } from '../../../program/command.ts'
import { parseDuration, parseLabel } from '../../../program/values.ts'
import { noteInstallWarnings } from './install-notes.ts'
import { tokenText } from './token-text.ts'

const { usesMax, expiresInSeconds, approval } = JoinTokenSpec.shape

export const createDeviceToken = command({
  name: 'device token create',
  summary: 'Create a join token; its text is shown only once',
  details: 'Only the token goes to stdout, so scripts can use $(skerry device token create ...).',
  examples: [
    'skerry device token create --site rotterdam --label line=4',
    'skerry agent --join "$(skerry device token create --site rotterdam)"',
  ],
  arguments: {},
  options: {
    site: needed('--site <name>', 'site of the devices that join with it', fits(Name)),
    labels: list('--label <key=value>', 'label of the devices that join with it', parseLabel),
    usesMax: usually('--uses <count>', '1', 'number of devices that may join', fitsNumber(usesMax)),
    expiresIn: usually('--expires-in <time>', '1d', 'how long it is valid, such as 90m or 7d', parseExpiry),
    approval: usually('--approval <how>', 'auto', 'auto, or manual: a person approves each device', fits(approval)),
    networks: list('--network <cidr>', 'network that the devices must join from, such as 10.20.0.0/16', fits(Network)),
  },
  async run({ labels, expiresIn, ...spec }, session) {
    const { client } = await session.hub()
    const { token, record, installation } = await client.token.create(
      { ...spec, labels: Object.fromEntries(labels), expiresInSeconds: expiresIn },
      { signal: session.signal },
    )
    session.note(`${session.style.dim('On the device, run:')} skerry agent --join ${token}`)
    session.note(session.style.dim(tokenText(record)))
    // A device that Skerry is already on needs no package.
    noteInstallWarnings(session, installation ? addressWarnings(installation) : [])
    session.print({ json: { token, record }, text: () => token })
  },
})

function parseExpiry(text: string): number {
  const seconds = expiresInSeconds.safeParse(parseDuration(text))
  if (!seconds.success) throw new Error('must be from 1m to 90d')
  return seconds.data
}
