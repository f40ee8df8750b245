/** Pace words: how quickly a deployment goes out, and how often it tries, as sentences. */
import type { Strategy } from '@skerry/contract/deployments/deployment'
import type { Budget, Rate, Retry } from '@skerry/contract/deployments/pace'
import { parseAmount } from '../values/amount.ts'
import { durationWords } from '../values/duration.ts'

/** The sentences; none where the strategy leaves all of it open. */
export function paceWords({ rate, budget, retry }: Pick<Strategy, 'rate' | 'budget' | 'retry'>): string[] {
  return [
    ...(rate ? [rateWords(rate)] : []),
    ...(budget ? [budgetWords(budget)] : []),
    ...(retry ? [retryWords(retry)] : []),
  ]
}

function rateWords(rate: Rate): string {
  if ('perMinute' in rate) return `No more than ${counted(rate.perMinute, 'device')} a minute are offered it.`
  const { basePerMinute, factor, per, maxPerMinute } = rate
  const [more, done] = 'notified' in per ? [per.notified, 'been offered it'] : [per.succeeded, 'proved it']
  const each = `${more} more ${more === 1 ? 'has' : 'have'} ${done}`
  return `It begins with ${counted(basePerMinute, 'device')} a minute; that is multiplied by ${factor} each time that ${each}, up to ${maxPerMinute}.`
}

function budgetWords(budget: Budget): string {
  const where = budget.groupBy === undefined ? '' : ` with the same ${budget.groupBy}`
  if ('minAvailable' in budget) {
    return `Of the devices${where}, at least ${amountWords(budget.minAvailable)} are left alone or have proved it at any time.`
  }
  return `Of the devices${where}, no more than ${amountWords(budget.maxUnavailable)} have it unproved at any time.`
}

function amountWords(amount: Strategy['waves'][number]['failuresMax']): string {
  const parsed = parseAmount(amount)
  return parsed.kind === 'share' ? `${parsed.hundredths / 100} %` : String(parsed.count)
}

const retryWords = ({ max, backoffSeconds }: Retry): string =>
  `A device that fails is asked again ${max === 1 ? 'once' : `up to ${max} times`}, first after ${durationWords(backoffSeconds)}.`

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`
