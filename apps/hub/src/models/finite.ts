/** Finite: looks for NaN and infinity in raw tensors. */
import type { Tensor } from '@skerry/contract/models/tensor'

/** [IEEE 754] A number is NaN or infinite where all bits of its exponent are set. Little-endian: the exponent is in the last bytes. */
const EXPONENTS: Partial<Record<Tensor['datatype'], { bytes: number; mask: number }>> = {
  FP16: { bytes: 2, mask: 0x7c00 },
  BF16: { bytes: 2, mask: 0x7f80 },
  FP32: { bytes: 4, mask: 0x7f80 },
  FP64: { bytes: 8, mask: 0x7ff0 },
}

/** Where the first number is that is none; undefined where all are, or the tensor holds no floats. */
export function firstNotFinite({ datatype, data }: Tensor): number | undefined {
  const exponent = EXPONENTS[datatype]
  if (!exponent) return undefined
  const bytes = Buffer.from(data, 'base64')
  for (let end = exponent.bytes; end <= bytes.length; end += exponent.bytes) {
    if ((bytes.readUInt16LE(end - 2) & exponent.mask) === exponent.mask) return end / exponent.bytes - 1
  }
  return undefined
}
