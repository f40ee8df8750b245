/** Plan cautions: why a device that is picked may still not come to run the version, or not soon. The device itself decides last. */
import type { CautionCode } from '@skerry/contract/deployments/deployment'
import type { SelectorFacts } from '../selectors/selector.ts'

export type CautionFacts = {
  device: Pick<SelectorFacts['device'], 'online' | 'memoryMb'>
  /** Codes of the trouble that the device names about itself. */
  conditions: readonly string[]
  /** What the instances of the version need at least. */
  memoryBytes: number
}

/** All that is so; what is not known is no caution. */
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
  device_offline: 'silent now: offered when heard again, within the deadline of the wave',
  memory_insufficient: 'with less memory than its instances need: will reject it',
  update_locked: 'holding their update lock: will begin when it is released',
  window_waits: "asked while their window is shut, by the hub's clock",
  version_refused: 'have refused the version before',
  disk_low: 'low on disk: may reject it',
}
