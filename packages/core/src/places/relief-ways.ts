/**
 * Relief ways: for each deployment, the devices that it could take from each other one, and those with room. Devices are
 * numbers here. A list may have devices that have become useless since: they are skipped when they are met, once.
 */
import type { DeviceId } from '@skerry/contract/values/ids'

export type Claimant = {
  index: number
  id: string
  isMovable: boolean
  unmet: number
  /** Devices that its rules allow. */
  usable: readonly number[]
  /** Devices of its replicas, without those that it is about to leave. */
  held: Set<number>
  /** The same before any path. */
  before: ReadonlySet<number>
  /** Undefined until a search comes to it: most deployments of a fleet are never short of devices. */
  ways: Ways | undefined
}

/** The devices with room, and the full ones by the index of a holder. */
type Ways = { free: Line; held: Line[] }

type Line = { devices: number[]; next: number }

export type Fleet = {
  /** The ids of the devices by their numbers. */
  ids: readonly DeviceId[]
  deployments: readonly Claimant[]
  /** By the number of the device: the deployments that hold it, and those that may use it. */
  holders: Claimant[][]
  users: readonly (readonly Claimant[])[]
  /** Room for further replicas. A device that states no capacity always has room. */
  room: number[]
  /** Devices that are still looked at, over all paths. */
  stepsLeft: number
}

/** A device with room that the deployment may use. It stays the first until it is taken. */
export function nextFree(fleet: Fleet, deployment: Claimant): number | undefined {
  const { free } = waysOf(fleet, deployment)
  return firstOf(fleet, free, (device) => hasRoom(fleet, device) && !deployment.held.has(device))
}

/** A full device of the holder that the deployment may use. */
export function nextHeld(fleet: Fleet, deployment: Claimant, holder: Claimant): number | undefined {
  const line = waysOf(fleet, deployment).held[holder.index]
  if (!line) return undefined
  return firstOf(fleet, line, (device) => holder.held.has(device) && !deployment.held.has(device))
}

/** The device goes from one deployment to the other. */
export function swap(fleet: Fleet, device: number, { from, to }: { from: Claimant; to: Claimant }): void {
  from.held.delete(device)
  to.held.add(device)
  const others = (fleet.holders[device] ?? []).filter((holder) => holder !== from)
  fleet.holders[device] = [...others, to]
  for (const user of fleet.users[device] ?? []) offer(fleet, { user, holder: to, device })
  // It could take the device back from each of the holders.
  for (const holder of others) offer(fleet, { user: from, holder, device })
}

/** The deployment takes a place that nobody had. */
export function takeRoom(fleet: Fleet, device: number, to: Claimant): void {
  to.held.add(device)
  const holders = [...(fleet.holders[device] ?? []), to]
  fleet.holders[device] = holders
  fleet.room[device] = (fleet.room[device] ?? 0) - 1
  if (hasRoom(fleet, device)) return
  for (const user of fleet.users[device] ?? []) for (const holder of holders) offer(fleet, { user, holder, device })
}

const hasRoom = ({ room }: Fleet, device: number) => (room[device] ?? 0) > 0

/** The search has not come to the user yet: then its ways are made of the state at that time. */
function offer(fleet: Fleet, { user, holder, device }: { user: Claimant; holder: Claimant; device: number }): void {
  if (!user.ways || user === holder || user.held.has(device)) return
  fleet.stepsLeft -= 1
  push(user.ways, holder, device)
}

function waysOf(fleet: Fleet, deployment: Claimant): Ways {
  if (deployment.ways) return deployment.ways
  const ways: Ways = { free: { devices: [], next: 0 }, held: [] }
  for (const device of deployment.usable) {
    fleet.stepsLeft -= 1
    if (deployment.held.has(device)) continue
    if (hasRoom(fleet, device)) ways.free.devices.push(device)
    else for (const holder of fleet.holders[device] ?? []) push(ways, holder, device)
  }
  deployment.ways = ways
  return ways
}

function push({ held }: Ways, holder: Claimant, device: number): void {
  const line = held[holder.index] ?? { devices: [], next: 0 }
  held[holder.index] = line
  line.devices.push(device)
}

function firstOf(fleet: Fleet, line: Line, isUseful: (device: number) => boolean): number | undefined {
  for (; line.next < line.devices.length; line.next += 1) {
    fleet.stepsLeft -= 1
    const device = line.devices[line.next]
    if (device !== undefined && isUseful(device)) return device
  }
  return undefined
}
