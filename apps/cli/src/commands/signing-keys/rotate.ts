/** `skerry signing-key rotate` */
import { command } from '../../program/command.ts'
import { YES } from '../../program/options.ts'

export const rotateSigningKey = command({
  name: 'signing-key rotate',
  summary: 'Let the hub sign models with a new key from now on; earlier signatures stay valid',
  details:
    'Devices learn the new key at once, or when they connect. Agents that are too old for this reject its signatures.',
  examples: ['skerry signing-key rotate --yes'],
  arguments: {},
  options: { yes: YES },
  async run({ yes }, session) {
    const { client } = await session.hub()
    await session.confirm('sign models with a new key', yes)
    const key = await client.signingKey.rotate({}, { signal: session.signal })
    session.print({ json: key, text: () => `models are signed by ${key.name} from now on\nfingerprint  ${key.keyId}` })
  },
})
