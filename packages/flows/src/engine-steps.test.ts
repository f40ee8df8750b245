/** Engine, step by step: what each way of putting several together, of gathering and of asking comes to in a flow. */
import type { FlowSample } from '@skerry/contract/flows/flow-recording'
import { expect, test } from 'vitest'
import { from, replay, samplesOf, told } from '../test/replaying.ts'
import type { Infer } from './model-step.ts'

const input = (tag: string, more: object = {}) => ({ name: tag, source: 's', tag, ...more })

/** Adds up the numbers of each row, and says which shapes it was asked with. */
function adder() {
  const shapes: number[][] = []
  const infer: Infer = async ({ inputs: [given] }) => {
    const { shape, data } = given ?? { shape: [0, 0], data: new Float64Array() }
    shapes.push([...shape])
    const [rows = 0, columns = 0] = shape
    const sums = Float64Array.from({ length: rows }, (_, row) =>
      [...data.subarray(row * columns, (row + 1) * columns)].reduce((sum, one) => sum + one, 0),
    )
    return { ok: true, tensors: [{ shape: [rows, 1], data: sums }] }
  }
  return { infer, shapes }
}

test('machines of a kind are rows of one batch, asked at once, and each gets its own answer', async () => {
  const machines = ['m1', 'm2', 'm3']
  const flow = {
    inputs: machines.map((name) => input(name, { length: 2, onBad: 'mark' })),
    steps: [{ name: 'scores', kind: 'model', from: machines, model: 'm', as: 'rows', batchMax: 4 }],
    ...from('scores'),
  }
  const moment = (timeMs: number, first: number) =>
    machines.map((name, at): [string, number, number[]] => [name, timeMs, [first + at, 100]])
  const { infer, shapes } = adder()
  const samples = samplesOf([...moment(0, 1), ...moment(100, 10), ...moment(200, 20), ...moment(300, 30)])
  const { outputs } = await replay(flow, samples, infer)
  expect(told(outputs)).toEqual(['0=101,102,103', '100=110,111,112', '200=120,121,122', '300=130,131,132'])
  expect(shapes[0]).toEqual([3, 2])
  expect(shapes.map(([, columns]) => columns)).toEqual(shapes.map(() => 2))
  expect(shapes.reduce((rows, [count = 0]) => rows + count, 0)).toBe(4 * 3)

  const without = await replay(flow, samplesOf([...moment(0, 1).slice(1), ['m1', 0, 'bad']]), adder().infer)
  expect(told(without.outputs)).toEqual(['0=source_lost'])
})

test('a model that never answers is given up after its time, and its fallback answers', async () => {
  const step = { name: 'score', kind: 'model', from: ['a'], model: 'stuck', timeoutMs: 20 }
  const flow = (more: object) => ({ inputs: [input('a')], steps: [{ ...step, ...more }], ...from('score') })
  const given: boolean[] = []
  const infer: Infer = ({ model, inputs }, signal) => {
    if (model !== 'stuck')
      return Promise.resolve({ ok: true, tensors: [{ shape: [1, 1], data: Float64Array.of(inputs[0]?.data[0] ?? 0) }] })
    return new Promise(() => signal.addEventListener('abort', () => given.push(true)))
  }
  const samples = samplesOf([
    ['a', 0, 3],
    ['a', 100, 4],
  ])
  const alone = await replay(flow({}), samples, infer)
  expect(told(alone.outputs)).toEqual(['0=model_timeout', '100=model_timeout'])
  expect(given).toEqual([true, true])
  const { outputs } = await replay(flow({ fallback: { model: 'spare' } }), samples, infer)
  expect(told(outputs)).toEqual(['0=3', '100=4'])
  expect(outputs[0]).toMatchObject({
    quality: 'uncertain',
    cause: { code: 'model_fallback' },
  })
  expect(JSON.stringify(outputs[0])).toContain('stuck did not answer within 20 ms')
})

