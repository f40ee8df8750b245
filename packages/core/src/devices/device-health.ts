/** Device health: one word for how a device fares, out of what is known of it. It says `stale` rather than guess. */
import type { DeviceHealth, DeviceStatus, Liveness } from '@skerry/contract/devices/device'
import type { ItemState } from '@skerry/contract/devices/item'
import { isRefused } from './quarantine.ts'

export type HealthFacts = {
  status: DeviceStatus
  liveness: Liveness
  generation: number
  observedGeneration: number
  /** Whether the device names any trouble of its own. */
  hasConditions: boolean
  items: ItemMarks
}

/** What there is among the items of a device. */
export type ItemMarks = {
  /** One failed, and nothing serves under its name. */
  isBroken: boolean
  /** One failed, and an older version goes on serving. */
  isFallenBack: boolean
  /** One is on its way. */
  isMoving: boolean
}

/** The first word that fits, from what rules everything else out to the best. */
export function healthOf(facts: HealthFacts): DeviceHealth {
  const { status, liveness, items } = facts
  if (isRefused(status)) return 'revoked'
  if (status === 'pending') return status
  if (status === 'quarantined' || status === 'wiping') return 'quarantined'
  if (liveness !== 'online') return liveness
  if (items.isBroken) return 'failed'
  if (items.isFallenBack || facts.hasConditions || status === 'conflict-paused') return 'degraded'
  return items.isMoving || facts.observedGeneration < facts.generation ? 'moving' : 'healthy'
}

/** The marks of items as a device reports them. */
export function marksOf(items: readonly { state: ItemState; isServing: boolean }[]): ItemMarks {
  const failed = items.filter(({ state }) => state === 'failed')
  return {
    isBroken: failed.some(({ isServing }) => !isServing),
    isFallenBack: failed.some(({ isServing }) => isServing),
    isMoving: items.some(({ state }) => !SETTLED.includes(state)),
  }
}

/** States that an item stays in by itself. */
export const SETTLED: readonly ItemState[] = ['absent', 'active', 'failed']
