/** Health counts: the number of devices of a place in each state of health, and the text for them. */
import type { DeviceHealth } from '@skerry/contract/devices/device'
import { texts } from '../../texts/english.ts'
import { HEALTH_ORDER } from '../facts/tones.ts'

export type HealthCounts = Partial<Record<DeviceHealth, number>>

/** The total of all health states. */
export const totalOf = (counts: HealthCounts): number => Object.values(counts).reduce((sum, value) => sum + value, 0)

/** Lists only the states that occur, worst first: `2 failed, 1 stale, 9 healthy`. */
export const healthText = (counts: HealthCounts): string =>
  HEALTH_ORDER.filter((health) => counts[health])
    .map((health) => texts.siteCounts.one(counts[health] ?? 0, texts.health[health]))
    .join(', ')

/**
 * Lists the unhealthy states, worst first. Special texts cover a place where all devices are healthy, and one without
 * devices.
 */
export function troubleText(counts: HealthCounts): string {
  const { healthy: _, ...rest } = counts
  if (totalOf(counts) === 0) return texts.sites.noDevices
  return healthText(rest) || texts.sites.allHealthy
}
