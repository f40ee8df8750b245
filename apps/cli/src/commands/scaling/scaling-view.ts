/** Scaling view: the present numbers of workers and replicas, and their steps, as tables. */
import type { ItemScale, ScaleStep, ScalingDecision } from '@skerry/contract/scaling/scaling'
import { type ScaleUnit, scalingWords } from '@skerry/core/scaling/scale-text'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { agoText } from '../../program/terminal/words.ts'

export function scalingText({ deployment, workers, replicas }: ScalingDecision, style: Style, nowMs: number): string {
  const parts = [factsOf(style, [['deployment', deployment]])]
  if (replicas) {
    const { policy, now, steps } = replicas
    parts.push(factsOf(style, [['replicas', scalingWords(policy, 'replica')], ...nowFacts(now)]))
    parts.push(stepsTable(style, steps, { nowMs, unit: 'replica' }))
  }
  if (workers) {
    parts.push(factsOf(style, [['workers', scalingWords(workers.policy, 'worker')]]))
    for (const { device, now, steps } of workers.devices) {
      parts.push(factsOf(style, [['device', device], ...(now ? nowFacts(now) : [unreported])]))
      parts.push(stepsTable(style, steps, { nowMs, unit: 'worker' }))
    }
  }
  return parts.join('\n\n')
}

type Fact = [string, string]

const unreported: Fact = ['now', 'the device has not reported its scale yet']

function nowFacts({ count, reason, load }: Omit<ItemScale, 'steps'>): Fact[] {
  const { concurrency, queue, rps, p95Ms } = load
  const figures = [
    `${rounded(concurrency)} at once`,
    `${rounded(queue)} waiting`,
    `${rounded(rps)} a second`,
    ...(p95Ms === undefined ? [] : [`${rounded(p95Ms)} ms at p95`]),
  ]
  return [
    ['now', String(count)],
    ['why', reason],
    ['load', figures.join(', ')],
  ]
}

/** Three digits are enough for a person. */
const rounded = (figure: number) => String(Number(figure.toPrecision(3)))

type StepWords = { nowMs: number; unit: ScaleUnit }

const stepsTable = (style: Style, steps: readonly ScaleStep[], { nowMs, unit }: StepWords) =>
  tableOf(
    style,
    ['WHEN', 'FROM', 'TO', 'WHY'],
    steps.map(({ atMs, from, to, reason }) => [agoText(atMs, nowMs), from, to, reason]),
    `no step of the number of ${unit}s in the last week`,
  )
