/**
 * Relief: frees devices for a deployment that has none left, if other deployments can use other devices. Each policy chooses
 * for itself, so without it the first deployment could hold the only device that the second one may use.
 *
 * It finds augmenting paths [Berge 1957]: a replica without a device takes a full one, whose replica takes another one, and
 * so on to a device with room. The shortest path moves the fewest replicas. When no path is left, no other assignment has
 * fewer replicas without a device. A mixed-integer solver finds the same number, and takes seconds for it (ADR 57).
 */
import type { PlaceVerdict } from '@skerry/contract/places/placement'
import type { DeviceId } from '@skerry/contract/values/ids'
import type { Placing } from './place.ts'

/** A deployment with its decision. */
export type Placed = {
  id: string
  /** Whether another device is as good for its replicas: not if the policy wants each device, or one at each site. */
  isMovable: boolean
  placing: Pick<Placing, 'candidates' | 'unmet'>
}

/** The devices that each deployment must leave to others, or must not take. Deployments without any are absent. */
export type Reserves = ReadonlyMap<string, ReadonlySet<DeviceId>>

/** Devices that one look considers, over all paths: a part of a second. The next look continues. */
const STEPS_MAX = 5_000_000

/** The same decisions always give the same answer. */
export function relieve(placed: readonly Placed[]): Reserves {
  if (!placed.some(({ isMovable, placing }) => isMovable && placing.unmet > 0)) return new Map()
  const fleet = fleetOf(placed)
  let hasPath = false
  for (const needy of fleet.deployments) {
    let unmet = needy.isMovable ? needy.unmet : 0
    for (; unmet > 0 && fleet.stepsLeft > 0 && !fleet.hopeless.has(needy); unmet -= 1) {
      const path = shortestPath(fleet, needy)
      if (!path) break
      take(fleet, path)
      hasPath = true
    }
  }
  return hasPath ? reservesOf(fleet) : new Map()
}

type Deployment = {
  id: string
  isMovable: boolean
  unmet: number
  /** Devices that its rules allow. */
  usable: readonly DeviceId[]
  /** Devices of its replicas, without those that it is about to leave. */
  held: Set<DeviceId>
  /** The same before any path. */
  before: ReadonlySet<DeviceId>
}

type Fleet = {
  deployments: readonly Deployment[]
  holders: Map<DeviceId, Set<Deployment>>
  /** Room for further replicas. A device that states no capacity always has room. */
  room: Map<DeviceId, number>
  stepsLeft: number
  /** Deployments that reach no device with room, whatever the others do. */
  hopeless: Set<Deployment>
}

/** Verdicts on devices that the rules allow. A silent device is nobody's hope. */
const USABLE: readonly PlaceVerdict[] = ['picked', 'leaving', 'standby', 'device_full', 'device_reserved']

function fleetOf(placed: readonly Placed[]): Fleet {
  const deployments = placed.map(({ id, isMovable, placing: { candidates, unmet } }): Deployment => {
    const withVerdict = (wanted: readonly PlaceVerdict[]) =>
      candidates.filter(({ verdict }) => wanted.includes(verdict)).map(({ candidate }) => candidate.id)
    const before = new Set(withVerdict(['picked']))
    return { id, isMovable, unmet, usable: withVerdict(USABLE), held: new Set(before), before }
  })
  const holders = new Map<DeviceId, Set<Deployment>>()
  for (const deployment of deployments)
    for (const id of deployment.held) holders.set(id, (holders.get(id) ?? new Set<Deployment>()).add(deployment))
  const room = new Map<DeviceId, number>()
  for (const [id, foreign] of foreignLoads(placed))
    room.set(id, foreign.capacity - foreign.load - (holders.get(id)?.size ?? 0))
  return { deployments, holders, room, stepsLeft: STEPS_MAX, hopeless: new Set() }
}

