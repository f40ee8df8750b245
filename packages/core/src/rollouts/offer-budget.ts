/**
 * Offer budget: how many more devices of each group may be offered a revision, so that never too many are without proof
 * at once.
 */
import type { Budget, GroupKey } from '@skerry/contract/deployments/pace'
import type { Outcome } from '@skerry/contract/rollouts/rollout'
import type { SelectorFacts } from '../selectors/selector.ts'
import { parseAmount, resolveAmount } from '../values/amount.ts'
import { FAILURE_KINDS } from './wave-verdict.ts'

/**
 * The counts of a group: its devices in the rollout, and the unavailable ones: offered and undecided, failed, rejected,
 * or timed out. A device that loses the model is unavailable only while it is undecided.
 */
export type BudgetGroup = { size: number; unavailable: number }

/** An unproved version may be broken. A failure that a person tolerates does not count. */
const UNAVAILABLE: readonly Outcome[] = ['offered', ...FAILURE_KINDS]

/**
 * A device that removes the model proves nothing. If it is silent past its time, it does not keep other devices from
 * leaving.
 */
const UNAVAILABLE_LEAVER: readonly Outcome[] = ['offered']

/** The outcomes with which a device counts as unavailable. */
export const unavailableOutcomes = ({ isLeaving }: { isLeaving: boolean }): readonly Outcome[] =>
  isLeaving ? UNAVAILABLE_LEAVER : UNAVAILABLE

/**
 * The group of a device. Devices without the grouping field form one group. Without a grouping field, all devices form
 * one group.
 */
export function groupOf(budget: Budget | undefined, { device, site }: SelectorFacts): string {
  return budget?.groupBy === undefined ? '' : (fieldOf(budget.groupBy, { device, site }) ?? '')
}

function fieldOf(groupBy: GroupKey, { device, site }: SelectorFacts): string | undefined {
  const [noun, field = '', label = ''] = groupBy.split('.')
  if (field === 'labels') return (noun === 'device' ? device : site).labels[label]
  if (field === 'name') return site.name
  if (field === 'kind') return site.kind
  return field === 'country' ? site.country : site.region
}

/** The ranks in the order of the offers. */
export const OFFER_RANKS = [0, 1] as const

/**
 * The place of a waiting device within its wave: a connected device comes first. A device that is off would keep a place
 * of the budget until its deadline. Devices of one rank are offered by their ids, so that every hub chooses the same.
 */
export const offerRank = ({ isConnected }: { isConnected: boolean }): (typeof OFFER_RANKS)[number] =>
  isConnected ? 0 : 1

/** How many more of the group may be offered the revision. */
export function roomInGroup(budget: Budget, { size, unavailable }: BudgetGroup): number {
  return Math.max(0, unavailableMax(budget, size) - unavailable)
}

/** How many of a group of this size may be unavailable at once. */
export function unavailableMax(budget: Budget, size: number): number {
  if ('minAvailable' in budget) return Math.max(0, size - resolveAmount(budget.minAvailable, size))
  const amount = parseAmount(budget.maxUnavailable)
  // At least one: else a tenth of a group of five would never be updated.
  return amount.kind === 'count' ? amount.count : Math.max(1, Math.floor((size * amount.hundredths) / 10_000))
}
