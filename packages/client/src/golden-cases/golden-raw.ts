/** Golden raw: one golden case from raw little-endian bytes, a file for each tensor. */
import type { Tolerance } from '@skerry/contract/devices/golden'
import { ELEMENT_BYTES, type Tensor, type TensorSpec } from '@skerry/contract/models/tensor'
import {
  finish,
  type GoldenReading,
  type GoldenSpecs,
  Misfit,
  namesOf,
  reading,
  type Side,
  specOf,
  tensorOfBytes,
} from './golden-reading.ts'

/** The raw bytes of an input or an expected output. Messages name them by `from`. */
export type RawTensor = { name: string; from: string; bytes: Uint8Array }

/** Reads one case from the bytes of each input. Outputs are optional. */
export const readGoldenBytes = (
  pieces: readonly RawTensor[],
  specs: GoldenSpecs,
  tolerance: Tolerance | undefined,
): Promise<GoldenReading> =>
  reading(() => {
    const sides: Record<Side, Record<string, Tensor>> = { input: {}, output: {} }
    for (const { name, from, bytes } of pieces) {
      const found = specOf(name, specs)
      if (!found) {
        const known = `it has the inputs ${namesOf(specs.inputs)} and the outputs ${namesOf(specs.outputs)}`
        throw new Misfit(`${from}: the model has no input or output ${name}; ${known}`)
      }
      const shape = shapeOfBytes(from, found.spec, bytes)
      sides[found.side][name] = tensorOfBytes(from, { ...found.spec, shape }, { bytes, side: found.side })
    }
    const missing = specs.inputs.find(({ name }) => !(name in sides.input))
    if (missing) throw new Misfit(`the input ${missing.name} has no file`)
    return finish([{ inputs: sides.input, outputs: sides.output }], { tolerance, ignored: [], limits: specs.limits })
  })

/** The number of bytes determines the one dimension that may vary. */
function shapeOfBytes(from: string, { name, datatype, shape }: TensorSpec, bytes: Uint8Array): number[] {
  if (datatype === 'BYTES') throw new Misfit(`${from}: ${name} is BYTES; give it in JSON`)
  const fixed = shape.filter((size) => size !== -1).reduce((product, size) => product * size, ELEMENT_BYTES[datatype])
  const open = bytes.length / fixed
  const isFitting = Number.isInteger(open) && (shape.includes(-1) ? open > 0 : open === 1)
  if (shape.filter((size) => size === -1).length > 1 || !isFitting) {
    throw new Misfit(`${from}: its ${bytes.length} bytes do not fit ${datatype} in the shape of ${name}`)
  }
  return shape.map((size) => (size === -1 ? open : size))
}
