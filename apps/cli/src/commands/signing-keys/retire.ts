/** `skerry signing-key retire` */
import { asIs, command, required } from '../../program/command.ts'
import { keyFinder } from './signing-key-reference.ts'

export const retireSigningKey = command({
  name: 'signing-key retire',
  summary: 'Accept no new signatures of a publisher; its earlier signatures stay valid',
  examples: ['skerry signing-key retire vendor'],
  arguments: { key: required('<key>', 'name, or the start of the fingerprint', asIs) },
  options: {},
  async run({ key }, session) {
    const hub = await session.hub()
    const { keyId: signingKey } = (await keyFinder(hub, session))(key)
    const retired = await hub.client.signingKey.retire({ signingKey }, { signal: session.signal })
    session.print({ json: retired, text: () => `retired ${retired.name}` })
  },
})
