import { SeenValue } from '@skerry/contract/flows/flow-look'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seenOf, seenOutput } from './seen-value.ts'
import { newSignal, QUALITY, type Signal } from './signal.ts'

const signal = (changes: Partial<Signal>): Signal => ({
  ...newSignal(),
  instant: 1,
  timeMs: 1_000,
  quality: QUALITY.good,
  number: 7,
  ...changes,
})
const cause = { code: 'sensor_stuck', message: 'it does not move' }

test.each([
  ['a number', signal({}), { quality: 'good', value: 7 }],
  ['a doubtful one', signal({ quality: QUALITY.uncertain, cause }), { quality: 'uncertain', cause: 'sensor_stuck' }],
  ['a bad one has no value', signal({ quality: QUALITY.bad, cause }), { quality: 'bad', cause: 'sensor_stuck' }],
  ['no finite number', signal({ number: Number.NaN }), { quality: 'bad', cause: 'value_not_finite' }],
  ['a long text', signal({ other: 'x'.repeat(250) }), { value: 'x'.repeat(200), omitted: 50 }],
  ['many numbers', signal({ other: new Float64Array(10).fill(2) }), { value: Array(8).fill(2), omitted: 2 }],
  [
    'the newest row of a window',
    signal({ other: { rows: 2, columns: 2, values: Float64Array.of(1, 2, 3, 4), timesMs: Float64Array.of(1, 2) } }),
    { value: [3, 4], omitted: 2 },
  ],
  [
    'an empty window',
    signal({ other: { rows: 0, columns: 2, values: new Float64Array(), timesMs: new Float64Array() } }),
    { value: [] },
  ],
])('%s', (_, given, expected) => {
  expect(seenOf(given)).toMatchObject({ timeMs: 1_000, ...expected })
})

test('what a sink was told is seen as it was told', () => {
  expect(seenOutput({ sink: 'lamp', timeMs: 5, quality: 'good', value: [1, 2] })).toEqual({
    timeMs: 5,
    quality: 'good',
    value: [1, 2],
  })
  expect(seenOutput({ sink: 'lamp', timeMs: 5, quality: 'bad', cause })).toEqual({
    timeMs: 5,
    quality: 'bad',
    cause: 'sensor_stuck',
  })
})

test('whatever a signal holds, what is seen of it is what the contract says', () => {
  const other = fc.oneof(
    fc.constant(undefined),
    fc.string({ maxLength: 300 }),
    fc.float64Array({ maxLength: 20 }),
    fc.float64Array({ maxLength: 20 }).map((values) => ({
      rows: values.length,
      columns: 1,
      values,
      timesMs: values,
    })),
  )
  const signals = fc.record({
    quality: fc.constantFrom(QUALITY.good, QUALITY.uncertain, QUALITY.bad),
    other,
    number: fc.double(),
    timeMs: fc.double(),
  })
  fc.assert(
    fc.property(signals, (changes) => {
      expect(SeenValue.safeParse(JSON.parse(JSON.stringify(seenOf(signal(changes))))).success).toBe(true)
    }),
  )
})
