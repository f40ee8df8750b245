/** Invitation store: links with which people come to an organisation. */

import { type Invitation, InvitationSecret } from '@skerry/contract/people/user'
import type { InvitationId, OrganisationId } from '@skerry/contract/values/ids'
import { InvitationId as Id } from '@skerry/contract/values/ids'
import { fitsHash } from '../../keys/key-secret.ts'
import type { Db, Tx } from '../../store/store.ts'
import type { InvitationTable } from '../../store/tables/access/people-tables.ts'

export const insertInvitation = (tx: Tx, row: InvitationTable) => tx.insertInto('invitations').values(row).execute()

/** Those that still count, newest first. */
export const listInvitations = (db: Db, organisationId: OrganisationId, nowMs: number): Promise<InvitationTable[]> =>
  db
    .selectFrom('invitations')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('expires_at_ms', '>', nowMs)
    .whereRef('uses', '<', 'uses_max')
    .orderBy('created_at_ms', 'desc')
    .limit(INVITATIONS_MAX)
    .execute()

/** As many as one page shows. */
const INVITATIONS_MAX = 500

/** Takes it back, and gives what it was; undefined where there is none. */
export async function deleteInvitation(
  tx: Tx,
  organisationId: OrganisationId,
  id: InvitationId,
): Promise<InvitationTable | undefined> {
  const row = await tx
    .selectFrom('invitations')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (row) await tx.deleteFrom('invitations').where('id', '=', id).execute()
  return row
}

/** The text of the link, shown once. */
export const invitationText = (id: InvitationId, secret: string): string => `si_${id.slice('inv_'.length)}_${secret}`

type Wish = { text: string; email: string; nowMs: number }

/** The invitation that the text is of, where it counts for the address. */
export async function findInvitation(db: Db, { text, email, nowMs }: Wish): Promise<InvitationTable | undefined> {
  if (!InvitationSecret.safeParse(text).success) return undefined
  const [, word = '', ...secret] = text.split('_')
  const row = await db
    .selectFrom('invitations')
    .selectAll()
    .where('id', '=', Id.parse(`inv_${word}`))
    .executeTakeFirst()
  if (!row || !fitsHash(secret.join('_'), row.secret_hash)) return undefined
  const isOpen = row.expires_at_ms > nowMs && row.uses < row.uses_max
  return isOpen && (row.email === null || row.email === email) ? row : undefined
}

/** Counts a use; one that is used up is forgotten with those that are over. */
export async function useInvitation(tx: Tx, { id, uses }: InvitationTable, nowMs: number): Promise<void> {
  await tx
    .updateTable('invitations')
    .set({ uses: uses + 1 })
    .where('id', '=', id)
    .execute()
  await tx
    .deleteFrom('invitations')
    .where((where) => where.or([where('expires_at_ms', '<=', nowMs), where('uses', '>=', where.ref('uses_max'))]))
    .execute()
}

/** The invitation as the API shows it. */
export const invitationOf = (row: InvitationTable): Invitation => ({
  id: row.id,
  role: row.role,
  usesMax: row.uses_max,
  uses: row.uses,
  createdAtMs: row.created_at_ms,
  expiresAtMs: row.expires_at_ms,
  ...(row.email === null ? {} : { email: row.email }),
})
