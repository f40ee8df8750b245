/** Expected store: the announced devices, with the device that has joined for each. */
import type { ExpectedDevice } from '@skerry/contract/devices/expected-device'
import type { DeviceId, ExpectedDeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { fromJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { ExpectedDeviceTable } from '../store/tables/access/joining-tables.ts'

const expected = (db: Db) =>
  db
    .selectFrom('expected_devices')
    .innerJoin('sites', 'sites.id', 'expected_devices.site_id')
    .leftJoin('devices', 'devices.id', 'expected_devices.device_id')
    .selectAll('expected_devices')
    .select(['sites.name as site', 'devices.name as device'])

export type ExpectedRow = ExpectedDeviceTable & { site: string; device: string | null }

type Organised = { organisationId: OrganisationId }

/** One page of announcements, by id. */
export function listExpected(
  db: Db,
  { organisationId, limit, after }: Organised & { limit: number; after: string | undefined },
): Promise<ExpectedRow[]> {
  return expected(db)
    .where('expected_devices.organisation_id', '=', organisationId)
    .$if(after !== undefined, (select) => select.where('expected_devices.id', '>', (after ?? '') as ExpectedDeviceId))
    .orderBy('expected_devices.id')
    .limit(limit)
    .execute()
}

export type Claim = Organised & { keyFingerprint: string; serial: string | undefined }

/**
 * The announcement for a machine with this key and serial number. An announcement with the key comes first. If an
 * announcement names another key, it does not match, even if the serial number does.
 */
export async function findExpected(
  db: Db,
  { organisationId, keyFingerprint, serial }: Claim,
): Promise<ExpectedRow | undefined> {
  const rows = await expected(db)
    .where('expected_devices.organisation_id', '=', organisationId)
    .where((eb) =>
      eb.or([
        eb('expected_devices.key_fingerprint', '=', keyFingerprint),
        ...(serial === undefined ? [] : [eb('expected_devices.serial', '=', serial)]),
      ]),
    )
    .execute()
  const meant = rows.filter(
    (row) =>
      (row.key_fingerprint === null || row.key_fingerprint === keyFingerprint) &&
      (row.serial === null || row.serial === serial),
  )
  return meant.find((row) => row.key_fingerprint !== null) ?? meant[0]
}

/** The first of these announcements that exists already, by serial number or key. */
export async function findAnnounced(
  tx: Tx,
  {
    organisationId,
    serial,
    keyFingerprint,
  }: Organised & { serial: string | undefined; keyFingerprint: string | undefined },
): Promise<ExpectedRow | undefined> {
  return expected(tx)
    .where('expected_devices.organisation_id', '=', organisationId)
    .where((eb) =>
      eb.or([
        ...(serial === undefined ? [] : [eb('expected_devices.serial', '=', serial)]),
        ...(keyFingerprint === undefined ? [] : [eb('expected_devices.key_fingerprint', '=', keyFingerprint)]),
      ]),
    )
    .executeTakeFirst()
}

export async function insertExpected(tx: Tx, row: ExpectedDeviceTable): Promise<void> {
  await tx.insertInto('expected_devices').values(row).execute()
}

/** Assigns the device to the announcement; false if another device has it. */
export async function takeExpected(
  tx: Tx,
  { id, deviceId, nowMs }: { id: ExpectedDeviceId; deviceId: DeviceId; nowMs: number },
): Promise<boolean> {
  const result = await tx
    .updateTable('expected_devices')
    .set({ device_id: deviceId, joined_at_ms: nowMs })
    .where('id', '=', id)
    .where('device_id', 'is', null)
    .executeTakeFirst()
  return Number(result.numUpdatedRows) > 0
}

/** Deletes the announcement and returns it; undefined if the organisation has none of that id. */
export async function removeExpected(
  tx: Tx,
  { organisationId, id }: Organised & { id: ExpectedDeviceId },
): Promise<ExpectedRow | undefined> {
  const row = await expected(tx)
    .where('expected_devices.organisation_id', '=', organisationId)
    .where('expected_devices.id', '=', id)
    .executeTakeFirst()
  if (row) await tx.deleteFrom('expected_devices').where('id', '=', id).execute()
  return row
}

/** The announcement as the API shows it. */
export const expectedOf = (row: ExpectedRow): ExpectedDevice => ({
  id: row.id,
  ...(row.serial !== null && { serial: row.serial }),
  ...(row.key_fingerprint !== null && { keyFingerprint: row.key_fingerprint }),
  site: row.site,
  ...(row.name !== null && { name: row.name }),
  labels: fromJson(row.labels),
  by: row.created_by,
  createdAtMs: row.created_at_ms,
  ...(row.device_id !== null &&
    row.device !== null && { device: { id: row.device_id, name: row.device, joinedAtMs: row.joined_at_ms ?? 0 } }),
})
