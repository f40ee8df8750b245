/** `skerry signing-key retire` */
import { asIs, command, required } from '../../program/command.ts'
import { keyFinder } from './signing-key-reference.ts'

export const retireSigningKey = command({
  name: 'signing-key retire',
  summary: 'Take nothing new that a publisher signs; what its key has signed stays good',
  examples: ['skerry signing-key retire vendor'],
  arguments: { key: required('<key>', 'name, or the beginning of the fingerprint', asIs) },
  options: {},
  async run({ key }, session) {
    const hub = await session.hub()
    const { keyId: signingKey } = (await keyFinder(hub, session))(key)
    const retired = await hub.client.signingKey.retire({ signingKey }, { signal: session.signal })
    session.print({ json: retired, text: () => `retired ${retired.name}` })
  },
})
