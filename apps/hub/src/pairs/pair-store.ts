/** Pair store: pairs as records, and the reports of their devices. */
import type { HeldPairs } from '@skerry/contract/held/pairs'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
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

export const insertPair = (tx: Tx, row: PairTable) => tx.insertInto('pairs').values(row).execute()

/** Orders one more planned switch. */
export const switchPair = (tx: Tx, { id, turn }: Pick<PairTable, 'id' | 'turn'>, to: DeviceId) =>
  tx
    .updateTable('pairs')
    .set({ turn: turn + 1, turn_to: to })
    .where('id', '=', id)
    .execute()

export const deletePair = (tx: Tx, { id }: Pick<PairTable, 'id'>) =>
  tx.deleteFrom('pairs').where('id', '=', id).execute()

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
