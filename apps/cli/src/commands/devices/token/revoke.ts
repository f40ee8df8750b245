/** `skerry device token revoke` */
import { JoinTokenId } from '@skerry/contract/values/ids'
import { command, fits, required } from '../../../program/command.ts'
import { YES } from '../../../program/options.ts'

export const revokeDeviceToken = command({
  name: 'device token revoke',
  summary: 'Revoke a join token: no further device can join with it',
  examples: ['skerry device token revoke tok_abcdefgh234567 --yes'],
  arguments: { token: required('<token>', 'id of the token, from "skerry device token ls"', fits(JoinTokenId)) },
  options: { yes: YES },
  async run({ token, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`revoke the join token ${token}`, yes)
    const reply = await client.token.revoke({ token }, { signal: session.signal })
    session.print({ json: reply, text: () => `revoked ${token}; devices that joined with it stay` })
  },
})
