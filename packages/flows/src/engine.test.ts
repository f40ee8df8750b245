import type { FlowSample } from '@skerry/contract/flows/flow-recording'
import { expect, test } from 'vitest'
import { from, replay, samplesOf, told } from '../test/replaying.ts'
import type { Infer } from './model-step.ts'

const a = { name: 'a', source: 's', tag: 'a' }
const b = { name: 'b', source: 's', tag: 'b' }

test('computes a window, its mean and a threshold on it', async () => {
  const flow = {
    inputs: [a],
    steps: [
      { name: 'window', kind: 'window', by: 'count', from: 'a', samples: 2 },
      { name: 'mean', kind: 'statistics', from: 'window', of: ['mean'] },
      { name: 'high', kind: 'threshold', from: 'mean', above: 10, clear: 5 },
    ],
    ...from('high'),
  }
  const { outputs } = await replay(flow, samplesOf([0, 20, 20, 0, 8, 0].map((value, at) => ['a', at * 100, value])))
  expect(told(outputs)).toEqual(['100=0', '200=1', '300=1', '400=0', '500=0'])
})

test('a step with several inputs runs once in an instant, and only when all of them have a value', async () => {
  const flow = {
    inputs: [a, b],
    steps: [
      { name: 'twice', kind: 'convert', from: 'a', scale: 2 },
      { name: 'sum', kind: 'expression', from: ['a', 'twice', 'b'], expression: 'a + twice + b' },
    ],
    ...from('sum'),
  }
  const samples = samplesOf([
    ['a', 0, 1],
    ['a', 100, 2],
    ['b', 100, 10],
    ['b', 200, 20],
  ])
  expect(told((await replay(flow, samples)).outputs)).toEqual(['100=16', '200=26'])
})

test('samples that are late within the allowance take their place; later ones are counted', async () => {
  const flow = {
    inputs: [a],
    lateMs: 100,
    steps: [{ name: 'change', kind: 'difference', from: 'a' }],
    ...from('change'),
  }
  const at = (sourceTimeMs: number, receivedTimeMs: number, value: number): FlowSample => ({
    source: 's',
    tag: 'a',
    quality: 'good',
    sourceTimeMs,
    receivedTimeMs,
    value,
  })
  const samples = [at(0, 1_000, 0), at(150, 1_150, 3), at(100, 1_160, 2), at(400, 1_400, 5), at(20, 1_410, 99)]
  const { outputs, figures } = await replay(flow, samples)
  expect(told(outputs)).toEqual(['100=2', '150=1', '400=2'])
  expect(figures[0]).toMatchObject({ name: 'a', in: 5, late: 1 })
})

test.each([
  ['skip', ['0=1', '300=4']],
  ['hold', ['0=1', '100=1', '300=4']],
  ['mark', ['0=1', '100=source_lost', '200=source_lost', '300=4']],
])('a bad input: %s', async (onBad, expected) => {
  const flow = { inputs: [{ ...a, onBad, ...(onBad === 'hold' ? { maxAgeMs: 150 } : {}) }], steps: [], ...from('a') }
  const samples = samplesOf([
    ['a', 0, 1],
    ['a', 100, 'bad'],
    ['a', 200, 'bad'],
    ['a', 300, 4],
  ])
  const { outputs } = await replay(flow, samples)
  expect(told(outputs).filter((line) => !line.endsWith('stale'))).toEqual(expected)
})

test('a silent input is noticed by the times of others: a value held beyond its age is stale', async () => {
  const flow = {
    inputs: [a, b],
    steps: [{ name: 'grid', kind: 'resample', from: 'a', everyMs: 100, maxAgeMs: 200 }],
    ...from('grid'),
  }
  const { outputs } = await replay(
    flow,
    samplesOf([
      ['a', 50, 7],
      ['b', 1_000, 0],
      ['a', 1_020, 8],
      ['b', 1_250, 0],
    ]),
  )
  expect(told(outputs)).toEqual(['100=7', '200=7', '300=value_stale', '1100=8', '1200=8'])
})

test('several inputs are joined on a grid, with the newest of each', async () => {
  const flow = {
    inputs: [a, b],
    steps: [{ name: 'row', kind: 'align', from: ['a', 'b'], everyMs: 100, maxAgeMs: 150 }],
    ...from('row'),
  }
  const samples = samplesOf([
    ['a', 10, 1],
    ['b', 110, 2],
    ['a', 120, 3],
    ['a', 300, 4],
    ['a', 420, 5],
  ])
  expect(told((await replay(flow, samples)).outputs)).toEqual(['200=3,2', '300=value_stale', '400=value_stale'])
})

test('windows of time and sessions end also in silence', async () => {
  const windows = {
    time: { by: 'time', lastMs: 200, everyMs: 200 },
    session: { by: 'session', gapMs: 100 },
  }
  const samples = samplesOf([
    ['a', 10, 1],
    ['a', 60, 2],
    ['a', 390, 3],
    ['b', 1_000, 0],
  ])
  const run = async (window: object) => {
    const steps = [
      { name: 'window', kind: 'window', from: 'a', ...window },
      { name: 'sum', kind: 'statistics', from: 'window', of: ['sum'] },
    ]
    return told((await replay({ inputs: [a, b], steps, ...from('sum') }, samples)).outputs)
  }
  expect(await run(windows.time)).toEqual(['200=3', '400=3'])
  expect(await run(windows.session)).toEqual(['160=3', '490=3'])
})

