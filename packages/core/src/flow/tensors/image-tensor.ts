/** Image tensor: what a model is given of a picture: a part of it, at the model's size, in its layout and its numbers. */
import type { Image } from '../../equipment/image.ts'
import type { Area, PictureView, Placement } from './picture-view.ts'

/** In single precision, as models compute with. Never changed once it is made. */
export type TensorContent = { shape: readonly number[]; values: Float32Array<ArrayBuffer>; view: PictureView }

export type ImageRule = {
  width: number
  height: number
  /** Shares of the picture, from its left and top. */
  crop?: { x: number; y: number; width: number; height: number } | undefined
  /** Where the shape is another: with `fill` beside it, out of shape, or without what is beyond. */
  fit: 'pad' | 'stretch' | 'cover'
  fill: number
  layout: 'nchw' | 'nhwc'
  order: 'rgb' | 'bgr'
  /** (pixel * scale - mean) / std, of each channel or of all. */
  scale: number
  mean: readonly number[]
  std: readonly number[]
}

export function placementOf({ width, height }: Pick<Image, 'width' | 'height'>, rule: ImageRule): Placement {
  const { crop = { x: 0, y: 0, width: 1, height: 1 }, fit } = rule
  const seen = { x: crop.x * width, y: crop.y * height, width: crop.width * width, height: crop.height * height }
  const into = { x: 0, y: 0, width: rule.width, height: rule.height }
  const across = rule.width / seen.width
  const down = rule.height / seen.height
  if (fit === 'stretch' || across === down) return { seen, into }
  if (fit === 'pad') {
    const scale = Math.min(across, down)
    const pixels = (size: number) => Math.max(1, Math.round(size * scale))
    const whole = centred(into, pixels(seen.width), pixels(seen.height))
    return { seen, into: { ...whole, x: Math.floor(whole.x), y: Math.floor(whole.y) } }
  }
  const scale = Math.max(across, down)
  // Less than a pixel is seen of what is one pixel high.
  const part = (size: number, of: number) => Math.min(of, size / scale)
  return { seen: centred(seen, part(rule.width, seen.width), part(rule.height, seen.height)), into }
}

/** In the middle of it. */
const centred = (area: Area, width: number, height: number): Area => ({
  x: area.x + (area.width - width) / 2,
  y: area.y + (area.height - height) / 2,
  width,
  height,
})

export function tensorOfImage(image: Image, rule: ImageRule): TensorContent {
  const { width, height, layout } = rule
  const { channels } = image
  const values = new Float32Array(width * height * channels)
  const { seen, into } = placementOf(image, rule)
  const columns = samplesOf(seen.x, seen.width, into.width, image.width)
  const rows = samplesOf(seen.y, seen.height, into.height, image.height)
  for (let channel = 0; channel < channels; channel++) {
    // Where the model wants blue first, its first channel is our last.
    const from = rule.order === 'bgr' ? channels - 1 - channel : channel
    const start = layout === 'nchw' ? channel * width * height : channel
    const plane: Plane = { values, start, step: layout === 'nchw' ? 1 : channels, width, ...normOf(rule, channel) }
    fillBeside(plane, height, into, rule.fill)
    drawChannel({ image, from, columns, rows, into }, plane)
  }
  const shape = layout === 'nchw' ? [channels, height, width] : [height, width, channels]
  return { shape, values, view: { width, height, seen, into } }
}

/** One channel of the tensor: where its elements stand, and what makes a number of a pixel. */
type Plane = { values: Float32Array; start: number; step: number; width: number; factor: number; offset: number }

function normOf({ scale, mean, std }: ImageRule, channel: number): { factor: number; offset: number } {
  const at = (list: readonly number[], usual: number) => list[list.length === 1 ? 0 : channel] ?? usual
  return { factor: scale / at(std, 1), offset: -at(mean, 0) / at(std, 1) }
}

/** Between which two pixels each element lies, and how far from the first. Centres of pixels stay centres, as in OpenCV and PyTorch. */
type Samples = { first: Int32Array; second: Int32Array; share: Float32Array }

function samplesOf(from: number, span: number, count: number, size: number): Samples {
  const samples = { first: new Int32Array(count), second: new Int32Array(count), share: new Float32Array(count) }
  for (let at = 0; at < count; at++) {
    const place = Math.min(size - 1, Math.max(0, from + ((at + 0.5) * span) / count - 0.5))
    samples.first[at] = Math.floor(place)
    samples.second[at] = Math.min(size - 1, Math.floor(place) + 1)
    samples.share[at] = place - Math.floor(place)
  }
  return samples
}

function fillBeside(
  { values, start, step, width, factor, offset }: Plane,
  height: number,
  into: Area,
  fill: number,
): void {
  if (into.width === width && into.height === height) return
  for (let at = 0; at < width * height; at++) values[start + at * step] = fill * factor + offset
}

type Drawing = { image: Image; from: number; columns: Samples; rows: Samples; into: Area }

function drawChannel({ image, from, columns, rows, into }: Drawing, plane: Plane): void {
  const { data, channels, width } = image
  const { values, start, step, factor, offset } = plane
  for (let y = 0; y < into.height; y++) {
    const upper = (rows.first[y] ?? 0) * width
    const lower = (rows.second[y] ?? 0) * width
    const down = rows.share[y] ?? 0
    let to = start + ((into.y + y) * plane.width + into.x) * step
    for (let x = 0; x < into.width; x++) {
      const left = columns.first[x] ?? 0
      const right = columns.second[x] ?? 0
      const along = columns.share[x] ?? 0
      const a = data[(upper + left) * channels + from] ?? 0
      const b = data[(upper + right) * channels + from] ?? 0
      const c = data[(lower + left) * channels + from] ?? 0
      const d = data[(lower + right) * channels + from] ?? 0
      const above = a + (b - a) * along
      values[to] = (above + (c + (d - c) * along - above) * down) * factor + offset
      to += step
    }
  }
}
