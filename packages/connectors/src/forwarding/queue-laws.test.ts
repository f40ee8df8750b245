/** Laws of a queue: whatever is done to it, each value is delivered or counted, once, and in the order of its lane. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Lane, type SinkValue } from '@skerry/contract/sinks/sink-value'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { type ForwardQueue, openForwardQueue } from './queue.ts'

type Step =
  | { kind: 'append'; lane: Lane; count: number }
  | { kind: 'send'; lane: Lane; part: number; isRefused: boolean }
  | { kind: 'pass'; ms: number }
  | { kind: 'reopen' }

const anyLane = fc.constantFrom(...Lane.options.slice(0, 3))
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      lane: anyLane,
      count: fc.integer({ min: 1, max: 40 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      lane: anyLane,
      part: fc.integer({ min: 1, max: 20 }),
      isRefused: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 90_000 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
)

type Model = { appended: Map<Lane, number>; delivered: Map<Lane, number[]>; nowMs: number }

const value = (eventTimeMs: number): SinkValue => ({ signal: 's', quality: 'good', value: 1, eventTimeMs })

function apply(queue: ForwardQueue, model: Model, step: Extract<Step, { kind: 'append' | 'send' }>): void {
  if (step.kind === 'append') {
    const first = (model.appended.get(step.lane) ?? 0) + 1
    queue.append([{ lane: step.lane, values: Array.from({ length: step.count }, (_, index) => value(first + index)) }])
    model.appended.set(step.lane, first + step.count - 1)
    return
  }
  const batch = queue.take(step.lane)
  if (!batch) return
  const part = { ...batch, values: batch.values.slice(0, step.part) }
  // The event time of each value is its number: so whatever was numbered wrongly is found.
  expect(part.values.map(({ eventTimeMs }) => eventTimeMs)).toEqual(part.values.map((_, index) => batch.first + index))
  if (step.isRefused) queue.refuse(part, { code: 'value_refused', message: 'no' })
  else {
    queue.finish(part)
    model.delivered.get(step.lane)?.push(...part.values.map(({ eventTimeMs }) => eventTimeMs))
  }
  queue.release()
}

test('each value is delivered or counted once, in order, over restarts and limits', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-queue-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  let run = 0
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
      run += 1
      const model: Model = {
        appended: new Map(),
        delivered: new Map(Lane.options.map((lane) => [lane, []])),
        nowMs: 1e6,
      }
      const clock = { nowMs: () => model.nowMs, monotonicMs: () => model.nowMs }
      const options = {
        path: join(folder, String(run)),
        limits: { bytesMax: 1_500, ageMaxSeconds: 120 },
        valuesMax: 15,
        clock,
      }
      let queue = openForwardQueue(options)
      for (const step of steps) {
        if (step.kind === 'pass') model.nowMs += step.ms
        else if (step.kind === 'reopen') {
          queue[Symbol.dispose]()
          queue = openForwardQueue(options)
        } else apply(queue, model, step)
      }
      for (const lane of Lane.options) {
        for (let batch = queue.take(lane); batch; batch = queue.take(lane)) {
          queue.finish(batch)
          model.delivered.get(lane)?.push(...batch.values.map(({ eventTimeMs }) => eventTimeMs))
        }
        const delivered = model.delivered.get(lane) ?? []
        expect(delivered).toEqual([...new Set(delivered)].sort((a, b) => a - b))
        const losses = queue.losses().filter((loss) => loss.lane === lane)
        const lost = losses.flatMap(({ first, last }) =>
          Array.from({ length: last - first + 1 }, (_, index) => first + index),
        )
        expect(losses.reduce((sum, { count }) => sum + count, 0)).toBe(lost.length)
        const all = Array.from({ length: model.appended.get(lane) ?? 0 }, (_, index) => index + 1)
        expect([...delivered, ...lost].sort((a, b) => a - b)).toEqual(all)
      }
      expect(queue.lanes().map(({ waiting, bytes }) => waiting + bytes)).toEqual(Lane.options.map(() => 0))
      queue[Symbol.dispose]()
    }),
    { numRuns: 40 },
  )
})