test('an alarm waits until its condition has lasted for its time, and is written once', async () => {
  const flow = {
    inputs: [a],
    steps: [{ name: 'high', kind: 'threshold', from: 'a', above: 5, forMs: 250 }],
    sinks: [{ name: 'out', kind: 'tag', from: 'high', source: 's', tag: 'alarm', as: 'bool' }],
  }
  const values = [0, 9, 0, 9, 9, 9, 9, 9, 9, 0]
  const { outputs } = await replay(flow, samplesOf(values.map((value, at) => ['a', at * 100, value])))
  expect(told(outputs)).toEqual(['0=0', '550=1', '900=0'])
})

test('a sink with a rate gets the newest value when its time comes', async () => {
  const flow = { inputs: [a], sinks: [{ name: 'out', kind: 'hub', from: 'a', everyMs: 250 }] }
  const { outputs, figures } = await replay(flow, samplesOf([0, 1, 2, 3, 4, 5, 6].map((n) => ['a', n * 100, n])))
  expect(told(outputs)).toEqual(['0=0', '200=2', '500=5'])
  expect(figures.at(-1)).toMatchObject({ name: 'out', in: 7, out: 3, dropped: 0 })
})

test('models are called in order, and the results are the same for any delay', async () => {
  const flow = {
    inputs: [a],
    steps: [
      { name: 'first', kind: 'model', from: ['a'], model: 'double', queue: { max: 2 }, batchMax: 3 },
      { name: 'second', kind: 'model', from: ['first'], model: 'double' },
      { name: 'both', kind: 'expression', from: ['a', 'second'], when: 'second', expression: 'second * 1000 + a' },
    ],
    ...from('both'),
  }
  const samples = samplesOf(Array.from({ length: 20 }, (_, at) => ['a', at * 100, at] as const))
  const double = (pauses: readonly number[]): Infer => {
    let asked = 0
    return async ({ inputs }) => {
      for (let left = pauses[asked++ % pauses.length] ?? 0; left > 0; left -= 1) await new Promise(setImmediate)
      const [input] = inputs
      return {
        ok: true,
        tensors: [{ shape: input?.shape ?? [], data: (input?.data ?? new Float64Array()).map((value) => value * 2) }],
      }
    }
  }
  const quick = await replay(flow, samples, double([0]))
  const slow = await replay(flow, samples, double([7, 0, 3]))
  expect(told(quick.outputs)).toEqual(samples.map((_, at) => `${at * 100}=${at * 4_000 + at}`))
  expect(slow.outputs).toEqual(quick.outputs)
  expect(slow.figures.map(({ dropped }) => dropped)).toEqual([0, 0, 0, 0, 0])
})

test('a fallback answers if the model does not, and is marked as uncertain', async () => {
  const step = { name: 'score', kind: 'model', from: ['a'], model: 'new', fallback: { model: 'old' } }
  const infer: Infer = async ({ model, inputs }) =>
    model === 'old'
      ? { ok: true, tensors: [{ shape: [1, 1], data: inputs[0]?.data ?? new Float64Array() }] }
      : { ok: false, code: 'model_unknown', message: 'not here' }
  const flow = { inputs: [a], steps: [step], ...from('score') }
  const { outputs } = await replay(flow, samplesOf([['a', 0, 3]]), infer)
  expect(outputs).toMatchObject([{ quality: 'uncertain', value: 3, cause: { code: 'model_fallback' } }])
  expect(told((await replay(flow, samplesOf([['a', 0, 3]]))).outputs)).toEqual(['0=model_unknown'])
})

test('a filter passes values that fulfil its condition', async () => {
  const flow = {
    inputs: [a, b],
    steps: [{ name: 'running', kind: 'filter', from: 'a', with: ['b'], where: 'value > 0 and b = 1' }],
    ...from('running'),
  }
  const samples = samplesOf([
    ['b', 0, 1],
    ['a', 100, 5],
    ['a', 200, -5],
    ['b', 300, 0],
    ['a', 400, 6],
  ])
  expect(told((await replay(flow, samples)).outputs)).toEqual(['100=5'])
})

test('a clock that was set back makes values late only for a while: the flow starts again', async () => {
  const flow = { inputs: [a], steps: [{ name: 'change', kind: 'difference', from: 'a' }], ...from('change') }
  const hour = 3_600_000
  const samples = samplesOf([
    ['a', hour, 1],
    ['a', hour + 1_000, 3],
    ['a', 5_000, 4],
    ['a', 6_000, 8],
  ])
  expect(told((await replay(flow, samples)).outputs)).toEqual([`${hour + 1_000}=2`, '6000=4'])
})
