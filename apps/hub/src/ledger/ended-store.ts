/** Ended store: which keys, devices, tokens and organisations have ended by the database, and how they end again after a restore. */

import type { SigningKeyId } from '@skerry/contract/models/trust'
import type { DeviceId, JoinTokenId, KeyId, OrganisationId } from '@skerry/contract/values/ids'
import type { EndedRecords, EndedState } from '@skerry/core/ledger/ledger'
import type { Expression } from 'kysely'
import type { Db, Tx } from '../store/store.ts'

/** Rows of `ended` are about to be deleted: the ledger needs their ids afterwards. */
export async function endRecords(tx: Tx, ended: Expression<{ id: string }>): Promise<void> {
  await tx
    .insertInto('ended_records')
    .columns(['id'])
    .expression(ended)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

const DEVICE_STATES = ['revoked', 'wiped', 'wiping', 'quarantined'] as const

/** Everything that has ended and could still be presented to the hub. An expired credential does not count, whatever a backup says. */
export async function endedNow(db: Db, nowMs: number): Promise<EndedRecords> {
  const keys = await db
    .selectFrom('keys')
    .select('id')
    .where('revoked_at_ms', 'is not', null)
    .where((where) => where.or([where('expires_at_ms', 'is', null), where('expires_at_ms', '>', nowMs)]))
    .execute()
  const devices = await db.selectFrom('devices').select(['id', 'status']).where('status', 'in', DEVICE_STATES).execute()
  const tokens = await db
    .selectFrom('join_tokens')
    .select(['id', 'uses', 'revoked_at_ms'])
    .where('expires_at_ms', '>', nowMs)
    .where((where) => where.or([where('uses', '>', 0), where('revoked_at_ms', 'is not', null)]))
    .execute()
  const removed = await db.selectFrom('ended_records').select('id').execute()
  return Object.fromEntries<EndedState>([
    ...keys.map(({ id }) => [id, 'revoked'] as const),
    ...devices.map(({ id, status }) => [id, status as (typeof DEVICE_STATES)[number]] as const),
    ...tokens.map(({ id, uses, revoked_at_ms }) => [id, revoked_at_ms === null ? { uses } : 'revoked'] as const),
    ...removed.map(({ id }) => [id, 'removed'] as const),
    ...(await endedOrganisations(db)),
    ...(await endedSigningKeys(db)),
  ])
}

async function endedOrganisations(db: Db) {
  const rows = await db
    .selectFrom('organisations')
    .select(['id', 'removed_at_ms'])
    .where((where) => where.or([where('removed_at_ms', 'is not', null), where('disabled_at_ms', 'is not', null)]))
    .execute()
  return rows.map(({ id, removed_at_ms }) => [id, removed_at_ms === null ? 'disabled' : 'removed'] as const)
}

/** A signing key is known by its organisation and its own id together. */
const signingKeyOf = (row: { organisation_id: OrganisationId; key_id: SigningKeyId }) =>
  `${row.organisation_id}/${row.key_id}`

async function endedSigningKeys(db: Db) {
  const rows = await db
    .selectFrom('signing_keys')
    .select(['organisation_id', 'key_id'])
    .where('state', '=', 'revoked')
    .execute()
  return rows.map((row) => [signingKeyOf(row), 'revoked'] as const)
}

/** All ids that the database knows of the kinds that can end. */
export async function presentIds(db: Db): Promise<ReadonlySet<string>> {
  const signingKeys = await db.selectFrom('signing_keys').select(['organisation_id', 'key_id']).execute()
  const ids = new Set<string>(signingKeys.map(signingKeyOf))
  for (const table of ['keys', 'devices', 'join_tokens', 'organisations'] as const) {
    for (const { id } of await db.selectFrom(table).select('id').execute()) ids.add(id)
  }
  return ids
}

/** How many records of a kind ended again. */
export type EndedCounts = { keys: number; devices: number; tokens: number; organisations: number; signingKeys: number }

/** Ends again what the ledger names. Records that the database does not know cannot come back: it has no credential of theirs. */
export async function endAgain(tx: Tx, ended: EndedRecords, nowMs: number): Promise<EndedCounts> {
  const present = await presentIds(tx)
  const counts: EndedCounts = { keys: 0, devices: 0, tokens: 0, organisations: 0, signingKeys: 0 }
  for (const [id, state] of Object.entries(ended)) {
    if (!present.has(id)) continue
    const kind = kindOf(id)
    if (kind) counts[kind] += Number((await endOne(tx, { kind, id, state, nowMs })).numUpdatedRows)
  }
  return counts
}

function kindOf(id: string): keyof EndedCounts | undefined {
  if (id.includes('/')) return 'signingKeys'
  if (id.startsWith('key_')) return 'keys'
  if (id.startsWith('dev_')) return 'devices'
  if (id.startsWith('tok_')) return 'tokens'
  return id.startsWith('org_') ? 'organisations' : undefined
}

type Ending = { kind: keyof EndedCounts; id: string; state: EndedState; nowMs: number }

function endOne(tx: Tx, { kind, id, state, nowMs }: Ending): Promise<{ numUpdatedRows: bigint }> {
  switch (kind) {
    case 'keys':
      return tx
        .updateTable('keys')
        .set({ revoked_at_ms: nowMs })
        .where('id', '=', id as KeyId)
        .where('revoked_at_ms', 'is', null)
        .executeTakeFirstOrThrow()
    case 'devices':
      return endDevice(tx, id as DeviceId, state)
    case 'tokens':
      return endToken(tx, { id: id as JoinTokenId, state, nowMs })
    case 'organisations':
      return tx
        .updateTable('organisations')
        .set(state === 'removed' ? { removed_at_ms: nowMs, disabled_at_ms: nowMs } : { disabled_at_ms: nowMs })
        .where('id', '=', id as OrganisationId)
        .where(state === 'removed' ? 'removed_at_ms' : 'disabled_at_ms', 'is', null)
        .executeTakeFirstOrThrow()
    case 'signingKeys':
      return endSigningKey(tx, id)
  }
}

/** A device that was removed is revoked: its key gets no other certificate until a person removes it again. */
function endDevice(tx: Tx, id: DeviceId, state: EndedState) {
  const status = DEVICE_STATES.find((known) => known === state) ?? 'revoked'
  return tx
    .updateTable('devices')
    .set({ status })
    .where('id', '=', id)
    .where('status', 'not in', ['revoked', 'wiped', status])
    .executeTakeFirstOrThrow()
}

function endToken(tx: Tx, { id, state, nowMs }: { id: JoinTokenId; state: EndedState; nowMs: number }) {
  const token = tx.updateTable('join_tokens').where('id', '=', id)
  if (typeof state === 'object') {
    return token.set({ uses: state.uses }).where('uses', '<', state.uses).executeTakeFirstOrThrow()
  }
  return token.set({ revoked_at_ms: nowMs }).where('revoked_at_ms', 'is', null).executeTakeFirstOrThrow()
}

/** The key that the hub signs with stays: nothing could be pushed without one. A person rotates it, as docs/running.md says. */
function endSigningKey(tx: Tx, id: string) {
  const [organisation = '', key = ''] = id.split('/')
  return tx
    .updateTable('signing_keys')
    .set({ state: 'revoked' })
    .where('organisation_id', '=', organisation as OrganisationId)
    .where('key_id', '=', key as SigningKeyId)
    .where('state', '<>', 'revoked')
    .where((where) => where.or([where('kind', '<>', 'hub'), where('state', '<>', 'active')]))
    .executeTakeFirstOrThrow()
}
