/** Found organisation: what each begins with: its record, the first entry of its trail, and how its first person comes in. */
import type { Actor } from '@skerry/contract/audit/audit'
import type { Role } from '@skerry/contract/people/permissions'
import type { KeyId, OrganisationId } from '@skerry/contract/values/ids'
import { appendAudit } from '../audit/audit-store.ts'
import type { Hub } from '../hub.ts'
import { hashSecret, keyTextOf } from '../keys/key-secret.ts'
import { insertKey } from '../keys/key-store.ts'
import { insertInvitation, invitationText } from '../people/invitations/invitation-store.ts'
import type { Tx } from '../store/store.ts'

type Founding = Pick<Hub, 'ids' | 'clock'>

/** Adds the organisation, and says so in the trail that begins with it. */
export async function foundOrganisation(
  tx: Tx,
  { clock }: Founding,
  { id, name, actor, detail }: { id: OrganisationId; name: string; actor: Actor; detail?: Record<string, string> },
): Promise<void> {
  const nowMs = clock.nowMs()
  await tx.insertInto('organisations').values({ id, name, created_at_ms: nowMs }).execute()
  await appendAudit(tx, {
    organisationId: id,
    atMs: nowMs,
    actor,
    action: 'organisation.created',
    result: 'ok',
    object: { kind: 'organisation', id },
    detail: { name, ...detail },
  })
}

type First = { organisationId: OrganisationId; role: Role }

/** Makes a key that no person has; gives its text, which is told once. */
export async function firstKey(
  tx: Tx,
  { ids, clock }: Founding,
  { organisationId, role, id, name }: First & { id: KeyId; name: string },
): Promise<string> {
  const secret = ids.secret()
  await insertKey(tx, {
    id,
    organisation_id: organisationId,
    name,
    role,
    secret_hash: hashSecret(secret),
    created_at_ms: clock.nowMs(),
    expires_at_ms: null,
    last_used_at_ms: null,
    revoked_at_ms: null,
    user_id: null,
    is_multi_factor: 0,
  })
  return keyTextOf({ id, secret })
}

/** Makes an invitation for one person; gives its text, which is told once. */
export async function inviteFirst(
  tx: Tx,
  { ids, clock }: Founding,
  { organisationId, role, email, lifeMs }: First & { email?: string | undefined; lifeMs: number },
) {
  const id = ids.invitation()
  const secret = ids.secret()
  const nowMs = clock.nowMs()
  const expiresAtMs = nowMs + lifeMs
  await insertInvitation(tx, {
    id,
    organisation_id: organisationId,
    secret_hash: hashSecret(secret),
    role,
    email: email ?? null,
    uses_max: 1,
    uses: 0,
    created_at_ms: nowMs,
    expires_at_ms: expiresAtMs,
  })
  return { text: invitationText(id, secret), expiresAtMs }
}
