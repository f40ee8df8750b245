/** `skerry org invite` */
import { command } from '../../program/command.ts'
import { invitationText, ORGANISATION, OWNER_EMAIL } from './organisation-words.ts'

export const inviteOwner = command({
  name: 'org invite',
  summary: 'Invite the first owner of an organisation again, if it has no owner; earlier links end',
  examples: ['skerry org invite plant-north --owner-email mona@plant-north.example'],
  arguments: { organisation: ORGANISATION },
  options: { ownerEmail: OWNER_EMAIL },
  async run({ organisation, ownerEmail }, session) {
    const { client } = await session.hub()
    const invitation = await client.organisation.invite({ organisation, ownerEmail }, { signal: session.signal })
    session.print({ json: invitation, text: () => `${organisation}: ${invitationText(invitation)}` })
  },
})
