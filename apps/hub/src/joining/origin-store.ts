/** Origin store: how devices asked to be let in, and which of them wait for a person. */

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

/** Keeps how the device asks now. */
export async function keepOrigin(tx: Tx, asked: Asked): Promise<void> {
  const row = rowOf(asked)
  await tx
    .insertInto('device_origins')
    .values(row)
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet(row))
    .execute()
}

/** A device that waits asks every few seconds; a minute is exact enough for people. */
const KEEP_MS = 60_000

/** Whether what is kept of the device's asking is older than people would like, or of another place. */
export async function isOriginOld(db: Db, { device, source, nowMs }: Omit<Asked, 'input'>): Promise<boolean> {
  const row = await db
    .selectFrom('device_origins')
    .select(['asked_at_ms', 'source'])
    .where('device_id', '=', device.id)
    .executeTakeFirst()
  return row === undefined || row.source !== source || nowMs - row.asked_at_ms >= KEEP_MS
}

/** Whether another device, with another key, has the serial number, and is not refused. */
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

/** Devices that wait, with how they asked; those of an older hub have no such row. */
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

/** One page of them, by name. */
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

/** So many are forgotten in one go. */
const EXPIRED_MAX = 100

/** Requests that nobody has decided on in time, of whatever organisation. */
export const expiredRequests = (db: Db, nowMs: number) =>
  waiting(db)
    .where('devices.created_at_ms', '<=', nowMs - REQUEST_LIFE_MS)
    .limit(EXPIRED_MAX)
    .execute()

/** As the API shows it. */
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
