/** Scale text: the reason of a decision, and a policy, in words. */
import type { Scaling, ScalingMetric } from '@skerry/contract/scaling/scaling'
import { durationWords } from '../values/duration.ts'
import type { MeanLoad } from './load-window.ts'
import type { ScaleCode, ScaleDecision } from './scale.ts'

/** The unit in the singular: `worker` or `replica`. */
export type ScaleUnit = 'worker' | 'replica'

type Metric = { figureOf: (load: MeanLoad) => number | undefined; words: string; one: string; of: string }

const METRICS: Record<ScalingMetric, Metric> = {
  concurrency: {
    figureOf: (load) => load.concurrency,
    words: 'requests at once',
    one: 'request at once',
    of: 'for each',
  },
  rps: { figureOf: (load) => load.rps, words: 'requests per second', one: 'request per second', of: 'for each' },
  queue: { figureOf: (load) => load.queue, words: 'waiting requests', one: 'waiting request', of: 'for each' },
  p95: { figureOf: (load) => load.p95Ms, words: 'ms at p95', one: 'ms at p95', of: 'at most' },
}

/** One sentence without a full stop. */
export function scaleReason(policy: Scaling, { code, wanted, load }: ScaleDecision, unit: ScaleUnit): string {
  const { min, max, windowSeconds, cooldownSeconds, budgetHours } = policy
  const asks = `${measureWords(policy, load)}: ${unitsText(wanted, unit)}`
  const words: Record<ScaleCode, () => string> = {
    started: () => `it started with ${unitsText(wanted, unit)}`,
    below_min: () => `min is ${min}`,
    above_max: () => `max is ${max}`,
    scheduled: () => 'the schedule asks for it at this time',
    budget_spent: () => `the budget of ${budgetHours} ${unit} hours a day is spent, so min applies`,
    request_waits: () => 'a request waits, and nothing was loaded',
    panic: () => `the load jumped: ${asks}`,
    load_rose: () => asks,
    load_fell: () => `the load of the last ${durationWords(windowSeconds)} needed no more; now ${asks}`,
    idle: () => `no request for ${durationWords(windowSeconds)}`,
    at_max: () => `${asks}, and max is ${max}`,
    in_window: () => `${asks}, and it waits for ${durationWords(windowSeconds)} of this load`,
    in_cooldown: () => `${asks}, and it waits for ${durationWords(cooldownSeconds)} after the last change`,
    steady: () => asks,
  }
  return words[code]()
}

function measureWords({ target: { metric, value } }: Scaling, load: MeanLoad): string {
  const { figureOf, words, of } = METRICS[metric]
  const figure = figureOf(load)
  return figure === undefined ? 'no request' : `${roundedText(figure)} ${words}, ${of} ${value}`
}

/** Three digits are enough for a person. */
const roundedText = (value: number) => String(Number(value.toPrecision(3)))

/** `3 workers`, `1 replica`. */
export const unitsText = (count: number, unit: ScaleUnit) => `${count} ${unit}${count === 1 ? '' : 's'}`

/** The policy in one line, such as `1 to 4 workers, 2 requests at once for each`. */
export function scalingWords({ min, max, target, budgetHours }: Scaling, unit: ScaleUnit): string {
  const { words, one, of } = METRICS[target.metric]
  const goal =
    target.metric === 'p95'
      ? `${of} ${target.value} ${words}`
      : `${target.value} ${target.value === 1 ? one : words} ${of}`
  const budget = budgetHours === undefined ? '' : `, at most ${budgetHours} ${unit} hours a day`
  return `${min} to ${unitsText(max, unit)}, ${goal}${budget}`
}
