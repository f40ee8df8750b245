/** Origin store: the last join request of each device, and the devices that wait for a person. */

import type { JoinRequest, WaitingDevice } from '@skerry/contract/joining/join'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { REQUEST_LIFE_MS } from '@skerry/core/joining/join-admission'
import type { ExpressionBuilder } from 'kysely'
import { fromJson } from '../store/json-column.ts'
import type { Db, Tables, Tx } from '../store/store.ts'
import type { DeviceOriginTable } from '../store/tables/access/joining-tables.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'

type Asked = {
  device: Pick<DeviceTable, 'id' | 'organisation_id'>
  input: Pick<JoinRequest, 'serial'> & {
    inventory: Pick<JoinRequest['inventory'], 'hostname' | 'os' | 'arch' | 'cpuModel'>
  }
  source: string
  nowMs: number
}

const rowOf = ({ device, input, source, nowMs }: Asked): DeviceOriginTable => ({
  device_id: device.id,
  organisation_id: device.organisation_id,
  source,
  serial: input.serial ?? null,
  hostname: input.inventory.hostname,
  machine: `${input.inventory.os}, ${input.inventory.arch}, ${input.inventory.cpuModel}`,
  asked_at_ms: nowMs,
})

/** Stores the present request of the device. */
export async function keepOrigin(tx: Tx, asked: Asked): Promise<void> {
  const row = rowOf(asked)
  await tx
    .insertInto('device_origins')
    .values(row)
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet(row))
    .execute()
}

/** A pending device sends a request every few seconds. People need no more than a minute's accuracy. */
const KEEP_MS = 60_000

/** Whether the stored request is older than that, or came from another address. */
export async function isOriginOld(db: Db, { device, source, nowMs }: Omit<Asked, 'input'>): Promise<boolean> {
  const row = await db
    .selectFrom('device_origins')
    .select(['asked_at_ms', 'source'])
    .where('device_id', '=', device.id)
    .executeTakeFirst()
  return row === undefined || row.source !== source || nowMs - row.asked_at_ms >= KEEP_MS
}

/** Whether another device with another key has the serial number, and may still connect. */
const isSerialInUse = (eb: ExpressionBuilder<Tables, 'devices' | 'device_origins'>) =>
  eb.exists(
    eb
      .selectFrom('device_origins as others')
      .innerJoin('devices as owners', 'owners.id', 'others.device_id')
      .select('others.device_id')
      .whereRef('others.organisation_id', '=', 'devices.organisation_id')
      .whereRef('others.serial', '=', 'device_origins.serial')
      .whereRef('others.device_id', '<>', 'devices.id')
      .where('owners.status', 'not in', ['revoked', 'wiped']),
  )

/** Pending devices with their requests; devices of an older hub have no such row. */
const waiting = (db: Db) =>
  db
    .selectFrom('devices')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .leftJoin('device_origins', 'device_origins.device_id', 'devices.id')
    .where('devices.status', '=', 'pending')
    .select(['devices.id', 'devices.name', 'devices.labels', 'devices.public_key_hash', 'devices.join_token_id'])
    .select(['devices.organisation_id', 'devices.created_at_ms', 'sites.name as site'])
    .select(['device_origins.source', 'device_origins.serial', 'device_origins.hostname'])
    .select(['device_origins.machine', 'device_origins.asked_at_ms'])
    .select((eb) => isSerialInUse(eb).as('is_serial_in_use'))

type WaitingRow = Awaited<ReturnType<typeof waitingDevices>>[number]

/** One page of pending devices, by name. */
export function waitingDevices(
  db: Db,
  { organisationId, limit, after }: { organisationId: OrganisationId; limit: number; after: string | undefined },
) {
  return waiting(db)
    .where('devices.organisation_id', '=', organisationId)
    .$if(after !== undefined, (select) => select.where('devices.name', '>', after ?? ''))
    .orderBy('devices.name')
    .limit(limit)
    .execute()
}

/** Requests that one transaction deletes. */
const EXPIRED_MAX = 100

/** Requests of all organisations on which nobody decided in time. */
export const expiredRequests = (db: Db, nowMs: number) =>
  waiting(db)
    .where('devices.created_at_ms', '<=', nowMs - REQUEST_LIFE_MS)
    .limit(EXPIRED_MAX)
    .execute()

/** The pending device as the API shows it. */
export const waitingDeviceOf = (row: WaitingRow): WaitingDevice => ({
  id: row.id,
  name: row.name,
  site: row.site,
  labels: fromJson(row.labels),
  token: row.join_token_id,
  keyFingerprint: row.public_key_hash,
  ...(row.serial !== null && { serial: row.serial }),
  ...(row.hostname !== null && { hostname: row.hostname }),
  ...(row.machine !== null && { machine: row.machine }),
  ...(row.source !== null && { source: row.source }),
  ...(row.is_serial_in_use && { notice: 'serial-in-use' as const }),
  requestedAtMs: row.created_at_ms,
  askedAtMs: row.asked_at_ms ?? row.created_at_ms,
  expiresAtMs: row.created_at_ms + REQUEST_LIFE_MS,
})
