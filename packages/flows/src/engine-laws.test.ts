/** Laws: what must hold of a flow whatever comes in, and however the clock goes. */
import { Flow } from '@skerry/contract/flows/flow'
import type { FlowOutput, FlowSample } from '@skerry/contract/flows/flow-recording'
import { goldenDifferences } from '@skerry/core/flow/tensors/golden-difference'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createEngine, type Engine } from './engine.ts'
import type { Infer } from './model-step.ts'
import { replayFlow } from './replay/replay.ts'
import { createBatchBuilder } from './sample-batch.ts'

const { signal } = new AbortController()

const flow = Flow.parse({
  name: 'laws',
  lateMs: 30,
  inputs: [
    { name: 'a', source: 's', tag: 'a', onBad: 'mark', maxAgeMs: 300 },
    { name: 'b', source: 's', tag: 'b', onBad: 'hold', maxAgeMs: 200 },
  ],
  steps: [
    { name: 'grid', kind: 'resample', from: 'a', everyMs: 50, maxAgeMs: 120 },
    { name: 'row', kind: 'align', from: ['a', 'b'], everyMs: 40, maxAgeMs: 100 },
    { name: 'last', kind: 'window', by: 'time', from: 'a', lastMs: 100, everyMs: 60 },
    { name: 'session', kind: 'window', by: 'session', from: 'b', gapMs: 70 },
    { name: 'mean', kind: 'statistics', from: 'last', of: ['mean'] },
    { name: 'count', kind: 'statistics', from: 'session', of: ['count'] },
    { name: 'score', kind: 'model', from: ['row'], model: 'sum' },
    { name: 'high', kind: 'threshold', from: 'score', above: 5, forMs: 45, clearForMs: 25 },
    { name: 'both', kind: 'expression', from: ['a', 'score'], when: 'a', expression: 'a + score' },
  ],
  sinks: ['grid', 'mean', 'count', 'high', 'both'].map((from) => ({ name: `to_${from}`, kind: 'hub', from })),
})

const sumOf = (values: ArrayLike<number>) => Array.from(values).reduce((total, value) => total + value, 0)

const sum: Infer = async ({ inputs }) => ({
  ok: true,
  tensors: [{ shape: [1, 1], data: Float64Array.of(sumOf(inputs[0]?.data ?? [])) }],
})

const step = fc.record({
  pauseMs: fc.nat({ max: 160 }),
  tag: fc.constantFrom('a', 'b'),
  value: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: -9, max: 9 }) },
    { weight: 1, arbitrary: fc.constant('bad' as const) },
  ),
  behindMs: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 60 }) }),
})

const samplesOf = (steps: readonly (typeof step extends fc.Arbitrary<infer One> ? One : never)[]): FlowSample[] => {
  let nowMs = 1_000
  return steps.map(({ pauseMs, tag, value, behindMs }) => {
    nowMs += pauseMs
    const head = { source: 's', tag, receivedTimeMs: nowMs, sourceTimeMs: nowMs - behindMs }
    return value === 'bad'
      ? { ...head, quality: 'bad', cause: { code: 'source_lost', message: 'gone' } }
      : { ...head, quality: 'good', value }
  })
}

const deps = { infer: sum, facts: new Map(), monotonicMs: () => 0 }

function live(outputs: FlowOutput[], before?: Engine): Engine {
  return createEngine(flow, {
    ...deps,
    signal,
    haste: 'patient',
    before,
    async tell(_sink, output) {
      outputs.push(output)
      return { ok: true }
    },
  })
}

const EXACT = { absolute: 0, relative: 0 }
const expectSame = (expected: FlowOutput[], given: FlowOutput[]) =>
  expect(goldenDifferences({ tolerance: EXACT, outputs: expected }, given)).toEqual([])

/** Groups of samples that are one moment, as the engine takes them. */
const moments = (samples: readonly FlowSample[]) =>
  samples.reduce<FlowSample[][]>((groups, sample) => {
    const group = groups.at(-1)
    if (group?.[0]?.receivedTimeMs === sample.receivedTimeMs) group.push(sample)
    else groups.push([sample])
    return groups
  }, [])

test('however often the clock is looked at between samples, and wherever it is updated, the outputs are those of the replay', async () => {
  const ticks = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 10 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      ticks,
      fc.nat({ max: 40 }),
      async (steps, pattern, updateAt) => {
        const samples = samplesOf(steps)
        const outputs: FlowOutput[] = []
        let engine = live(outputs)
        const groups = moments(samples)
        for (const [at, group] of groups.entries()) {
          const builder = createBatchBuilder(flow)
          for (const sample of group) builder.add(sample)
          await engine.feed(builder.take())
          if (at === updateAt) {
            await engine.idle()
            engine = live(outputs, engine)
          }
          const nextMs = groups[at + 1]?.[0]?.receivedTimeMs
          const fromMs = group[0]?.receivedTimeMs ?? 0
          const count = pattern[at % pattern.length] ?? 0
          for (let n = 1; n <= count && nextMs !== undefined; n++)
            await engine.tick(fromMs + ((nextMs - fromMs) * n) / count)
        }
        await engine.end()
        await engine.idle()
        expectSame((await replayFlow(flow, samples, deps, signal)).outputs, outputs)
      },
    ),
    { numRuns: 150 },
  )
})

test('outputs of a sink are in the order of their times, and everything that came in is accounted for', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const samples = samplesOf(steps)
      const { outputs, figures } = await replayFlow(flow, samples, deps, signal)
      const lastMs = new Map<string, number>()
      for (const { sink, timeMs } of outputs) {
        expect(timeMs).toBeGreaterThanOrEqual(lastMs.get(sink) ?? 0)
        lastMs.set(sink, timeMs)
      }
      const [a, b] = figures
      expect((a?.in ?? 0) + (b?.in ?? 0)).toBe(samples.length)
      // Marked, a is told on whole, except what was late.
      expect(a?.out).toBe((a?.in ?? 0) - (a?.late ?? 0))
    }),
  )
})
