/** Another organisation on a hub for tests. */
import { hashSecret, keyTextOf } from '../../src/keys/key-secret.ts'
import { insertKey } from '../../src/keys/key-store.ts'
import type { TestHub } from './running-hub.ts'

/** Makes it, and gives the key of its owner. */
export async function otherOrganisation({ hub: { store, ids, clock } }: TestHub, name: string): Promise<string> {
  const organisationId = ids.organisation()
  const id = ids.key()
  const secret = ids.secret()
  const nowMs = clock.nowMs()
  await store.transaction(async (tx) => {
    await tx.insertInto('organisations').values({ id: organisationId, name, created_at_ms: nowMs }).execute()
    await insertKey(tx, {
      id,
      organisation_id: organisationId,
      name: 'owner',
      role: 'owner',
      secret_hash: hashSecret(secret),
      created_at_ms: nowMs,
      expires_at_ms: null,
      last_used_at_ms: null,
      revoked_at_ms: null,
      user_id: null,
      is_multi_factor: 0,
    })
  })
  return keyTextOf({ id, secret })
}
