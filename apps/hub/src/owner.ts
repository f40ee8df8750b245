/** Owner: the first organisation and its first key, made once, at the first start. */
import { appendAudit } from './audit/audit-store.ts'
import type { Hub } from './hub.ts'
import { hashSecret, keyTextOf } from './keys/key-secret.ts'
import { insertKey } from './keys/key-store.ts'

/** Tells people the key. Called before it counts: a key that nobody was told would lock everybody out. */
export type AnnounceOwner = (keyText: string, hub: Hub) => Promise<void>

const OWNER = { organisation: 'default', key: 'owner' } as const

/** Makes organisation and owner where there are none. */
export async function ensureOwner(hub: Hub, announce: AnnounceOwner): Promise<void> {
  const existing = await hub.store.db.selectFrom('organisations').select('id').limit(1).executeTakeFirst()
  if (existing) return
  const [organisationId, id, secret] = [hub.ids.organisation(), hub.ids.key(), hub.ids.secret()]
  const nowMs = hub.clock.nowMs()
  await hub.store.transaction(async (tx) => {
    await tx
      .insertInto('organisations')
      .values({ id: organisationId, name: OWNER.organisation, created_at_ms: nowMs })
      .execute()
    await insertKey(tx, {
      id,
      organisation_id: organisationId,
      name: OWNER.key,
      role: 'owner',
      secret_hash: hashSecret(secret),
      created_at_ms: nowMs,
      expires_at_ms: null,
      last_used_at_ms: null,
      revoked_at_ms: null,
    })
    await appendAudit(tx, {
      organisationId,
      atMs: nowMs,
      actor: { kind: 'hub', id: '', name: 'hub' },
      action: 'organisation.created',
      object: { kind: 'organisation', id: organisationId },
      result: 'ok',
      detail: { name: OWNER.organisation, ownerKey: id },
    })
    await announce(keyTextOf({ id, secret }), hub)
  })
}
