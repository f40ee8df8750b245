/**
 * Relief: frees devices for a deployment that has none left, if other deployments can use other devices. Each policy chooses
 * for itself, so without it the first deployment could hold the only device that the second one may use.
 *
 * It finds augmenting paths [Berge 1957]: a replica without a device takes a full one, whose replica takes another one, and
 * so on to a device with room. The shortest path moves the fewest replicas. When no path is left, no other assignment has
 * fewer replicas without a device. A mixed-integer solver finds the same number, and takes seconds for it (ADR 57).
 *
 * A path is a chain of deployments, and there are far fewer of them than devices: `relief-ways.ts` groups the devices by the
 * two deployments that could exchange them, so that a search looks at pairs of deployments and not at devices.
 */
import type { PlaceVerdict } from '@skerry/contract/places/placement'
import type { DeviceId } from '@skerry/contract/values/ids'
import type { Placing } from './place.ts'
import { type Claimant, type Fleet, nextFree, nextHeld, swap, takeRoom } from './relief-ways.ts'

/** A deployment with its decision. */
export type Placed = {
  id: string
  /** Whether another device is as good for its replicas: not if the policy wants each device, or one at each site. */
  isMovable: boolean
  placing: Pick<Placing, 'candidates' | 'unmet'>
}

/** The devices that each deployment must leave to others, or must not take. Deployments without any are absent. */
export type Reserves = ReadonlyMap<string, ReadonlySet<DeviceId>>

export type Relief = {
  reserves: Reserves
  /**
   * A limit ended the search. The reserves are valid, and help some of the replicas without a device; others could be helped,
   * too. The next look continues, because the helped ones have their devices by then.
   */
  isStopped: boolean
}

export type ReliefLimits = { stepsMax: number; pathsMax: number }

/**
 * Steps: a part of a second, and 80 MB of groups. Paths: each closes its devices to all other deployments, so those of one look
 * are 100,000 rows with 50 deployments.
 */
const LIMITS: ReliefLimits = { stepsMax: 10_000_000, pathsMax: 1_000 }

/** The same decisions always give the same answer. */
export function relieve(placed: readonly Placed[], limits: ReliefLimits = LIMITS): Relief {
  const nothing = { reserves: new Map(), isStopped: false }
  if (!placed.some(({ isMovable, placing }) => isMovable && placing.unmet > 0)) return nothing
  const search = { fleet: fleetOf(placed, limits.stepsMax), hopeless: new Set<Claimant>() }
  let paths = 0
  for (const needy of search.fleet.deployments.filter(({ isMovable }) => isMovable)) {
    for (let { unmet } = needy; unmet > 0 && !search.hopeless.has(needy); unmet -= 1) {
      if (paths >= limits.pathsMax) return { reserves: reservesOf(search.fleet), isStopped: true }
      const path = shortestPath(search, needy)
      // A search without steps has seen only some of the ways.
      if (search.fleet.stepsLeft <= 0) return { reserves: reservesOf(search.fleet), isStopped: true }
      if (!path) break
      take(search.fleet, path)
      paths += 1
    }
  }
  return { reserves: paths > 0 ? reservesOf(search.fleet) : new Map(), isStopped: false }
}

/** Verdicts on devices that the rules allow. A silent device is nobody's hope. */
const USABLE: ReadonlySet<PlaceVerdict> = new Set(['picked', 'leaving', 'standby', 'device_full', 'device_reserved'])

function fleetOf(placed: readonly Placed[], stepsLeft: number): Fleet {
  const loads = foreignLoads(placed)
  const ids = [...loads.keys()]
  const numbers = new Map(ids.map((id, at) => [id, at]))
  const numberOf = (id: DeviceId) => numbers.get(id) ?? 0
  const deployments = placed.map(({ id, isMovable, placing: { candidates, unmet } }, index): Claimant => {
    const numbered = candidates.map(({ candidate, verdict }) => ({ device: numberOf(candidate.id), verdict }))
    const before = new Set(numbered.flatMap(({ device, verdict }) => (verdict === 'picked' ? [device] : [])))
    const usable = numbered.flatMap(({ device, verdict }) => (USABLE.has(verdict) ? [device] : []))
    return { index, id, isMovable, unmet, usable, held: new Set(before), before, ways: undefined }
  })
  const holders = ids.map((): Claimant[] => [])
  const users = ids.map((): Claimant[] => [])
  for (const deployment of deployments) {
    for (const device of deployment.held) holders[device]?.push(deployment)
    for (const device of deployment.usable) users[device]?.push(deployment)
  }
  const room = ids.map((id, at) => {
    const { capacity, load } = loads.get(id) ?? { capacity: 0, load: 0 }
    return capacity - load - (holders[at]?.length ?? 0)
  })
  return { ids, deployments, holders, users, room, stepsLeft }
}

