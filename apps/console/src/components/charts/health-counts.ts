/** Health counts: how many devices of a place fare how, and what that is in words. */
import type { DeviceHealth } from '@skerry/contract/devices/device'
import { texts } from '../../texts/english.ts'
import { HEALTH_ORDER } from '../facts/tones.ts'

export type HealthCounts = Partial<Record<DeviceHealth, number>>

/** All devices together. */
export const totalOf = (counts: HealthCounts): number => Object.values(counts).reduce((sum, value) => sum + value, 0)

/** Only what there is, worst first: `2 failed, 1 stale, 9 healthy`. */
export const healthText = (counts: HealthCounts): string =>
  HEALTH_ORDER.filter((health) => counts[health])
    .map((health) => texts.siteCounts.one(counts[health] ?? 0, texts.health[health]))
    .join(', ')

/** What is not well, worst first; says so where nothing is wrong, and where there is nothing. */
export function troubleText(counts: HealthCounts): string {
  const { healthy: _, ...rest } = counts
  if (totalOf(counts) === 0) return texts.sites.noDevices
  return healthText(rest) || texts.sites.allHealthy
}
