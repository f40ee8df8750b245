/**
 * Ways in: everything beside the password that opens an account. A thief who was in for a minute may have added one of each, so a reset shows
 * and removes them.
 */

import type { WaysIn } from '@skerry/contract/devices/reset'
import type { KeyId, UserId } from '@skerry/contract/values/ids'
import { revokeKey } from '../keys/key-store.ts'
import { issuerOf, linkedProviders } from '../sso/provider-account-store.ts'
import type { ProviderConfig } from '../sso/provider-file.ts'
import type { Db, Tx } from '../store/store.ts'
import { passkeysOf } from './factors/passkey-store.ts'
import { findFactor, removeFactor } from './factors/second-factor.ts'

type Asked = { userId: UserId; nowMs: number; providers: readonly Pick<ProviderConfig, 'label' | 'issuer'>[] }

/** What there is now, in all organisations of the person. */
export async function waysInOf(db: Db, { userId, nowMs, providers }: Asked): Promise<WaysIn> {
  const passkeys = await passkeysOf(db, userId)
  const linked = await linkedProviders(db, userId)
  const factor = await findFactor(db, userId)
  const labelOf = (issuer: string) => providers.find((each) => each.issuer === issuer)?.label ?? issuer
  return {
    passkeys: passkeys.map(({ name }) => name),
    providers: linked.flatMap((id) => issuerOf(id) ?? []).map(labelOf),
    hasSecondFactor: factor !== undefined && factor.confirmed_at_ms !== null,
    keys: await personalKeysOf(db, userId, nowMs),
  }
}

/** Personal keys that count. */
const personalKeysOf = (db: Db, userId: UserId, nowMs: number): Promise<WaysIn['keys']> =>
  db
    .selectFrom('keys')
    .innerJoin('organisations', 'organisations.id', 'keys.organisation_id')
    .select(['keys.id', 'keys.name', 'organisations.name as organisation'])
    .where('keys.user_id', '=', userId)
    .where('keys.revoked_at_ms', 'is', null)
    .where((where) => where.or([where('keys.expires_at_ms', 'is', null), where('keys.expires_at_ms', '>', nowMs)]))
    .orderBy('keys.created_at_ms', 'desc')
    .execute()

/** Removes all of them but the password. Keys are revoked by `revokePersonalKeys`. */
export async function dropWaysIn(tx: Tx, userId: UserId): Promise<void> {
  await removeFactor(tx, userId)
  await tx.deleteFrom('passkeys').where('user_id', '=', userId).execute()
  await tx.deleteFrom('user_accounts').where('user_id', '=', userId).where('provider_id', '!=', 'credential').execute()
}

/** Revokes the keys, and forgets command lines that somebody has agreed to and that have not fetched their key yet. */
export async function revokePersonalKeys(
  tx: Tx,
  userId: UserId,
  { keys, nowMs }: { keys: readonly KeyId[]; nowMs: number },
): Promise<void> {
  await tx.deleteFrom('logins').where('user_id', '=', userId).execute()
  const rows = tx.selectFrom('keys').select(['id', 'organisation_id']).where('user_id', '=', userId)
  for (const { id, organisation_id } of await rows.execute()) {
    if (keys.includes(id)) await revokeKey(tx, { organisationId: organisation_id, id, nowMs })
  }
}
