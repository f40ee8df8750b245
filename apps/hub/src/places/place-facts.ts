/** Place facts: the stored facts by which a placement policy chooses among the selected devices. */
import type { Placement } from '@skerry/contract/places/placement'
import type { Site } from '@skerry/contract/sites/site'
import type { DeploymentId, DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { Labels } from '@skerry/contract/values/names'
import type { PlaceCandidate, PlacedReplica, PlaceFacts } from '@skerry/core/places/place'
import { latencyStep } from '@skerry/core/places/round-trip'
import type { SelectorFacts } from '@skerry/core/selectors/selector'
import type { Db } from '../store/store.ts'
import { type Companions, companionsOf } from './companions.ts'
import { reservedOf } from './reserve-store.ts'

/** The labels of a device or its site that state a cost per hour, and milliseconds to the callers. */
export const COST_LABEL = 'cost'
export const LATENCY_LABEL = 'latency-ms'

/** The label of a device or its site that states the number of deployments for which a device has room. */
export const CAPACITY_LABEL = 'capacity'

/** Moves without need count against the budget for this time. */
const MOVE_MS = 3_600_000

type Deployment = { id: DeploymentId; organisationId: OrganisationId; spec: { placement?: Placement | undefined } }
type Selected = { deviceId: DeviceId; facts: SelectorFacts; silentSeconds: number }
type Question = { candidates: readonly Selected[]; nowMs: number }

export async function placeFacts(db: Db, deployment: Deployment, { candidates, nowMs }: Question): Promise<PlaceFacts> {
  const loads = await loadsOf(db, deployment)
  const trips = await roundTripsOf(db, deployment)
  const { organisationId, spec } = deployment
  const companions = await companionsOf(db, { organisationId, policy: spec.placement })
  return {
    candidates: candidates.map((device) => candidateOf(device, { loads, trips, companions })),
    current: await replicasOf(db, deployment),
    recentMoves: await recentMoves(db, deployment, nowMs),
    reserved: await reservedOf(db, deployment),
  }
}

type Measured = {
  loads: ReadonlyMap<DeviceId, number>
  trips: ReadonlyMap<DeviceId, number>
  companions: Companions
}

function candidateOf(
  { deviceId, facts: { device, site }, silentSeconds }: Selected,
  measured: Measured,
): PlaceCandidate {
  const labels = { ...site.labels, ...device.labels }
  const latencyMs = numberOf(labels[LATENCY_LABEL]) ?? measured.trips.get(deviceId)
  const load = measured.loads.get(deviceId) ?? 0
  const place = { name: site.name, kind: site.kind, country: site.country, clearance: site.clearance }
  const distance = measured.companions.distanceTo({ id: deviceId, site: site.name, country: site.country })
  const isTaken = measured.companions.isTaken(deviceId)
  const stated = { clearance: device.statedClearance, country: device.statedCountry }
  const own = {
    id: deviceId,
    name: device.name,
    site: place,
    silentSeconds,
    latencyMs,
    load,
    distance,
    isTaken,
    stated,
  }
  return { ...own, ...pricesOf(labels), ...lineOf(labels, device) }
}

const pricesOf = (labels: Labels) => ({
  cost: numberOf(labels[COST_LABEL]),
  capacity: numberOf(labels[CAPACITY_LABEL]),
  requestCost: numberOf(labels['cost-per-request']),
  energyWatts: numberOf(labels['energy-watts']),
  purposes: labels.purposes?.split(/[\s,]+/).filter(Boolean),
})

/** A label counts before the measurement of the device: a person may know a line that is idle. */
const lineOf = (labels: Labels, device: Partial<SelectorFacts['device']>) => ({
  bandwidthMbps: numberOf(labels['bandwidth-mbps']) ?? device.bandwidthMbps,
  lossPercent: numberOf(labels['loss-percent']) ?? device.lossPercent,
  isMetered: METERED[labels.metered ?? ''] ?? device.metered,
})

const METERED: Readonly<Record<string, boolean>> = { true: true, yes: true, false: false, no: false }

/** A device that the site would get: as its labels say, idle, and with the latency that they state. */
export function newDeviceAt({ name, kind, country, clearance, labels }: Site): Omit<PlaceCandidate, 'id' | 'name'> {
  const latencyMs = numberOf(labels[LATENCY_LABEL])
  return {
    site: { name, kind, country, clearance },
    silentSeconds: 0,
    ...pricesOf(labels),
    ...lineOf(labels, {}),
    latencyMs,
    load: 0,
  }
}

/** Undefined for a text that is no number from 0: an unknown fact, never a cheap one. */
function numberOf(text: string | undefined): number | undefined {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) && value >= 0 ? value : undefined
}

/**
 * For each device, the number of other deployments that it reports or was promised. A promise counts at once: otherwise
 * two deployments would fill the same device before it has reported either of them.
 */
async function loadsOf(db: Db, { id, organisationId }: Deployment): Promise<Map<DeviceId, number>> {
  const reported = db
    .selectFrom('device_items')
    .select(['device_id', 'deployment_id'])
    .where('organisation_id', '=', organisationId)
  const promised = db
    .selectFrom('placement_picks')
    .select(['device_id', 'deployment_id'])
    .where('organisation_id', '=', organisationId)
  const rows = await db
    .selectFrom(reported.union(promised).as('loads'))
    .select(({ fn }) => ['device_id', fn.countAll<number>().as('count')])
    .where('deployment_id', '<>', id)
    .groupBy('device_id')
    .execute()
  return new Map(rows.map(({ device_id, count }) => [device_id, Number(count)]))
}

/** The measured round trips to the hub, in steps. */
async function roundTripsOf(db: Db, { organisationId }: Deployment): Promise<Map<DeviceId, number>> {
  const rows = await db
    .selectFrom('device_round_trips')
    .innerJoin('devices', 'devices.id', 'device_round_trips.device_id')
    .select(['device_round_trips.device_id', 'device_round_trips.round_trip_ms'])
    .where('devices.organisation_id', '=', organisationId)
    .execute()
  return new Map(rows.map(({ device_id, round_trip_ms }) => [device_id, latencyStep(round_trip_ms)]))
}

/** The devices that have a replica, and whether they serve by their last reports. */
async function replicasOf(db: Db, { id }: Deployment): Promise<PlacedReplica[]> {
  const rows = await db
    .selectFrom('placement_picks')
    .leftJoin('device_items', (join) =>
      join
        .onRef('device_items.device_id', '=', 'placement_picks.device_id')
        .onRef('device_items.deployment_id', '=', 'placement_picks.deployment_id'),
    )
    .select(['placement_picks.device_id', 'placement_picks.leaving', 'device_items.serving_version'])
    .where('placement_picks.deployment_id', '=', id)
    .execute()
  const byDevice = Map.groupBy(rows, ({ device_id }) => device_id)
  return [...byDevice].map(([deviceId, items]) => ({
    id: deviceId,
    isActive: items.some(({ serving_version }) => serving_version !== null),
    isLeaving: items.some(({ leaving }) => leaving !== null),
  }))
}

async function recentMoves(db: Db, { id }: Deployment, nowMs: number): Promise<number> {
  const { sum } = await db
    .selectFrom('placement_moves')
    .select(({ fn }) => fn.sum<number | null>('moves').as('sum'))
    .where('deployment_id', '=', id)
    .where('at_ms', '>', nowMs - MOVE_MS)
    .executeTakeFirstOrThrow()
  return Number(sum ?? 0)
}
