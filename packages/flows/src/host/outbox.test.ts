import { Flow } from '@skerry/contract/flows/flow'
import type { FlowOutput } from '@skerry/contract/flows/flow-recording'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { createEngine } from '../engine.ts'
import type { ModelAnswer } from '../model-step.ts'
import { createBatchBuilder } from '../sample-batch.ts'
import { createOutbox } from './outbox.ts'

type Case = [drop: 'oldest' | 'newest', carried: number[][], dropped: number[]]

test.each<Case>([
  ['oldest', [[1], [4, 5]], [2, 3]],
  ['newest', [[1], [2, 3]], [4, 5]],
])('what does not fit is dropped: the %s', async (drop, carried, dropped) => {
  const gate = Promise.withResolvers<void>()
  const seen: number[][] = []
  const lost: number[] = []
  const outbox = createOutbox<number>(
    { max: 2, drop },
    {
      batchMax: 8,
      async carry(items) {
        seen.push(items)
        await gate.promise
      },
      onDropped: (item) => void lost.push(item),
    },
  )
  // The first is on its way at once, and waits no more.
  for (const item of [1, 2, 3, 4, 5]) outbox.push(item)
  expect([outbox.size, outbox.dropped]).toEqual([2, 2])
  gate.resolve()
  await outbox.idle()
  expect([seen, lost]).toEqual([carried, dropped])
})

test('a live flow does not wait for a model that is behind: it drops by its policy, counts, and goes on in order', async () => {
  const flow = Flow.parse({
    name: 'behind',
    inputs: [{ name: 'a', source: 's', tag: 'a' }],
    steps: [
      {
        name: 'score',
        kind: 'model',
        from: ['a'],
        model: 'slow',
        queue: { max: 3, drop: 'oldest' },
        timeoutMs: 60_000,
      },
    ],
    sinks: [
      { name: 'scores', kind: 'hub', from: 'score' },
      { name: 'plain', kind: 'hub', from: 'a' },
    ],
  })
  const outputs: FlowOutput[] = []
  const asked: (() => void)[] = []
  const engine = createEngine(flow, {
    facts: new Map(),
    monotonicMs: () => 0,
    signal: new AbortController().signal,
    haste: 'live',
    infer: ({ inputs }) =>
      new Promise<ModelAnswer>((resolve) =>
        asked.push(() =>
          resolve({ ok: true, tensors: [{ shape: [1, 1], data: inputs[0]?.data ?? new Float64Array() }] }),
        ),
      ),
    async tell(_sink, output) {
      outputs.push(output)
      return { ok: true }
    },
  })
  const builder = createBatchBuilder(flow)
  const place = builder.placesOf('s', 'a')
  for (let value = 0; value < 10; value++) builder.addNumber(place, value, 1_000 + value)
  await engine.feed(builder.take())
  // One is being asked, three wait, six are gone; what needs no model was told already.
  expect(engine.figures().find(({ name }) => name === 'score')).toMatchObject({ in: 10, queued: 3, dropped: 6 })
  expect(outputs.filter(({ sink }) => sink === 'plain').length).toBeGreaterThan(0)
  const idle = engine.idle()
  for (let at = 0; at < 4; at++) {
    await until(() => asked.length > at, { everyMs: 1 })
    asked[at]?.()
  }
  await idle
  const scores = outputs.filter(({ sink }) => sink === 'scores')
  expect(scores.map((output) => 'value' in output && output.value)).toEqual([0, 7, 8, 9])
})

test('what a full queue of a sink did not take counts as not told: the sink keeps what it has, and is told the same when it comes again', async () => {
  const flow = Flow.parse({
    name: 'lamp',
    inputs: [{ name: 'a', source: 's', tag: 'a' }],
    sinks: [{ name: 'lamp', kind: 'tag', from: 'a', source: 's', tag: 'lamp', queue: { max: 1, drop: 'newest' } }],
  })
  const gate = Promise.withResolvers<void>()
  const outputs: FlowOutput[] = []
  const engine = createEngine(flow, {
    facts: new Map(),
    monotonicMs: () => 0,
    signal: new AbortController().signal,
    haste: 'live',
    infer: () => Promise.reject(new Error('there is no model')),
    async tell(_sink, output) {
      outputs.push(output)
      await gate.promise
      return { ok: true }
    },
  })
  const builder = createBatchBuilder(flow)
  const feed = (values: readonly number[], fromMs: number) => {
    values.forEach((value, at) => void builder.addNumber(builder.placesOf('s', 'a'), value, fromMs + at))
    return engine.feed(builder.take())
  }
  // 0 is on its way, 1 waits, and there is no room for 2: the lamp will show 1.
  await feed([0, 1, 2], 1_000)
  gate.resolve()
  await engine.idle()
  await feed([1, 2], 2_000)
  await engine.idle()
  expect(outputs.map((output) => 'value' in output && output.value)).toEqual([0, 1, 2])
  expect(engine.figures().find(({ name }) => name === 'lamp')).toMatchObject({ in: 5, dropped: 1 })
})
