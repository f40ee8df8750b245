/**
 * Tensor plot: chooses the drawing of a tensor by its shape, and computes its marks. A scalar is a number, a vector is
 * bars or a line, a matrix is a heat map, and a tensor with the shape of an image is a picture. Long tensors are
 * sampled, so that a drawing has a limited number of marks. Pure.
 */
import type { Tensor } from '@skerry/contract/models/tensor'
import { elementReader } from '@skerry/core/tensors/tensor-elements'

/** A part of a vector, of one element or of several. A part without finite numbers has none. */
export type LinePart = { from: number; to: number; min?: number; mean?: number; max?: number }
export type Bounds = { low: number; high: number }

export type TensorPlot =
  /** Texts, nothing, or numbers of which none is finite. */
  | { kind: 'none' }
  | { kind: 'number'; value: number }
  | { kind: 'bars'; values: readonly number[]; bounds: Bounds }
  | { kind: 'line'; parts: readonly LinePart[]; bounds: Bounds; count: number }
  | { kind: 'heat'; columns: number; cells: readonly (number | undefined)[]; bounds: Bounds; of: [number, number] }
  | { kind: 'picture'; width: number; height: number; pixels: Uint8ClampedArray<ArrayBuffer>; bounds: Bounds }

export type PlotForm = Pick<Tensor, 'datatype' | 'shape'> & { bytes: Uint8Array }

/** A phone shows this many bars side by side. */
export const BARS_MAX = 32

/** A card is some hundred pixels wide, and a part needs two of them. */
export const PARTS_MAX = 200

/** A cell of a heat map needs some pixels, and each is an element of the page. */
export const HEAT_ROWS_MAX = 32
export const HEAT_COLUMNS_MAX = 48

/** With fewer pixels a side, it is numbers and no picture. */
const SIDE_MIN = 8

/** A larger picture would be sampled by the browser anyway. */
const SIDE_MAX = 1_024

/** The drawing. The bytes fit the shape; otherwise there is none. */
export function plotOf({ datatype, shape, bytes }: PlotForm): TensorPlot {
  const values = datatype === 'BYTES' ? undefined : numbersOf({ datatype, shape, bytes })
  const bounds = values && boundsOf(values)
  if (!values || !bounds) return { kind: 'none' }
  if (values.length === 1) return { kind: 'number', value: values[0] ?? 0 }
  const picture = pictureOf(shape, values, bounds)
  if (picture) return picture
  const sizes = shape.filter((size) => size !== 1)
  if (sizes.length > 1) return heatOf(values, sizes, bounds)
  const withZero = { low: Math.min(0, bounds.low), high: Math.max(0, bounds.high) }
  if (values.length <= BARS_MAX) return { kind: 'bars', values: [...values], bounds: withZero }
  return { kind: 'line', parts: partsOf(values), bounds, count: values.length }
}

function numbersOf({ datatype, shape, bytes }: PlotForm): Float64Array | undefined {
  const count = shape.reduce((product, size) => product * size, 1)
  if (count === 0 || bytes.byteLength % count !== 0) return undefined
  const at = elementReader(datatype, bytes)
  try {
    return Float64Array.from({ length: count }, (_, index) => Number(at(index)))
  } catch (cause) {
    // The bytes end before the last element.
    if (cause instanceof RangeError) return undefined
    throw cause
  }
}

function boundsOf(values: Iterable<number>): Bounds | undefined {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return low > high ? undefined : { low, high }
}

/** Each part keeps its bounds, so that a single peak stays visible. */
function partsOf(values: Float64Array): LinePart[] {
  const count = Math.min(values.length, PARTS_MAX)
  return Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * values.length) / count)
    const to = Math.floor(((index + 1) * values.length) / count)
    const bounds = boundsOf(values.subarray(from, to))
    const mean = meanOf(values.subarray(from, to))
    return { from, to, ...(bounds && mean !== undefined && { min: bounds.low, mean, max: bounds.high }) }
  })
}

/** The mean of the finite numbers; undefined if there are none. */
function meanOf(values: Iterable<number>): number | undefined {
  let mean = 0
  let count = 0
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    count += 1
    mean += value / count - mean / count
  }
  return count === 0 ? undefined : mean
}

/** Rows of the last dimension. A cell of a large tensor is the mean of its block. */
function heatOf(values: Float64Array, sizes: readonly number[], bounds: Bounds): TensorPlot {
  const width = sizes.at(-1) ?? 1
  const height = values.length / width
  const columns = Math.min(width, HEAT_COLUMNS_MAX)
  const rows = Math.min(height, HEAT_ROWS_MAX)
  const cells = Array.from({ length: rows * columns }, (_, cell) => {
    const [row, column] = [Math.floor(cell / columns), cell % columns]
    return meanOf(
      blockOf(values, { width, top: edge(row, height, rows), bottom: edge(row + 1, height, rows) }, [
        edge(column, width, columns),
        edge(column + 1, width, columns),
      ]),
    )
  })
  return { kind: 'heat', columns, cells, bounds, of: [height, width] }
}

const edge = (index: number, size: number, parts: number) => Math.floor((index * size) / parts)

function* blockOf(
  values: Float64Array,
  { width, top, bottom }: { width: number; top: number; bottom: number },
  [left, right]: readonly [number, number],
) {
  for (let row = top; row < bottom; row++)
    for (let column = left; column < right; column++) yield values[row * width + column] ?? Number.NaN
}

type Frame = { width: number; height: number; channels: number; isPlanar: boolean }

/** Rank 3 or 4 with one, three or four channels, before or after height and width. */
function frameOf(shape: readonly number[]): Frame | undefined {
  const inner = shape.length === 4 && shape[0] === 1 ? shape.slice(1) : shape
  if (inner.length !== 3) return undefined
  const [first = 0, second = 0, third = 0] = inner
  const frames = [
    { channels: first, height: second, width: third, isPlanar: true },
    { channels: third, height: first, width: second, isPlanar: false },
  ]
  return frames.find(
    ({ channels, width, height }) =>
      [1, 3, 4].includes(channels) && [width, height].every((side) => side >= SIDE_MIN && side <= SIDE_MAX),
  )
}

/** The smallest number is black, and the largest is white. Numbers from 0 to 255 keep their brightness. */
function pictureOf(shape: readonly number[], values: Float64Array, bounds: Bounds): TensorPlot | undefined {
  const frame = frameOf(shape)
  if (!frame) return undefined
  const { width, height, channels, isPlanar } = frame
  const { low, high } = brightness(bounds)
  const level = (value: number) => (255 * (value - low)) / (high - low || 1)
  const at = (pixel: number, channel: number) =>
    values[isPlanar ? channel * width * height + pixel : pixel * channels + channel] ?? 0
  const pixels = new Uint8ClampedArray(4 * width * height)
  for (let pixel = 0; pixel < width * height; pixel++)
    for (let channel = 0; channel < 4; channel++) {
      const source = channels === 1 ? 0 : channel
      pixels[4 * pixel + channel] = channel === 3 ? 255 : level(at(pixel, source))
    }
  return { kind: 'picture', width, height, pixels, bounds }
}

/** The usual ranges of pixels: 0 to 255, or 0 to 1. Another range is stretched. */
function brightness({ low, high }: Bounds): Bounds {
  if (low < 0 || high > 255) return { low, high }
  return { low: 0, high: high > 1 ? 255 : 1 }
}