/** The deployments on each device that no policy places. The room of a replica that leaves counts as free already. */
function foreignLoads(placed: readonly Placed[]): Map<DeviceId, { load: number; capacity: number }> {
  const ours = new Map<DeviceId, number>()
  const isOurs = ({ verdict }: { verdict: PlaceVerdict }) => verdict === 'picked' || verdict === 'leaving'
  const all = placed.flatMap(({ placing }) => placing.candidates)
  for (const { candidate } of all.filter(isOurs)) ours.set(candidate.id, (ours.get(candidate.id) ?? 0) + 1)
  const foreign = new Map<DeviceId, { load: number; capacity: number }>()
  for (const { candidate, verdict } of all) {
    const { id, load, capacity = Number.POSITIVE_INFINITY } = candidate
    const others = (ours.get(id) ?? 0) - Number(isOurs({ verdict }))
    const before = foreign.get(id)
    // A deployment that has just been placed is not in the load of all others yet.
    const least = Math.min(before?.load ?? Number.POSITIVE_INFINITY, Math.max(0, load - others))
    foreign.set(id, { load: least, capacity })
  }
  return foreign
}

/** From the needy deployment: each takes its device, from the next one, and the last device has room. */
type Path = readonly { deployment: Deployment; device: DeviceId }[]

/** The deployments that may give up their place on the device. */
const losersOf = ({ holders, hopeless }: Fleet, device: DeviceId): Deployment[] =>
  [...(holders.get(device) ?? [])].filter((holder) => holder.isMovable && !hopeless.has(holder))

function shortestPath(fleet: Fleet, needy: Deployment): Path | undefined {
  const cameFrom = new Map<Deployment, Path>([[needy, []]])
  const seen = new Set<DeviceId>()
  // A queue that grows while it is walked.
  for (const deployment of cameFrom.keys()) {
    fleet.stepsLeft -= deployment.usable.length
    const found = extend(fleet, { deployment, cameFrom, seen })
    if (found) return found
  }
  for (const deployment of cameFrom.keys()) fleet.hopeless.add(deployment)
  return undefined
}

type Extending = { deployment: Deployment; cameFrom: Map<Deployment, Path>; seen: Set<DeviceId> }

/** The whole path if the deployment can use a device with room. Otherwise it goes on to those who hold its devices. */
function extend(fleet: Fleet, { deployment, cameFrom, seen }: Extending): Path | undefined {
  const path = cameFrom.get(deployment) ?? []
  for (const device of deployment.usable) {
    if (seen.has(device) || deployment.held.has(device)) continue
    const longer = [...path, { deployment, device }]
    if ((fleet.room.get(device) ?? 0) > 0) return longer
    seen.add(device)
    for (const holder of losersOf(fleet, device)) if (!cameFrom.has(holder)) cameFrom.set(holder, longer)
  }
  return undefined
}

function take({ holders, room }: Fleet, path: Path): void {
  for (const [at, { deployment, device }] of path.entries()) {
    const loser = path[at + 1]?.deployment
    const holding = holders.get(device) ?? new Set<Deployment>()
    if (loser) {
      loser.held.delete(device)
      holding.delete(loser)
    } else room.set(device, (room.get(device) ?? 0) - 1)
    deployment.held.add(device)
    holders.set(device, holding.add(deployment))
  }
}

/** A device that somebody gets by a path, and that is full then, is taken from all who do not hold it. */
function reservesOf({ deployments, room }: Fleet): Reserves {
  const gained = new Set(deployments.flatMap(({ held, before }) => [...held].filter((id) => !before.has(id))))
  const full = new Set([...gained].filter((id) => (room.get(id) ?? 0) <= 0))
  const rows = deployments.map(({ id, isMovable, usable, held, before }) => {
    const left = [...before].filter((device) => !held.has(device))
    const closed = usable.filter((device) => full.has(device) && !held.has(device))
    return [id, new Set(isMovable ? [...left, ...closed] : closed.filter((device) => !before.has(device)))] as const
  })
  return new Map(rows.filter(([, devices]) => devices.size > 0))
}
