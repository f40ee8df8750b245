/** Not finite: looks for NaN and infinity in the raw bytes of a tensor. */
import type { Datatype } from '@skerry/contract/models/tensor'

/**
 * [IEEE 754] A number is NaN or infinite if all bits of its exponent are set. Little-endian: the exponent is in the
 * last bytes.
 */
const EXPONENTS: Partial<Record<Datatype, { bytes: number; mask: number }>> = {
  FP16: { bytes: 2, mask: 0x7c00 },
  BF16: { bytes: 2, mask: 0x7f80 },
  FP32: { bytes: 4, mask: 0x7f80 },
  FP64: { bytes: 8, mask: 0x7ff0 },
}

/** The index of the first value that is not finite; undefined if all are finite, or the tensor holds no floats. */
export function firstNotFinite(datatype: Datatype, bytes: Uint8Array): number | undefined {
  const exponent = EXPONENTS[datatype]
  if (!exponent) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let end = exponent.bytes; end <= bytes.byteLength; end += exponent.bytes) {
    if ((view.getUint16(end - 2, true) & exponent.mask) === exponent.mask) return end / exponent.bytes - 1
  }
  return undefined
}
