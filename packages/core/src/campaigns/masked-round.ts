/** Masked round: the neighbours and the threshold of a round whose updates are masked, from the devices that sent keys. */
import type { DeviceId } from '@skerry/contract/values/ids'
import { neighboursOnRing, sharingFor } from '../masking/neighbours.ts'
import { type Chance, chooseParticipants } from './choose.ts'

/**
 * A fifth of the devices of a large round may vanish, and a tenth may work together with the hub. In small rounds, more
 * may vanish: all devices are neighbours there.
 */
const FACTS = { dropoutMax: 0.2, colludingMax: 0.1 }

export type MaskPlan = { neighbours: ReadonlyMap<DeviceId, readonly DeviceId[]>; threshold: number }

/** The same on each hub, and after a crash. The order of the devices does not matter. */
export function planMasks(devices: readonly DeviceId[], chance: Chance): MaskPlan {
  const ring = chooseParticipants(devices, devices.length, chance)
  const { degree, threshold } = sharingFor({ clients: ring.length, ...FACTS })
  const neighbours = neighboursOnRing(ring, degree) as Map<DeviceId, DeviceId[]>
  return { neighbours, threshold }
}

/** Only devices that have sent shares are masked with. */
export function sharedNeighbours({ neighbours }: MaskPlan, sharers: ReadonlySet<DeviceId>): Map<DeviceId, DeviceId[]> {
  const kept = [...neighbours].filter(([device]) => sharers.has(device))
  return new Map(kept.map(([device, near]) => [device, near.filter((one) => sharers.has(one))]))
}
