/**
 * Rollout forecast: the least time that a rollout takes, and the groups that its budget never lets it touch. It counts what is certain before
 * anything starts: rate, probation and soak. Downloads, failures and people only add to it.
 */
import type { Budget, Rate } from '@skerry/contract/deployments/pace'
import { roomInGroup } from './offer-budget.ts'
import { perMinuteAt } from './offer-rate.ts'
import type { RolloutPlan } from './waves.ts'

/** Seconds for each wave of these sizes; a wave without a device takes no time. */
export function leastSeconds(
  { waves, rate }: Pick<RolloutPlan, 'waves' | 'rate'>,
  { sizes, probationSeconds }: { sizes: readonly number[]; probationSeconds: number },
): number[] {
  let offered = 0
  return waves.map(({ soakMs }, index) => {
    const size = sizes[index] ?? 0
    if (size === 0) return 0
    const offering = offerSeconds(rate, size, offered)
    offered += size
    return offering + probationSeconds + Math.ceil(soakMs / 1_000)
  })
}

/** From the first offer to the last, where everybody who is asked runs it well at once. */
function offerSeconds(rate: Rate | undefined, size: number, before: number): number {
  if (!rate) return 0
  let left = size
  for (let minutes = 0; ; minutes++) {
    const done = before + size - left
    const perMinute = perMinuteAt(rate, { notified: done, succeeded: done })
    if (left <= perMinute) return minutes * 60 + Math.ceil(left / Math.ceil(perMinute / 60)) - 1
    left -= perMinute
  }
}

/** The groups in which not even the first device may be offered the revision, with how many devices that leaves out. */
export function stuckGroups(budget: Budget, groups: ReadonlyMap<string, number>): { group: string; devices: number }[] {
  return [...groups]
    .filter(([, size]) => roomInGroup(budget, { size, unavailable: 0 }) === 0)
    .map(([group, devices]) => ({ group, devices }))
}
