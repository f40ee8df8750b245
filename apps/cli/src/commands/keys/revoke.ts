/** `skerry key revoke` */
import { KeyId } from '@skerry/contract/values/ids'
import { command, fits, required } from '../../program/command.ts'
import { YES } from '../../program/options.ts'

export const revokeKey = command({
  name: 'key revoke',
  summary: 'Revoke an API key',
  examples: ['skerry key revoke key_abcdefgh234567 --yes'],
  arguments: { key: required('<key>', 'id of the key, from "skerry key ls"', fits(KeyId)) },
  options: { yes: YES },
  async run({ key, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`revoke the API key ${key}`, yes)
    const revoked = await client.key.revoke({ key }, { signal: session.signal })
    session.print({ json: revoked, text: () => `revoked the key ${revoked.name}` })
  },
})
