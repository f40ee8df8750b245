/** Pace words: how quickly a deployment goes out, and how often it tries, as sentences. */
import type { Strategy } from '@skerry/contract/deployments/deployment'
import type { Budget, Rate, Retry } from '@skerry/contract/deployments/pace'
import { parseAmount } from '../values/amount.ts'
import { durationWords } from '../values/duration.ts'

/** The sentences; none if the strategy leaves all of it open. */
export function paceWords({ rate, budget, retry }: Pick<Strategy, 'rate' | 'budget' | 'retry'>): string[] {
  return [
    ...(rate ? [rateWords(rate)] : []),
    ...(budget ? [budgetWords(budget)] : []),
    ...(retry ? [retryWords(retry)] : []),
  ]
}

function rateWords(rate: Rate): string {
  if ('perMinute' in rate) return `The hub offers it to at most ${counted(rate.perMinute, 'device')} a minute.`
  const { basePerMinute, factor, per, maxPerMinute } = rate
  const [more, done] = 'notified' in per ? [per.notified, 'got the offer'] : [per.succeeded, 'passed probation']
  const each = `${more} more ${more === 1 ? 'has' : 'have'} ${done}`
  return `It starts with ${counted(basePerMinute, 'device')} a minute. The rate is multiplied by ${factor} each time that ${each}, up to ${maxPerMinute}.`
}

function budgetWords(budget: Budget): string {
  const where = budget.groupBy === undefined ? '' : ` with the same ${budget.groupBy}`
  if ('minAvailable' in budget) {
    return `At any time, at least ${amountWords(budget.minAvailable)} of the devices${where} are untouched or have passed probation.`
  }
  return `At any time, at most ${amountWords(budget.maxUnavailable)} of the devices${where} have it unproved.`
}

function amountWords(amount: Strategy['waves'][number]['failuresMax']): string {
  const parsed = parseAmount(amount)
  return parsed.kind === 'share' ? `${parsed.hundredths / 100} %` : String(parsed.count)
}

const retryWords = ({ max, backoffSeconds }: Retry): string =>
  `A device that fails tries again ${max === 1 ? 'once' : `up to ${max} times`}, first after ${durationWords(backoffSeconds)}.`

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`
