/** Flow host: flows in threads of their own, and what becomes of those that crash or never end. */
import { Flow } from '@skerry/contract/flows/flow'
import type { FlowPartLook } from '@skerry/contract/flows/flow-look'
import type { TagContent } from '@skerry/contract/sources/tag'
import type { Norms } from '@skerry/core/flow/tensors/norms'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { flowOf, hub, isRunning, sample, stage, valuesOf } from './flow-stage.ts'

test('a change that equipment refused is told again with the next value, although that is the same', async () => {
  const tries: TagContent[] = []
  const lamp = { name: 'lamp', kind: 'tag', from: 'a', source: 'plc', tag: 'lamp', as: 'bool' }
  const { host } = stage(flowOf([], [lamp]), {
    async write(_source, _tag, value) {
      tries.push(value)
      return tries.length === 1 ? { ok: false, code: 'source_unreachable', message: 'the PLC is away' } : { ok: true }
    },
  })
  await using _ = host
  await until(isRunning(host))
  let atMs = 1_000
  const feedUntil = (isSo: () => boolean) =>
    until(() => {
      atMs += 1
      host.feed([sample(1, atMs)])
      return isSo()
    })
  await feedUntil(() => tries.length === 2)
  const { length } = tries
  for (const at of [1, 2, 3]) host.feed([sample(1, atMs + at)])
  host.feed([sample(0, atMs + 4)])
  await until(() => tries.length > length)
  expect(tries).toEqual([true, true, false])
})

test('a flow asks models, writes tags and tells sinks through its host', async () => {
  const steps = [
    { name: 'score', kind: 'model', from: ['a'], model: 'ten' },
    { name: 'high', kind: 'threshold', from: 'score', above: 15 },
  ]
  const lamp = { name: 'lamp', kind: 'tag', from: 'high', source: 'plc', tag: 'lamp', as: 'bool' }
  const { host, sent, written } = stage(flowOf(steps, [hub('score'), lamp]))
  await using _ = host
  await until(isRunning(host))
  for (const [at, value] of [1, 2, 1].entries()) host.feed([sample(value, 1_000 + at)])
  await until(() => written.length === 3)
  expect(valuesOf(sent)).toEqual([10, 20, 10])
  expect(written).toEqual([
    ['plc/lamp', false],
    ['plc/lamp', true],
    ['plc/lamp', false],
  ])
  await until(() => host.figures().parts.find(({ name }) => name === 'lamp')?.out === 3)
  const figures = host.figures()
  expect(figures).toMatchObject({ flow: 'watch', crashes: 0, lost: 0, reachedMs: 1_002 })
  expect(figures.parts.find(({ name }) => name === 'score')?.latencyP50Ms).toBeGreaterThan(0)
})

test('a vector is written to a tag whole, as numbers or as truths', async () => {
  const pair = { name: 'pair', kind: 'expression', from: ['a'], expression: '[a, 0]', gives: { vector: 2 } }
  const sinkOf = (name: string, as: string) => ({ name, kind: 'tag', from: 'pair', source: 'plc', tag: name, as })
  const { host, written } = stage(flowOf([pair], [sinkOf('zones', 'number'), sinkOf('heating', 'bool')]))
  await using _ = host
  await until(isRunning(host))
  host.feed([sample(2.5, 1_000)])
  await until(() => written.length === 2)
  expect(new Map(written.map(([tag, value]) => [tag, value]))).toEqual(
    new Map<unknown, unknown>([
      ['plc/zones', [2.5, 0]],
      ['plc/heating', [true, false]],
    ]),
  )
})

test('a changed flow goes on with the windows that are as before', async () => {
  const window = { name: 'window', kind: 'window', by: 'count', from: 'a', samples: 3 }
  const sum = { name: 'sum', kind: 'statistics', from: 'window', of: ['sum'] }
  const flow = (scale: number) =>
    flowOf([window, sum, { name: 'more', kind: 'convert', from: 'sum', scale }], [hub('more')])
  const { host, sent } = stage(flow(1))
  await using _ = host
  await until(isRunning(host))
  host.feed([sample(1, 1_000)])
  host.feed([sample(2, 1_001)])
  host.update(flow(100))
  host.feed([sample(3, 1_002)])
  await until(() => sent.length === 1)
  expect(valuesOf(sent)).toEqual([600])
})

test('figures that come after a change are those of the changed flow, however long the one before still has to do', async () => {
  const flow = (name: string) => flowOf([{ name, kind: 'model', model: 'm', from: ['a'] }], [hub(name)])
  const gate = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  const { host } = stage(flow('old'), {
    async infer() {
      asked.resolve()
      await gate.promise
      return { ok: true, tensors: [{ shape: [1, 1], data: Float64Array.of(1) }] }
    },
  })
  await using _ = host
  await until(isRunning(host))
  host.feed([sample(1, 1_000)])
  await asked.promise
  const before = host.figures().parts
  host.update(flow('new'))
  // What is seen is of the one before until its answer is there.
  for (let looks = 0; looks < 3; looks += 1) expect((await host.look()).parts.map(({ name }) => name)).toContain('old')
  expect(host.figures().parts).toBe(before)
  gate.resolve()
  await until(() => host.figures().parts !== before)
  expect(host.figures().parts.map(({ name }) => name)).toContain('new')
})

