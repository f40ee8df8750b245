/** Numbers: the floats of parts and own values, as text in records and on the wire. */
import type { CovariancePart } from '@skerry/contract/learning/result'
import type { JointPart } from '@skerry/onnx/learn/joint'

/** The bytes are copied: floats must begin at a multiple of four. */
export function floatsIn(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64')
  return new Float32Array(new Uint8Array(bytes.subarray(0, bytes.length - (bytes.length % 4))).buffer)
}

export const textOfFloats = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64')

export const partOfText = ({ rows, covariance, units }: CovariancePart): JointPart => ({
  rows,
  covariance: floatsIn(covariance),
  units: floatsIn(units),
})

export const textOfPart = ({ rows, covariance, units }: JointPart): CovariancePart => ({
  rows,
  covariance: textOfFloats(covariance),
  units: textOfFloats(units),
})
