/** Procedures on invitations. */
import { os } from '../../http/implementer.ts'
import { problem } from '../../http/problem.ts'
import { hashSecret } from '../../keys/key-secret.ts'
import { requireMayGive, requireMayTake } from '../../roles/role-handlers.ts'
import {
  deleteInvitation,
  insertInvitation,
  invitationOf,
  invitationText,
  listInvitations,
} from './invitation-store.ts'

export const invitationHandlers = {
  create: os.invitation.create.handler(async ({ context, input: { role, email, usesMax, expiresInSeconds } }) => {
    const { hub, organisationId, caller } = context
    const id = hub.ids.invitation()
    const secret = hub.ids.secret()
    const nowMs = hub.clock.nowMs()
    const row = {
      id,
      organisation_id: organisationId,
      secret_hash: hashSecret(secret),
      role,
      email: email ?? null,
      // An address is one person.
      uses_max: email === undefined ? usesMax : 1,
      uses: 0,
      created_at_ms: nowMs,
      expires_at_ms: nowMs + expiresInSeconds * 1_000,
    }
    await context.change(async (tx, note) => {
      await requireMayGive(tx, context, role)
      await insertInvitation(tx, row)
      note.object.id = id
      note.detail = { role, usesMax: row.uses_max, expiresAtMs: row.expires_at_ms, ...(email ? { email } : {}) }
    })
    const link = joinLink(hub.config.publicUrl(), invitationText(id, secret))
    const isSent = email !== undefined && (await hub.people.mail?.send(letterOf(email, caller.organisation, link)))
    return { link, isSent: isSent ?? false, invitation: invitationOf(row) }
  }),
  list: os.invitation.list.handler(async ({ context: { hub, organisationId } }) => {
    const rows = await listInvitations(hub.store.db, organisationId, hub.clock.nowMs())
    return { rows: rows.map(invitationOf) }
  }),
  revoke: os.invitation.revoke.handler(({ context, input: { invitation } }) =>
    context.change(async (tx) => {
      const row = await deleteInvitation(tx, context.organisationId, invitation)
      if (!row) throw problem('invitation_unknown')
      await requireMayTake(tx, context, row.role)
      return {}
    }),
  ),
}

/** Browsers send nothing of an address from its # on: the secret reaches the page, and nobody's log. */
export const joinLink = (publicUrl: string, text: string): string => `${publicUrl}/join#invitation=${text}`

const letterOf = (to: string, organisation: string, link: string) => ({
  to,
  subject: 'An invitation to Skerry',
  text: `You are invited to the organisation ${organisation} on Skerry.\n\nThis link creates your account:\n${link}\n\nIf you do not expect an invitation, ignore this e-mail.\n`,
})