test('silence ends what ends in silence, by the clock', async () => {
  const steps = [
    { name: 'session', kind: 'window', by: 'session', from: 'a', gapMs: 200 },
    { name: 'count', kind: 'statistics', from: 'session', of: ['count'] },
  ]
  const { host, sent } = stage(flowOf(steps, [hub('count')]))
  await using _ = host
  await until(isRunning(host))
  const nowMs = Date.now()
  host.feed([sample(1, nowMs)])
  host.feed([sample(2, nowMs + 1)])
  await until(() => sent.length === 1)
  expect(sent).toMatchObject([{ value: 2, timeMs: nowMs + 201 }])
})

test('an expression that never ends stops its own flow only, which is started anew', async () => {
  const endless = {
    name: 'e',
    kind: 'expression',
    from: ['a'],
    expression: "$contains($pad('', 40, 'a') & 'b', /^(a+)+$/)",
  }
  const stuck = stage(flowOf([endless], [hub('e')]), { silenceMaxMs: 2_500 })
  const well = stage(flowOf([], [hub('a')]))
  await using first = stuck.host
  await using second = well.host
  await until(() => isRunning(first)() && isRunning(second)())
  first.feed([sample(1, 1_000)])
  await until(() => stuck.states.some(({ kind }) => kind === 'crashed'))
  expect(stuck.states.find(({ kind }) => kind === 'crashed')).toMatchObject({ cause: { code: 'flow_silent' } })
  second.feed([sample(7, 1_000)])
  await until(() => well.sent.length === 1)
  await until(isRunning(first))
})

test('a thread that takes long to load is not taken for one that is stuck', async () => {
  const thread = new URL('./slow-thread.mjs', import.meta.url)
  const { host, states } = stage(flowOf([], [hub('a')]), { thread, silenceMaxMs: 500 })
  await using _ = host
  await until(isRunning(host))
  expect(states.map(({ kind }) => kind)).not.toContain('crashed')
})

test('a thread that ends by itself is started anew, and left alone after it did so five times', async () => {
  const thread = new URL('./crashing-thread.mjs', import.meta.url)
  const { host, states } = stage(flowOf([], [hub('a')]), { thread })
  await using _ = host
  await until(() => host.figures().state.kind === 'quarantined')
  expect(states.map(({ kind }) => kind).filter((kind) => kind !== 'starting')).toEqual([
    ...Array(4).fill('crashed'),
    'quarantined',
  ])
  expect(host.figures()).toMatchObject({ crashes: 5, state: { cause: { message: 'offset is out of bounds' } } })
  host.feed([sample(1, 1), sample(2, 2)])
  expect(host.figures().lost).toBe(2)
})

test('what comes while the thread has not begun with what came before is lost, and counted: nothing else is', async () => {
  const { host, sent } = stage(flowOf([], [{ ...hub('a'), queue: { max: 4_096 } }]))
  await using _ = host
  await until(isRunning(host))
  // All in one turn of this thread: nothing can be heard of the other between two of them.
  for (let at = 0; at < 100; at++) host.feed([sample(at, 1_000 + at), sample(-at, 1_000 + at)])
  const { lost } = host.figures()
  expect(lost).toBe(2 * (100 - 64))
  await until(() => sent.length === 2 * 64)
  await until(() => host.figures().parts.find(({ name }) => name === 'a')?.in === 2 * 64)
  host.feed([sample(7, 2_000)])
  await until(() => sent.length === 2 * 64 + 1)
  expect(host.figures().lost).toBe(lost)
})

test('of pictures one waits, the next are left out and counted, and readings go on meanwhile', async () => {
  const frame = { name: 'frame', source: 'gate', tag: 'frame', type: 'image' }
  const inputs = [frame, { name: 'a', source: 's', tag: 'a' }]
  const { host, sent } = stage(Flow.parse({ name: 'watch', inputs, sinks: [hub('a')] }))
  await using _ = host
  await until(isRunning(host))
  const picture = { width: 2, height: 1, channels: 3 as const, data: new Uint8Array(6) }
  for (let at = 0; at < 5; at++) {
    const seen = {
      source: 'gate',
      tag: 'frame',
      quality: 'good' as const,
      value: 'picture',
      receivedTimeMs: 1_000 + at,
    }
    host.fill((builder) => void builder.add(seen, picture))
    host.feed([sample(at, 1_000 + at)])
  }
  expect(host.figures().lost).toBe(4)
  await until(() => sent.length === 5)
  expect(valuesOf(sent)).toEqual([0, 1, 2, 3, 4])
  await until(() => host.figures().parts.find(({ name }) => name === 'frame')?.in === 1)
})

