import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BARS_MAX, HEAT_COLUMNS_MAX, HEAT_ROWS_MAX, PARTS_MAX, plotOf } from './tensor-plot.ts'

const floats = (shape: number[], values: ArrayLike<number>) =>
  plotOf({ datatype: 'FP32', shape, bytes: new Uint8Array(Float32Array.from(values).buffer) })
const counted = (count: number) => Array.from({ length: count }, (_, index) => index)

test.each([
  ['a scalar', [], 'number'],
  ['one number in a batch', [1, 1], 'number'],
  ['a short vector', [1, 6], 'bars'],
  ['a long vector', [1, 200], 'line'],
  ['a matrix', [4, 5], 'heat'],
  ['a matrix in a batch of one', [1, 4, 5], 'heat'],
  ['a tensor of three dimensions that is no picture', [2, 3, 4], 'heat'],
  ['a picture with its channels first', [1, 3, 8, 9], 'picture'],
  ['a picture with its channels last', [8, 9, 3], 'picture'],
  ['a grey picture', [1, 1, 16, 16], 'picture'],
] as const)('%s has its drawing', (_what, shape, kind) => {
  const count = shape.reduce((product, size) => product * size, 1)
  expect(floats([...shape], counted(count)).kind).toBe(kind)
})

test.each([
  ['texts', { datatype: 'BYTES' as const, shape: [1], bytes: new Uint8Array(4) }],
  ['an empty tensor', { datatype: 'FP32' as const, shape: [0, 3], bytes: new Uint8Array() }],
  ['bytes that are too few', { datatype: 'FP32' as const, shape: [2], bytes: new Uint8Array(4) }],
  [
    'numbers of which none is finite',
    { datatype: 'FP32' as const, shape: [2], bytes: new Uint8Array(Float32Array.of(Number.NaN, 1 / 0).buffer) },
  ],
])('%s have no drawing', (_what, form) => {
  expect(plotOf(form)).toEqual({ kind: 'none' })
})

test('bars start at zero', () => {
  expect(floats([3], [2, 4, 3])).toEqual({ kind: 'bars', values: [2, 4, 3], bounds: { low: 0, high: 4 } })
  expect(floats([2], [-2, -1])).toMatchObject({ bounds: { low: -2, high: 0 } })
})

test('a sampled line keeps a single peak', () => {
  const plot = floats(
    [10_000],
    counted(10_000).map((index) => (index === 7_777 ? 50 : 1)),
  )
  if (plot.kind !== 'line') throw new Error('it must be a line')
  expect(plot.parts).toHaveLength(PARTS_MAX)
  expect(plot.parts.filter(({ max }) => max === 50)).toHaveLength(1)
  expect(plot).toMatchObject({ count: 10_000, bounds: { low: 1, high: 50 } })
})

test('a large matrix has a limited number of cells, each the mean of its block', () => {
  const plot = floats(
    [64, 96],
    counted(64 * 96).map((index) => Math.floor(index / 96)),
  )
  if (plot.kind !== 'heat') throw new Error('it must be a heat map')
  expect(plot.columns).toBe(HEAT_COLUMNS_MAX)
  expect(plot.cells).toHaveLength(HEAT_ROWS_MAX * HEAT_COLUMNS_MAX)
  expect(plot.cells[0]).toBe(0.5)
  expect(plot.of).toEqual([64, 96])
})

test('a picture has the same pixels in either layout', () => {
  const planar = counted(3 * 64).map((index) => (index < 64 ? 1 : 0))
  const pixelwise = counted(3 * 64).map((index) => (index % 3 === 0 ? 1 : 0))
  const [first, last] = [floats([1, 3, 8, 8], planar), floats([8, 8, 3], pixelwise)]
  if (first.kind !== 'picture' || last.kind !== 'picture') throw new Error('both must be pictures')
  expect([...first.pixels.slice(0, 4)]).toEqual([255, 0, 0, 255])
  expect(first.pixels).toEqual(last.pixels)
})

test('a drawing has a limited number of marks for any shape', () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 3 })
  fc.assert(
    fc.property(shapes, (shape) => {
      const plot = floats(shape, counted(shape.reduce((product, size) => product * size, 1)))
      const marks = {
        none: () => 0,
        number: () => 1,
        bars: () => (plot.kind === 'bars' ? plot.values.length / BARS_MAX : 2),
        line: () => (plot.kind === 'line' ? plot.parts.length / PARTS_MAX : 2),
        heat: () => (plot.kind === 'heat' ? plot.cells.length / (HEAT_ROWS_MAX * HEAT_COLUMNS_MAX) : 2),
        picture: () => 1,
      }[plot.kind]()
      expect(marks).toBeLessThanOrEqual(1)
    }),
    { numRuns: 50 },
  )
})
