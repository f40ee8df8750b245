/** Part store: the traffic of models in parts of the clock, of all devices together and of each one. */
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { addTraffic, bucketsOf, shortLatency, type TrafficCounts } from '@skerry/core/traffic/counts'
import { DAY_MS } from '@skerry/core/traffic/parts'
import { slower, type TrafficAxis, type TrafficRow } from '@skerry/core/traffic/points'
import { fromJson, toJson } from '../store/json-column.ts'
import { piecesOf } from '../store/many-rows.ts'
import type { Db, Tx } from '../store/store.ts'
import type { TrafficCounterTable, TrafficPartTable } from '../store/tables/traffic/traffic-tables.ts'

/** The key of the parts that one chart reads, without their time. `deviceId`: empty for all devices together. */
export type PartOwner = { deviceId: DeviceId | ''; organisationId: OrganisationId; model: string }

export type OwnedPart = PartOwner & TrafficRow

type Columns = Pick<TrafficCounterTable, 'requests' | 'failures' | 'dropped' | 'latency'>

/** PostgreSQL gives wide numbers as texts. */
export const countsIn = ({ requests, failures, dropped, latency }: Columns): TrafficCounts => ({
  requests: Number(requests),
  failures: Number(failures),
  dropped: Number(dropped),
  latency: latency === null ? [] : bucketsOf(fromJson(latency)),
})

export function countColumns({ requests, failures, dropped, latency }: TrafficCounts): Columns {
  const short = shortLatency(latency)
  return { requests, failures, dropped, latency: short ? toJson(short) : null }
}

export const partIn = (row: TrafficPartTable): OwnedPart => ({
  deviceId: row.device_id,
  organisationId: row.organisation_id,
  model: row.model,
  version: row.version,
  startMs: Number(row.start_ms),
  stepMs: row.step_ms,
  counts: countsIn(row),
  ...(row.slowest !== null &&
    row.slowest_us !== null && { slowest: { device: row.slowest, p95Us: Number(row.slowest_us) } }),
})

const rowOf = (part: OwnedPart): TrafficPartTable => ({
  ...keyOf(part),
  ...countColumns(part.counts),
  slowest: part.slowest?.device ?? null,
  slowest_us: part.slowest?.p95Us ?? null,
})

const keyOf = ({ deviceId, organisationId, model, startMs, stepMs, version }: OwnedPart) => ({
  device_id: deviceId,
  organisation_id: organisationId,
  model,
  start_ms: startMs,
  step_ms: stepMs,
  version,
})

const keyText = (part: OwnedPart) => JSON.stringify(Object.values(keyOf(part)))

/** Adds the parts to those of the same key. */
export async function addParts(tx: Tx, parts: readonly OwnedPart[]): Promise<void> {
  const added = new Map<string, OwnedPart>()
  for (const part of parts) added.set(keyText(part), merged(added.get(keyText(part)), part))
  for (const piece of piecesOf([...added.values()])) {
    const known = await tx
      .selectFrom('traffic_parts')
      .selectAll()
      .where(({ or, and }) => or(piece.map((part) => and(keyOf(part)))))
      .execute()
    const before = new Map(known.map((row) => [keyText(partIn(row)), partIn(row)]))
    await tx
      .insertInto('traffic_parts')
      .values(piece.map((part) => rowOf(merged(before.get(keyText(part)), part))))
      .onConflict((conflict) =>
        conflict
          .columns(['device_id', 'organisation_id', 'model', 'start_ms', 'step_ms', 'version'])
          .doUpdateSet((eb) => Object.fromEntries(ADDED.map((name) => [name, eb.ref(`excluded.${name}`)]))),
      )
      .execute()
  }
}

const ADDED = ['requests', 'failures', 'dropped', 'latency', 'slowest', 'slowest_us'] as const

function merged(before: OwnedPart | undefined, part: OwnedPart): OwnedPart {
  if (!before) return part
  const { slowest: _, ...rest } = part
  const slowest = slower(before.slowest, part.slowest)
  return { ...rest, counts: addTraffic(before.counts, part.counts), ...(slowest && { slowest }) }
}

/** A year of one version on all devices has some 3,000. */
const PARTS_READ_MAX = 20_000

type PartQuery = PartOwner & TrafficAxis & { version?: number | undefined }

/** The parts that overlap the axis, oldest first. If there are more than the limit, the newest ones. */
export async function partsIn(
  db: Db,
  { deviceId, organisationId, model, version, fromMs, toMs }: PartQuery,
): Promise<OwnedPart[]> {
  const rows = await db
    .selectFrom('traffic_parts')
    .selectAll()
    .where('device_id', '=', deviceId)
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    // The longest part begins a day before its end.
    .where('start_ms', '>', fromMs - DAY_MS)
    .where('start_ms', '<', toMs)
    .$if(version !== undefined, (select) => select.where('version', '=', version ?? 0))
    .orderBy('start_ms', 'desc')
    .limit(PARTS_READ_MAX)
    .execute()
  return rows
    .map(partIn)
    .filter(({ startMs, stepMs }) => startMs + stepMs > fromMs)
    .toReversed()
}

/** The device has no series of its own any more. */
export async function deleteParts(tx: Tx, deviceId: DeviceId): Promise<void> {
  await tx.deleteFrom('traffic_parts').where('device_id', '=', deviceId).execute()
}
