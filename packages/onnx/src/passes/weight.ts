/** Weights of a model as numbers, and numbers as weights. */
import type { TensorProto } from '../generated/onnx_pb.ts'
import { isExternal, readTensor } from '../tensor.ts'

/** The values of a float32 tensor; undefined for other types, damaged ones, and those in another file. */
export function floatsOf(tensor: TensorProto): Float32Array | undefined {
  if (isExternal(tensor)) return undefined
  const raw = readTensor(tensor)
  if (!raw.ok || raw.value.datatype !== 'FP32') return undefined
  const { data } = raw.value
  // The bytes may stand anywhere in the file, and floats only at multiples of four.
  const isAligned = data.byteOffset % Float32Array.BYTES_PER_ELEMENT === 0
  const aligned = isAligned ? data : new Uint8Array(data)
  return new Float32Array(aligned.buffer, aligned.byteOffset, data.length / Float32Array.BYTES_PER_ELEMENT)
}

/**
 * Gives the memory of a copy that `floatsOf` made back at once: a pass that makes a copy of each weight would else hold
 * all of them until the next collection. Nobody may read the values afterwards. Values that stand in the file stay.
 */
export function freeCopy({ buffer }: Float32Array, tensor: TensorProto): void {
  if (buffer instanceof ArrayBuffer && buffer !== tensor.rawData.buffer) buffer.transfer(0)
}

/** The nearest whole number, ties to even, as numpy and the runtime round. `Math.round` rounds ties up. */
export function roundHalfEven(value: number): number {
  const rounded = Math.round(value)
  return Math.abs(value - Math.trunc(value)) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded
}

/** The largest magnitude of a weight in eight bits. It is symmetric around 0: -128 is not used. */
export const LARGEST = 127

/**
 * The same in seven bits. Processors of x64 without VNNI add two products of an unsigned and a signed number in 16
 * bits, and 2 × 255 × 64 fits. [onnxruntime, quantize_static, reduce_range] It uses the same.
 */
export const LARGEST_7BIT = 64

export const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value))
