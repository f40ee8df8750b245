/** DDI store: the records of devices that speak DDI. */
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { DdiRecord } from '@skerry/core/ddi/ddi-record'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { DdiDeviceTable } from '../store/tables/ddi/ddi-tables.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'

export type DdiRow = DdiDeviceTable & Pick<DeviceTable, 'name' | 'status'>

const ddiDevices = (db: Db) =>
  db
    .selectFrom('ddi_devices')
    .innerJoin('devices', 'devices.id', 'ddi_devices.device_id')
    .selectAll('ddi_devices')
    .select(['devices.name', 'devices.status'])

/** The device of a path of the protocol. */
export function findController(db: Db, tenant: string, controllerId: string): Promise<DdiRow | undefined> {
  return ddiDevices(db)
    .innerJoin('organisations', 'organisations.id', 'ddi_devices.organisation_id')
    .where('organisations.name', '=', tenant)
    .where('ddi_devices.controller_id', '=', controllerId)
    .executeTakeFirst()
}

/** Whether the organisation has a device with this name in paths. */
export async function isControllerTaken(
  db: Db,
  organisationId: OrganisationId,
  controllerId: string,
): Promise<boolean> {
  const row = await db
    .selectFrom('ddi_devices')
    .select('device_id')
    .where('organisation_id', '=', organisationId)
    .where('controller_id', '=', controllerId)
    .executeTakeFirst()
  return row !== undefined
}

export const findDdi = (db: Db, deviceId: DeviceId): Promise<DdiRow | undefined> =>
  ddiDevices(db).where('ddi_devices.device_id', '=', deviceId).executeTakeFirst()

export async function insertDdi(tx: Tx, row: DdiDeviceTable): Promise<void> {
  await tx.insertInto('ddi_devices').values(row).execute()
}

export async function setDdiToken(tx: Tx, deviceId: DeviceId, tokenHash: string): Promise<void> {
  await tx.updateTable('ddi_devices').set({ token_hash: tokenHash }).where('device_id', '=', deviceId).execute()
}

export async function storeRecord(tx: Tx, deviceId: DeviceId, record: DdiRecord): Promise<void> {
  await tx
    .updateTable('ddi_devices')
    .set({ record: toJson(record) })
    .where('device_id', '=', deviceId)
    .execute()
}

export const recordOf = ({ record }: Pick<DdiDeviceTable, 'record'>): DdiRecord => fromJson(record)

/** The name of an organisation, which is its tenant in the paths of the protocol. */
export async function tenantOf(db: Db, id: OrganisationId): Promise<string> {
  const row = await db.selectFrom('organisations').select('name').where('id', '=', id).executeTakeFirstOrThrow()
  return row.name
}
