/**
 * Retry budget: repeats are a share of the requests, so that a failing place does not double the load of the others. Each
 * request adds its share, and each repeat takes a whole.
 */

export type RetryBudget = { tokens: number }

/** A place that is killed had up to `concurrency` requests, 64 by default: each of them may move at once. */
const TOKENS_MAX = 100

export const fullBudget: RetryBudget = { tokens: TOKENS_MAX }

/** A request has come. */
export const earned = ({ tokens }: RetryBudget, retryPercent: number): RetryBudget => ({
  tokens: Math.min(TOKENS_MAX, tokens + retryPercent / 100),
})

/** The budget after one repeat; undefined if it does not suffice. A share of 0 allows none. */
export function spent({ tokens }: RetryBudget, retryPercent: number): RetryBudget | undefined {
  return retryPercent > 0 && tokens >= 1 ? { tokens: tokens - 1 } : undefined
}
