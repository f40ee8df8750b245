/** Pair store: pairs as records, and the reports of their devices. */
import { ENDED_PAIRS_MAX, type HeldPairs } from '@skerry/contract/held/pairs'
import type { DeviceId, OrganisationId, PairId } from '@skerry/contract/values/ids'
import type { HeldPlace } from '../held/held-document.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { PairTable } from '../store/tables/devices/pair-tables.ts'

/** All pairs of the organisation, by name. */
export const listPairs = (db: Db, organisationId: OrganisationId): Promise<PairTable[]> =>
  db.selectFrom('pairs').selectAll().where('organisation_id', '=', organisationId).orderBy('name').execute()

/** Undefined if there is none. */
export const findPair = (db: Db, organisationId: OrganisationId, name: string): Promise<PairTable | undefined> =>
  db
    .selectFrom('pairs')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .executeTakeFirst()

/** The pairs in which one of the devices takes part. */
export const pairsOf = (db: Db, organisationId: OrganisationId, ids: readonly DeviceId[]): Promise<PairTable[]> =>
  db
    .selectFrom('pairs')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where((eb) => eb.or([eb('first_id', 'in', ids), eb('second_id', 'in', ids), eb('witness_id', 'in', ids)]))
    .orderBy('id')
    .execute()

/**
 * Locks the rows of devices until the transaction ends, always in the same order. Otherwise two hubs could each make a
 * pair with one device, or remove it meanwhile. An update locks in both databases.
 */
export async function lockDevices(tx: Tx, ids: readonly DeviceId[]): Promise<void> {
  for (const id of ids.toSorted()) {
    await tx
      .updateTable('devices')
      .set((eb) => ({ revision: eb.ref('revision') }))
      .where('id', '=', id)
      .execute()
  }
}

export const insertPair = (tx: Tx, row: PairTable) => tx.insertInto('pairs').values(row).execute()

/** Orders one more planned switch. */
export const switchPair = (tx: Tx, { id }: Pick<PairTable, 'id'>, to: DeviceId) =>
  tx
    .updateTable('pairs')
    // Two hubs may order a switch at the same time. Each one is a turn of its own.
    .set((eb) => ({ turn: eb('turn', '+', 1), turn_to: to }))
    .where('id', '=', id)
    .execute()

/** Ends a pair. Its devices learn it from the record that stays. */
export async function endPair(tx: Tx, row: PairTable, nowMs: number): Promise<void> {
  const { id, organisation_id, first_id, second_id, witness_id } = row
  await tx.deleteFrom('pairs').where('id', '=', id).execute()
  const ended = { id, organisation_id, first_id, second_id, witness_id, ended_at_ms: nowMs }
  await tx.insertInto('ended_pairs').values(ended).execute()
}

/** The newest ended pairs in which the device took part. */
export async function endedPairsOf(db: Db, organisationId: OrganisationId, id: DeviceId): Promise<PairId[]> {
  const rows = await db
    .selectFrom('ended_pairs')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where((eb) => eb.or([eb('first_id', '=', id), eb('second_id', '=', id), eb('witness_id', '=', id)]))
    .orderBy('ended_at_ms', 'desc')
    .orderBy('id')
    .limit(ENDED_PAIRS_MAX)
    .execute()
  return rows.map((row) => row.id)
}

/** The last reports of these devices. */
export async function pairReports(db: Db, ids: readonly DeviceId[]): Promise<Map<DeviceId, HeldPairs>> {
  if (ids.length === 0) return new Map()
  const rows = await db.selectFrom('pair_reports').selectAll().where('device_id', 'in', ids).execute()
  return new Map(rows.map(({ device_id, said }) => [device_id, fromJson(said)]))
}

/** Stores the report of a device. */
export async function savePairReport(
  tx: Tx,
  { deviceId, organisationId }: HeldPlace,
  held: HeldPairs,
  nowMs: number,
): Promise<void> {
  const row = { said: toJson(held), said_at_ms: nowMs }
  await tx
    .insertInto('pair_reports')
    .values({ device_id: deviceId, organisation_id: organisationId, ...row })
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet(row))
    .execute()
}