test('what a model that is not there should know is said, and the flow does not run', async () => {
  const { host, states } = stage(flowOf([{ name: 'n', kind: 'normalise', from: 'a', model: 'gone' }], [hub('n')]))
  await using _ = host
  await until(() => states.length > 0)
  expect(states[0]).toMatchObject({ kind: 'crashed', cause: { code: 'norms_missing' } })
})

test('another version of a model is gone by as soon as it answers, and no window is emptied for it', async () => {
  let norms: Norms | undefined = { mean: [0], std: [1] }
  const steps = [
    { name: 'window', kind: 'window', by: 'count', from: 'a', samples: 3 },
    { name: 'sum', kind: 'statistics', from: 'window', of: ['sum'] },
    { name: 'n', kind: 'normalise', from: 'sum', model: 'scaled' },
  ]
  const { host, sent } = stage(flowOf(steps, [hub('n')]), { factsOf: () => ({ norms, classes: undefined }) })
  await using _ = host
  await until(isRunning(host))
  const tell = (value: number) => host.feed([sample(value, 1_000 + value)])
  for (const value of [1, 2, 3]) tell(value)
  norms = { mean: [6], std: [2] }
  expect(host.learn()).toBeUndefined()
  for (const value of [4, 5]) tell(value)
  // A version that says nothing of itself leaves what is known.
  norms = undefined
  expect(host.learn()).toMatchObject({ code: 'norms_missing' })
  tell(6)
  await until(() => sent.length === 4)
  expect(valuesOf(sent)).toEqual([6, (9 - 6) / 2, (12 - 6) / 2, (15 - 6) / 2])
  // What goes on as it was in a changed flow goes by what is known now.
  norms = { mean: [0], std: [10] }
  host.update(flowOf([...steps, { name: 'more', kind: 'convert', from: 'a', scale: 2 }], [hub('n')]))
  tell(7)
  await until(() => sent.length === 5)
  expect(valuesOf(sent).at(-1)).toBe((5 + 6 + 7) / 10)
  expect(host.figures()).toMatchObject({ crashes: 0, lost: 0 })
})

const partOf = (parts: readonly FlowPartLook[], wanted: string) =>
  parts.find(({ part, name }) => `${part} ${name}` === wanted)
const seenBy = (look: FlowPartLook | undefined) =>
  look?.recent.map((seen) => ('value' in seen ? seen.value : seen.cause))

test('who looks sees what stands, then each value once, over levels and models', async () => {
  const steps = [{ name: 'score', kind: 'model', from: ['a'], model: 'ten' }]
  const { host, sent } = stage(flowOf(steps, [hub('score')]))
  await using _ = host
  await until(isRunning(host))
  host.feed([sample(1, 1_000)])
  await until(() => sent.length === 1)
  const first = await host.look()
  expect(first).toMatchObject({ flow: 'watch', state: { kind: 'running' }, sinks: [{ name: 'out' }] })
  expect(['input a', 'step score', 'sink out'].map((name) => seenBy(partOf(first.parts, name)))).toEqual([
    [1],
    [10],
    [10],
  ])
  host.feed([sample(2, 2_000)])
  host.feed([{ ...sample(0, 3_000), quality: 'bad', cause: { code: 'gone', message: 'gone' } }])
  await until(() => sent.length === 2)
  const second = await host.look()
  const score = partOf(second.parts, 'step score')
  expect(score).toMatchObject({
    last: 2,
    in: 2,
    recent: [
      { value: 10, timeMs: 1_000 },
      { value: 20, timeMs: 2_000 },
    ],
  })
  expect(second.countedFromMs).toBe(first.countedFromMs)
  host.update(flowOf([{ name: 'twice', kind: 'convert', from: 'a', scale: 2 }], [hub('twice')]))
  host.feed([sample(3, 4_000)])
  await until(() => sent.length === 3)
  const third = await host.look()
  expect(third.countedFromMs).toBeGreaterThan(first.countedFromMs ?? 0)
  expect(seenBy(partOf(third.parts, 'step twice'))).toEqual([6])
})

test('a thread that does not come to an answer is looked at from outside', async () => {
  const endless = { name: 'mad', kind: 'expression', from: ['a'], expression: '$sum([1..9999999].($ * a))' }
  const { host } = stage(flowOf([endless], [hub('mad')]))
  await using _ = host
  await until(isRunning(host))
  host.feed([sample(1, 1_000)])
  const look = await host.look()
  expect(look.parts.map(({ name }) => name)).toEqual(['a', 'mad', 'out'])
})
