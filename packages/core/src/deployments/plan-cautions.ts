/**
 * Plan cautions: why a device that is picked may still not come to run the version, or not soon. The device itself
 * decides last.
 */
import type { CautionCode } from '@skerry/contract/deployments/deployment'
import type { SelectorFacts } from '../selectors/selector.ts'

export type CautionFacts = {
  device: Pick<SelectorFacts['device'], 'online' | 'memoryMb'>
  /** Codes of the trouble that the device names about itself. */
  conditions: readonly string[]
  /** The least memory of the version's instances. */
  memoryBytes: number
}

/** All cautions that apply; an unknown fact is no caution. */
export function cautionsOf({ device, conditions, memoryBytes }: CautionFacts): CautionCode[] {
  const isSmall = device.memoryMb !== undefined && memoryBytes > device.memoryMb * 2 ** 20
  return [
    ...(device.online ? [] : (['device_offline'] as const)),
    ...(isSmall ? (['memory_insufficient'] as const) : []),
    ...(conditions.includes('update_locked') ? (['update_locked'] as const) : []),
    ...(conditions.includes('disk_low') ? (['disk_low'] as const) : []),
  ]
}

/** In words, after `3 devices`. */
export const cautionWords: Readonly<Record<CautionCode, string>> = {
  device_offline:
    'not connected now: the offer waits until it connects, within the deadline of the wave; `--offline skip` leaves it out',
  memory_insufficient: 'with less memory than the instances need: will reject the version',
  update_locked: 'with an update lock: will start when it is released',
  window_waits: 'with a closed update window at the time of the offer, by the clock of the hub',
  version_refused: 'rejected the version before',
  host_access: 'will give the app parts of the device',
  disk_low: 'low on disk space: may reject the version',
}
