/**
 * Numbers in eight bits. [ONNX operators, QuantizeLinear] q = saturate(round(x / scale) + zero), ties to even.
 */
import { clamp, roundHalfEven } from '../weight.ts'
import type { Range } from './observation.ts'

/** Of an activation: unsigned, with a zero of its own. */
export type Scaling = { scale: number; zero: number }

/** The range always holds 0, so that padding is exact. A range of one point has the scale 1. */
export function scalingOf({ min, max }: Range): Scaling {
  const low = Math.min(0, min)
  const high = Math.max(0, max)
  const scale = Math.fround((high - low) / 255)
  if (scale === 0) return { scale: 1, zero: 0 }
  return { scale, zero: clamp(roundHalfEven(-low / scale), 0, 255) }
}

/** The weights of a convolution or a product in int8: symmetric, a scale for each output channel. */
export type QuantisedWeight = { bytes: Int8Array<ArrayBuffer>; scales: Float32Array<ArrayBuffer> }

export type WeightChannels = { channels: number; channelOf(index: number): number }

/**
 * @param channels the output channel of the element at an index, from 0 up to their number
 * @param largest the integer of the largest magnitude of a channel
 */
export function quantiseWeight(
  values: Float32Array,
  { channels, channelOf }: WeightChannels,
  largest: number,
): QuantisedWeight {
  const scales = new Float32Array(channels)
  for (let index = 0; index < values.length; index++) {
    const channel = channelOf(index)
    scales[channel] = Math.max(scales[channel] ?? 0, Math.abs(values[index] ?? 0))
  }
  for (const [channel, magnitude] of scales.entries()) scales[channel] = Math.fround(magnitude / largest) || 1
  const bytes = new Int8Array(values.length)
  for (let index = 0; index < values.length; index++) {
    const scale = scales[channelOf(index)] ?? 1
    bytes[index] = clamp(roundHalfEven(Math.fround((values[index] ?? 0) / scale)), -largest, largest)
  }
  return { bytes, scales }
}

const INT32_MAX = 2 ** 31 - 1

/** A bias in int32, whose scale is that of the input times that of the weight of its channel. */
export function quantiseBias(values: Float32Array, inputScale: number, weightScales: Float32Array) {
  const scales = weightScales.map((scale) => Math.fround(inputScale * scale))
  const integers = new Int32Array(values.length)
  for (const [channel, value] of values.entries())
    integers[channel] = clamp(roundHalfEven(value / (scales[channel] ?? 1)), -INT32_MAX - 1, INT32_MAX)
  return { integers, scales }
}
