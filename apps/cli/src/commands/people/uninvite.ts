/** `skerry user uninvite` */
import { InvitationId } from '@skerry/contract/values/ids'
import { command, fits, required } from '../../program/command.ts'

export const revokeInvitation = command({
  name: 'user uninvite',
  summary: 'Revoke an invitation',
  examples: ['skerry user uninvite inv_abcdefgh234567'],
  arguments: { invitation: required('<invitation>', 'id from "skerry user invitations"', fits(InvitationId)) },
  options: {},
  async run({ invitation }, session) {
    const { client } = await session.hub()
    await client.invitation.revoke({ invitation }, { signal: session.signal })
    session.print({ json: { invitation }, text: () => `revoked the invitation ${invitation}` })
  },
})
