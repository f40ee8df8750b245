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

/** The nearest whole number, ties to even, as numpy and the runtime round. `Math.round` rounds ties up. */
export function roundHalfEven(value: number): number {
  const rounded = Math.round(value)
  return Math.abs(value - Math.trunc(value)) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded
}

export const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value))
