/** Budget judge: whether so many devices may be unavailable, written a second time and otherwise than core does it: by the words of docs/deploying.md. */
import type { Budget } from '@skerry/contract/deployments/pace'

/** Whether an offer that leaves the group so keeps to the budget. */
export function isWithinBudget(budget: Budget, { size, unavailable }: { size: number; unavailable: number }): boolean {
  if (unavailable === 0) return true
  if ('minAvailable' in budget) return isAtLeast(size - unavailable, budget.minAvailable, size)
  const { maxUnavailable: most } = budget
  if (typeof most === 'number') return unavailable <= most
  // However small the share, one may be.
  return unavailable === 1 || unavailable * 100 <= size * Number.parseFloat(most)
}

const isAtLeast = (available: number, least: number | string, size: number) =>
  typeof least === 'number' ? available >= least : available * 100 >= size * Number.parseFloat(least)
