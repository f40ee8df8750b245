/**
 * Pace text: rates, budgets, tries and failure limits in one line each, as a command line and a form take them.
 *
 *     rate    100                               at most 100 devices a minute
 *             10 x2 per 50 proved up to 1000    10 a minute, twice as many for each 50 that proved it
 *     budget  20% per site.name                 at most a fifth of each site unproved at once
 *             keep 3                            at least 3 devices left alone or proved at any time
 *     retry   2 after 5m                        asked again twice, first after five minutes
 *     limits  timed-out 2, failed 5% of 20      a share counts from 20 devices on
 */
import type { Amount } from '@skerry/contract/deployments/amount'
import { FailureLimit } from '@skerry/contract/deployments/failure-limit'
import { Budget, Rate, Retry } from '@skerry/contract/deployments/pace'
import { durationText, parseDuration } from '../values/duration.ts'

/** The usual wait before the first try. */
const BACKOFF_SECONDS = 60

/** The rate that the text says; undefined where it says none. */
export function parseRate(text: string): Rate | undefined {
  const form =
    /^(?<base>\d+)(?:\s*x\s*(?<factor>[\d.]+)\s+per\s+(?<count>\d+)\s+(?<what>offered|proved)(?:\s+up\s+to\s+(?<most>\d+))?)?$/
  const { base, factor, count, what, most } = form.exec(text.trim())?.groups ?? {}
  if (base === undefined) return undefined
  if (factor === undefined) return Rate.safeParse({ perMinute: Number(base) }).data
  return Rate.safeParse({
    basePerMinute: Number(base),
    factor: Number(factor),
    per: { [what === 'offered' ? 'notified' : 'succeeded']: Number(count) },
    ...(most !== undefined && { maxPerMinute: Number(most) }),
  }).data
}

/** The text that says this rate. */
export function rateText(rate: Rate): string {
  if ('perMinute' in rate) return String(rate.perMinute)
  const { basePerMinute, factor, per, maxPerMinute } = rate
  const each = 'notified' in per ? `${per.notified} offered` : `${per.succeeded} proved`
  return `${basePerMinute} x${factor} per ${each} up to ${maxPerMinute}`
}

/** The budget that the text says; undefined where it says none. */
export function parseBudget(text: string): Budget | undefined {
  const { keep, amount, key } =
    /^(?<keep>keep\s+)?(?<amount>[\d.]+%?)(?:\s+per\s+(?<key>\S+))?$/.exec(text.trim())?.groups ?? {}
  if (amount === undefined) return undefined
  const grouped = key === undefined ? {} : { groupBy: key }
  const value = amountOf(amount)
  return Budget.safeParse({ ...grouped, ...(keep ? { minAvailable: value } : { maxUnavailable: value }) }).data
}

/** The text that says this budget. */
export function budgetText(budget: Budget): string {
  const amount = 'minAvailable' in budget ? `keep ${budget.minAvailable}` : String(budget.maxUnavailable)
  return budget.groupBy === undefined ? amount : `${amount} per ${budget.groupBy}`
}

/** The tries that the text says; undefined where it says none. */
export function parseRetry(text: string): Retry | undefined {
  const { max, wait } = /^(?<max>\d+)(?:\s+after\s+(?<wait>\S+))?$/.exec(text.trim())?.groups ?? {}
  if (max === undefined) return undefined
  const backoffSeconds = wait === undefined ? BACKOFF_SECONDS : parseDuration(wait)
  return Retry.safeParse({ max: Number(max), backoffSeconds: backoffSeconds ?? Number.NaN }).data
}

/** The text that says these tries. */
export const retryText = ({ max, backoffSeconds }: Retry): string =>
  backoffSeconds === BACKOFF_SECONDS ? String(max) : `${max} after ${durationText(backoffSeconds)}`

/** The limits that the text says; undefined where one of them is none. */
export function parseLimits(text: string): FailureLimit[] | undefined {
  const limits = text.split(',').map(parseLimit)
  return limits.every((limit) => limit !== undefined) ? limits : undefined
}

function parseLimit(text: string): FailureLimit | undefined {
  const { kind, amount, least } =
    /^(?<kind>failed|rejected|timed-out|all)\s+(?<amount>[\d.]+%?)(?:\s+of\s+(?<least>\d+))?$/.exec(text.trim())
      ?.groups ?? {}
  if (amount === undefined) return undefined
  const from = least === undefined ? {} : { minExecuted: Number(least) }
  return FailureLimit.safeParse({ kind, max: amountOf(amount), ...from }).data
}

/** The text that says these limits. */
export const limitsText = (limits: readonly FailureLimit[]): string =>
  limits
    .map(({ kind, max, minExecuted }) => `${kind} ${max}${minExecuted === 1 ? '' : ` of ${minExecuted}`}`)
    .join(', ')

const amountOf = (text: string): Amount => (text.endsWith('%') ? text : Number(text))
