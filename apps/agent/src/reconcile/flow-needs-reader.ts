/** Flow needs reader: the names that versions on this disk need, read by their drivers once. */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { ItemLife } from '@skerry/core/device/item-life'
import type { FlowNeeds } from '@skerry/core/flow/flow-needs'
import { type Drivers, driverOf } from '../kinds/drivers.ts'

export type FlowNeedsReader = {
  /** Of all that wait to be loaded. One that cannot be read has no needs: its load says what is wrong with it. */
  of(lives: readonly ItemLife[]): Promise<ReadonlyMap<DesiredItem['digest'], FlowNeeds>>
}

/** Nothing is read yet. */
export function createFlowNeedsReader(drivers: Drivers): FlowNeedsReader {
  let known = new Map<DesiredItem['digest'], FlowNeeds>()
  return {
    async of(lives) {
      const waiting = lives.filter(({ state }) => state === 'loading')
      const found = new Map<DesiredItem['digest'], FlowNeeds>()
      for (const { target } of waiting) {
        const needs =
          known.get(target.digest) ??
          (await driverOf(drivers, target)
            .needs?.(target)
            .catch(() => undefined))
        if (needs) found.set(target.digest, needs)
      }
      known = found
      return found
    },
  }
}