test('of several signals so many must say yes; one that is bad counts only where it decides', async () => {
  const names = ['a', 'b', 'c']
  const flow = {
    inputs: names.map((name) => input(name, { onBad: 'mark' })),
    steps: [{ name: 'alarm', kind: 'k-of-n', from: names, k: 2 }],
    ...from('alarm'),
  }
  const samples = samplesOf([
    ['a', 0, 1],
    ['b', 0, 1],
    ['c', 100, 0],
    ['a', 200, 0],
    ['a', 300, 'bad'],
    ['c', 400, 1],
    ['b', 500, 0],
  ])
  const { outputs } = await replay(flow, samples)
  expect(told(outputs)).toEqual(['100=1', '200=0', '300=votes_missing', '400=1', '500=votes_missing'])
})

const sumOver = async (window: object, samples: FlowSample[]) => {
  const steps = [
    { name: 'window', kind: 'window', from: 'a', ...window },
    { name: 'sum', kind: 'statistics', from: 'window', of: ['sum'] },
  ]
  const { outputs, figures } = await replay({ inputs: [input('a'), input('b')], steps, ...from('sum') }, samples)
  return { told: told(outputs), dropped: figures.find(({ name }) => name === 'window')?.dropped }
}

test.each([
  ['tumbling', 3, 3, ['200=6', '500=15']],
  ['hopping', 3, 2, ['200=6', '400=12', '600=18']],
  ['with holes', 2, 4, ['100=3', '500=11']],
])('a window by count, %s', async (_, samples, every, expected) => {
  const values = samplesOf([1, 2, 3, 4, 5, 6, 7, 8].map((value, at) => ['a', at * 100, value]))
  expect(await sumOver({ by: 'count', samples, every }, values)).toEqual({ told: expected, dropped: 0 })
})

test('a window of time that is full drops the oldest, and counts them; a session that is full ends', async () => {
  const values = samplesOf([...[1, 2, 3, 4, 5].map((value, at) => ['a', 10 + at, value] as const), ['b', 1_000, 0]])
  const time = { by: 'time', lastMs: 500, everyMs: 500, samplesMax: 3 }
  expect(await sumOver(time, values)).toEqual({ told: ['500=12'], dropped: 2 })
  const session = { by: 'session', gapMs: 100, samplesMax: 3 }
  expect(await sumOver(session, values)).toEqual({ told: ['12=6', '114=9'], dropped: 0 })
})

test('only what was said at the same moment is put into one row, in the order of the step', async () => {
  const flow = {
    inputs: [input('a'), input('b', { length: 2 })],
    steps: [{ name: 'row', kind: 'concat', from: ['b', 'a'] }],
    ...from('row'),
  }
  const samples = samplesOf([
    ['a', 0, 1],
    ['b', 0, [10, 20]],
    ['a', 100, 2],
    ['b', 200, [30, 40]],
    ['b', 300, [50, 60]],
    ['a', 300, 3],
  ])
  expect(told((await replay(flow, samples)).outputs)).toEqual(['0=10,20,1', '300=50,60,3'])
})

test('an array tag is a vector of its length, and bad where it came with another', async () => {
  const flow = { inputs: [input('a', { length: 3, onBad: 'mark' })], steps: [], ...from('a') }
  const samples = samplesOf([
    ['a', 0, [1, 2, 3]],
    ['a', 100, [1, 2]],
    ['a', 200, 7],
    ['a', 300, [4, 5, 6]],
  ])
  const { outputs } = await replay(flow, samples)
  expect(told(outputs)).toEqual(['0=1,2,3', '100=value_type', '200=value_type', '300=4,5,6'])
  expect(JSON.stringify(outputs[1])).toContain('an array of 3 numbers')
})

test("time is the equipment's, or that of receiving where its clock is wrong", async () => {
  const samples: FlowSample[] = [1, 2, 3].map((value, at) => ({
    source: 's',
    tag: 'a',
    quality: 'good',
    value,
    sourceTimeMs: 500 - at * 100,
    receivedTimeMs: 1_000 + at * 100,
  }))
  const run = async (more: object) => {
    const flow = { inputs: [input('a', more)], steps: [], ...from('a') }
    const { outputs, figures } = await replay(flow, samples)
    return [told(outputs), figures[0]?.late]
  }
  expect(await run({})).toEqual([['500=1'], 2])
  expect(await run({ time: 'received' })).toEqual([['1000=1', '1100=2', '1200=3'], 0])
})
