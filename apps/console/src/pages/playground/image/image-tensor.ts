/**
 * Image tensor: converts a picture's pixels to a model's input: the positions of height, width and channels, their
 * order and range. Pure.
 */

import { base64Of } from '@skerry/client/base64'
import type { NamedTensor } from '@skerry/contract/models/infer'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { bytesOfNumbers } from '@skerry/core/tensors/tensor-elements'

export const LAYOUTS = ['NCHW', 'NHWC'] as const
export type Layout = (typeof LAYOUTS)[number]

export const CHANNEL_ORDERS = ['RGB', 'BGR'] as const
export type ChannelOrder = (typeof CHANNEL_ORDERS)[number]

/** A pixel becomes (value × scale − mean) ÷ deviation, for each channel in the model's order. */
export type Normalisation = { scale: number; mean: readonly number[]; deviation: readonly number[] }

const [none, one] = [
  [0, 0, 0],
  [1, 1, 1],
] as const

/** The usual normalisations of training. The numbers of ImageNet are those of torchvision. */
export const NORMALISATIONS = {
  bytes: { scale: 1, mean: none, deviation: one },
  unit: { scale: 1 / 255, mean: none, deviation: one },
  signed: { scale: 1 / 255, mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] },
  imagenet: { scale: 1 / 255, mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] },
} as const satisfies Record<string, Normalisation>
export type NormalisationName = keyof typeof NORMALISATIONS

export type ImageFrame = { layout: Layout; channels: 1 | 3; height: number | undefined; width: number | undefined }

const channelsOf = (size: number | undefined): 1 | 3 | undefined => (size === 1 || size === 3 ? size : undefined)

/** With fewer pixels a side, it is a matrix of numbers and no picture. */
const SIDE_MIN = 8

/** The tensor's height, width and channels for a layout; undefined if a picture does not fit. */
export function frameOf({ shape }: Pick<TensorSpec, 'shape'>, layout: Layout): ImageFrame | undefined {
  const inner = shape.length === 4 ? shape.slice(1) : shape
  if (inner.length !== 3 || (shape.length === 4 && shape[0] !== 1 && shape[0] !== -1)) return undefined
  const [first, second, third] = inner
  const [channel, height, width] = layout === 'NCHW' ? [first, second, third] : [third, first, second]
  const channels = channel === -1 ? 3 : channelsOf(channel)
  if (channels === undefined || height === undefined || width === undefined) return undefined
  const isPicture = [height, width].every((side) => side === -1 || side >= SIDE_MIN)
  return isPicture ? { layout, channels, height: known(height), width: known(width) } : undefined
}

const known = (size: number) => (size === -1 ? undefined : size)

/**
 * The likelier layout of an input that may be a picture; undefined if it is none. A stated channel counts more than an
 * open one.
 */
export function guessLayout(spec: TensorSpec): Layout | undefined {
  if (spec.datatype === 'BYTES' || spec.datatype === 'BOOL') return undefined
  const [, , , last] = spec.shape.length === 4 ? spec.shape : [0, ...spec.shape]
  const isLastStated = channelsOf(last) !== undefined
  const order: readonly Layout[] = isLastStated ? ['NHWC', 'NCHW'] : LAYOUTS
  return order.find((layout) => frameOf(spec, layout) !== undefined)
}

/** The usual normalisation of pixels for a tensor of this type. */
export const usualNormalisation = ({ datatype }: Pick<TensorSpec, 'datatype'>): NormalisationName =>
  datatype === 'UINT8' || datatype === 'INT8' ? 'bytes' : 'unit'

/** The pixels of a canvas: four bytes each, row by row. */
export type Pixels = { data: Uint8ClampedArray; width: number; height: number }

export type ImageSettings = { layout: Layout; order: ChannelOrder; normalisation: Normalisation }

/** The tensor of a picture that already has the right size; undefined if the input takes none. */
export function imageTensor(spec: TensorSpec, pixels: Pixels, settings: ImageSettings): NamedTensor | undefined {
  const frame = frameOf(spec, settings.layout)
  if (!frame) return undefined
  const { width, height } = pixels
  const bytes = bytesOfNumbers(spec.datatype, valuesOf(pixels, frame, settings))
  const inner = frame.layout === 'NCHW' ? [frame.channels, height, width] : [height, width, frame.channels]
  const shape = spec.shape.length === 4 ? [1, ...inner] : inner
  return bytes && { name: spec.name, datatype: spec.datatype, shape, data: base64Of(bytes) }
}

/** [ITU-R BT.601] The perceived brightness of red, green and blue. */
const BRIGHTNESS = [0.299, 0.587, 0.114] as const

function valuesOf(
  { data, width, height }: Pixels,
  { channels, layout }: ImageFrame,
  settings: ImageSettings,
): Float64Array {
  const { scale, mean, deviation } = settings.normalisation
  const count = width * height
  const values = new Float64Array(count * channels)
  for (let pixel = 0; pixel < count; pixel++) {
    for (let channel = 0; channel < channels; channel++) {
      const value = channels === 1 ? brightness(data, pixel) : colour(data, pixel, channel, settings.order)
      const at = layout === 'NCHW' ? channel * count + pixel : pixel * channels + channel
      values[at] = (value * scale - (mean[channel] ?? 0)) / (deviation[channel] ?? 1)
    }
  }
  return values
}

const brightness = (data: Uint8ClampedArray, pixel: number) =>
  BRIGHTNESS.reduce((sum, weight, channel) => sum + weight * (data[pixel * 4 + channel] ?? 0), 0)

const colour = (data: Uint8ClampedArray, pixel: number, channel: number, order: ChannelOrder) =>
  data[pixel * 4 + (order === 'RGB' ? channel : 2 - channel)] ?? 0
