import { FlowStep } from '@skerry/contract/flows/flow-step'
import { newSignal, type Operator, QUALITY, type Quality, type Signal } from '@skerry/core/flow/signal'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createOperator } from './create.ts'

const make = (step: object, norms?: { mean: number[]; std: number[] }): Operator => {
  const parsed = FlowStep.parse({ name: 'x', from: 'a', ...step })
  if (parsed.kind === 'model' || parsed.kind === 'ask') throw new Error('models are asked elsewhere')
  return createOperator(parsed, { kind: 'number' }, () => ({ norms, classes: undefined }))
}

const signal = (value: number | string | number[], quality: Quality = QUALITY.good): Signal => ({
  ...newSignal(),
  instant: 1,
  quality,
  number: typeof value === 'number' ? value : Number.NaN,
  other: Array.isArray(value) ? Float64Array.from(value) : typeof value === 'string' ? value : undefined,
  cause: quality === QUALITY.good ? undefined : { code: 'source_lost', message: 'gone' },
})

/**
 * The operator's output for each value: a number, a list, or the code of a bad value. Undefined if there is no output.
 */
function run(operator: Operator, values: readonly (Signal | number)[], everyMs = 1_000) {
  return values.map((value, at) => {
    const out = newSignal()
    const from = typeof value === 'number' ? signal(value) : value
    const isTold = operator.run([from], { id: 1, timeMs: at * everyMs, arrivedMs: 0 }, out)
    if (isTold !== true) return undefined
    if (out.quality === QUALITY.bad) return out.cause?.code
    return out.other instanceof Float64Array ? [...out.other] : out.number
  })
}

test('a unit is converted, for numbers and vectors, and a bad value stays bad with its cause', () => {
  const celsius = make({ kind: 'convert', unit: { from: '°F', to: '°C' } })
  const [freezing, boiling] = run(celsius, [32, 212])
  expect([Math.round(Number(freezing)), Math.round(Number(boiling))]).toEqual([0, 100])
  expect(run(make({ kind: 'convert', scale: 2, offset: 1 }), [signal([1, 2]), signal(9, QUALITY.bad)])).toEqual([
    [3, 5],
    'source_lost',
  ])
})

test('a lag is the value of so many samples before', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(fc.integer()), (samples, values) => {
      expect(run(make({ kind: 'lag', samples }), values)).toEqual(values.map((_, at) => values[at - samples]))
    }),
  )
  expect(run(make({ kind: 'lag', samples: 1 }), [signal(1, QUALITY.bad), 2, 3])).toEqual([
    undefined,
    'value_missing',
    2,
  ])
})

test('a change is per sample or per time, and starts again after a bad value', () => {
  expect(run(make({ kind: 'difference' }), [1, 4, signal(0, QUALITY.bad), 5, 6])).toEqual([
    undefined,
    3,
    'source_lost',
    undefined,
    1,
  ])
  expect(run(make({ kind: 'difference', per: 'minute' }), [0, 2], 500)).toEqual([undefined, 240])
  expect(run(make({ kind: 'difference', per: 'second' }), [0, 2], 0)).toEqual([undefined, undefined])
})

test('one-hot encodes numbers and texts, and reports an unknown one', () => {
  expect(run(make({ kind: 'one-hot', of: [0, 1, 2] }), [1, 3])).toEqual([[0, 1, 0], 'value_unnamed'])
  expect(run(make({ kind: 'one-hot', of: ['idle', 'run'], other: 'zeros' }), [signal('run'), signal('x')])).toEqual([
    [0, 1],
    [0, 0],
  ])
})

test('a value is looked up in the newest table, and a key that it lacks is bad or has its own value', () => {
  const lookup = (more: object, table: () => ReadonlyMap<string, number | string> | undefined) => {
    const step = FlowStep.parse({ name: 'x', from: 'a', kind: 'lookup', data: 'limits', file: 'a.csv', ...more })
    if (step.kind !== 'lookup') throw new Error('another step')
    return createOperator(step, { kind: 'number' }, () => {
      const found = table()
      return { norms: undefined, classes: undefined, ...(found && { table: found }) }
    })
  }
  let table: ReadonlyMap<string, number | string> | undefined
  const step = lookup({}, () => table)
  expect(run(step, [7])).toEqual(['table_missing'])
  table = new Map([
    ['7', 70],
    ['fan', 5],
  ])
  expect(run(step, [7, signal('fan'), 8, signal(7, QUALITY.bad)])).toEqual([70, 5, 'key_unknown', 'source_lost'])
  table = new Map([['8', 80]])
  expect(run(step, [7, 8])).toEqual(['key_unknown', 80])
  expect(
    run(
      lookup({ otherwise: -1 }, () => table),
      [7, 8],
    ),
  ).toEqual([-1, 80])
  const out = newSignal()
  const named = lookup({ gives: 'text' }, () => new Map([['7', 'pump']]))
  expect(named.run([signal(7)], { id: 1, timeMs: 0, arrivedMs: 0 }, out)).toBe(true)
  expect(out.other).toBe('pump')
})

test('values are normalised column by column, by given statistics or by those of the model', () => {
  expect(run(make({ kind: 'normalise', mean: [1, 2], std: [2, 4] }), [signal([3, 10])])).toEqual([[1, 2]])
  expect(run(make({ kind: 'normalise', mean: [1], std: [2] }), [signal([3, 5]), 7])).toEqual([[1, 2], 3])
  expect(run(make({ kind: 'normalise', model: 'm' }, { mean: [10], std: [5] }), [20])).toEqual([2])
})

test('a vote needs so many of the last values; a bad one counts only if it decides', () => {
  const votes = make({ kind: 'k-of-n', from: ['a'], k: 2, last: 3 })
  expect(run(votes, [1, 0, 0, 1, 1, signal(0, QUALITY.bad), signal(0, QUALITY.bad)])).toEqual([
    undefined,
    undefined,
    0,
    0,
    1,
    1,
    'votes_missing',
  ])
})

test('a threshold keeps its state while its signal is bad', () => {
  const high = make({ kind: 'threshold', above: 5, clear: 3 })
  expect(run(high, [6, signal(0, QUALITY.bad), 4, 2])).toEqual([1, 'source_lost', 1, 0])
})