/** The deployments on each device that no policy places. The room of a replica that leaves counts as free already. */
function foreignLoads(placed: readonly Placed[]): Map<DeviceId, { load: number; capacity: number }> {
  const ours = new Map<DeviceId, number>()
  const isOurs = (verdict: PlaceVerdict) => verdict === 'picked' || verdict === 'leaving'
  for (const { placing } of placed)
    for (const { candidate, verdict } of placing.candidates)
      if (isOurs(verdict)) ours.set(candidate.id, (ours.get(candidate.id) ?? 0) + 1)
  const foreign = new Map<DeviceId, { load: number; capacity: number }>()
  for (const { placing } of placed) {
    for (const { candidate, verdict } of placing.candidates) {
      const { id, load, capacity = Number.POSITIVE_INFINITY } = candidate
      const others = (ours.get(id) ?? 0) - Number(isOurs(verdict))
      // A deployment that has just been placed is not in the load of all others yet.
      const least = Math.min(foreign.get(id)?.load ?? Number.POSITIVE_INFINITY, Math.max(0, load - others))
      foreign.set(id, { load: least, capacity })
    }
  }
  return foreign
}

type Search = {
  fleet: Fleet
  /** Deployments that reach no device with room, whatever the others do. */
  hopeless: Set<Claimant>
}

/** From the needy deployment: each takes its device, from the next one, and the last device has room. */
type Path = readonly { deployment: Claimant; device: number }[]

/** Breadth first, by the order of the deployments. */
function shortestPath({ fleet, hopeless }: Search, needy: Claimant): Path | undefined {
  const cameFrom = new Map<Claimant, Path>([[needy, []]])
  // A queue that grows while it is walked.
  for (const [deployment, path] of cameFrom) {
    const free = nextFree(fleet, deployment)
    if (fleet.stepsLeft <= 0) return undefined
    if (free !== undefined) return [...path, { deployment, device: free }]
    fleet.stepsLeft -= fleet.deployments.length
    for (const holder of fleet.deployments) {
      if (!holder.isMovable || cameFrom.has(holder) || hopeless.has(holder)) continue
      const device = nextHeld(fleet, deployment, holder)
      if (device !== undefined) cameFrom.set(holder, [...path, { deployment, device }])
    }
  }
  for (const deployment of cameFrom.keys()) hopeless.add(deployment)
  return undefined
}

function take(fleet: Fleet, path: Path): void {
  for (const [at, { deployment, device }] of path.entries()) {
    const loser = path[at + 1]?.deployment
    if (loser) swap(fleet, device, { from: loser, to: deployment })
    else takeRoom(fleet, device, deployment)
  }
}

/** A device that somebody gets by a path, and that is full then, is taken from all who do not hold it. */
function reservesOf({ deployments, room, ids }: Fleet): Reserves {
  const gained = new Set(deployments.flatMap(({ held, before }) => [...held].filter((device) => !before.has(device))))
  const full = new Set([...gained].filter((device) => (room[device] ?? 0) <= 0))
  const rows = deployments.map(({ id, isMovable, usable, held, before }) => {
    const left = [...before].filter((device) => !held.has(device))
    const closed = usable.filter((device) => full.has(device) && !held.has(device))
    const reserved = isMovable ? [...left, ...closed] : closed.filter((device) => !before.has(device))
    return [id, new Set(reserved.flatMap((device) => ids[device] ?? []))] as const
  })
  return new Map(rows.filter(([, devices]) => devices.size > 0))
}
