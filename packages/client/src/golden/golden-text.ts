/**
 * Golden inputs in the forms that people have, turned into the contract's form. It reads three forms:
 *
 *     { "window": [case, case, ...] }                     for each input, its cases
 *     [{ "inputs": { "window": case } }, ...]             for each case, its inputs
 *     raw little-endian bytes for each input              one case
 *
 * A tensor in JSON is a nested array, or { datatype, shape, data } with base64 as in the contract.
 */
import { GoldenInputs, type Tolerance } from '@skerry/contract/devices/golden'
import { ELEMENT_BYTES, Tensor, type TensorSpec } from '@skerry/contract/models/tensor'
import { tensorFromJson } from '@skerry/core/tensors/nested-tensor'
import { base64Of } from './base64.ts'
import { parseExact } from './inference.ts'

export type GoldenReading =
  | {
      ok: true
      golden: GoldenInputs
      /** Names in the text that are no inputs of the model, such as outputs that a person kept beside them. */
      ignored: string[]
    }
  | { ok: false; message: string }

/** The raw bytes of one input. Messages name them by `from`. */
export type RawInput = { input: string; from: string; bytes: Uint8Array }

/** Ends the reading with an error in words. It never leaves this file. */
class Misfit extends Error {}

/** Reads JSON for a model with these inputs. */
export const readGoldenText = (
  text: string,
  inputs: readonly TensorSpec[],
  tolerance: Tolerance | undefined,
): GoldenReading =>
  reading(() => {
    const { cases, ignored } = readCases(parseExact(text), inputs)
    return { ok: true, golden: check(cases, tolerance), ignored }
  })

/** Reads one case from the bytes of each input. */
export const readGoldenBytes = (
  pieces: readonly RawInput[],
  inputs: readonly TensorSpec[],
  tolerance: Tolerance | undefined,
): GoldenReading =>
  reading(() => {
    const tensors: Record<string, Tensor> = {}
    for (const { input, from, bytes } of pieces) tensors[input] = rawTensor(from, specOf(inputs, input, from), bytes)
    const missing = inputs.find(({ name }) => !(name in tensors))
    if (missing) throw new Misfit(`the input ${missing.name} has no file`)
    return { ok: true, golden: check([{ inputs: tensors }], tolerance), ignored: [] }
  })

function reading(read: () => GoldenReading): GoldenReading {
  try {
    return read()
  } catch (error) {
    if (error instanceof Misfit) return { ok: false, message: error.message }
    throw error
  }
}

type Cases = { inputs: Record<string, Tensor> }[]

function readCases(content: unknown, inputs: readonly TensorSpec[]): { cases: Cases; ignored: string[] } {
  if (Array.isArray(content)) return { cases: readRows(content, inputs), ignored: [] }
  if (!isRecord(content)) throw new Misfit('it is not JSON with an object or a list')
  if (Array.isArray(content.cases) && !inputs.some(({ name }) => name === 'cases')) {
    return { cases: readRows(content.cases, inputs), ignored: [] }
  }
  const columns = inputs.map((spec) => {
    const column = content[spec.name]
    if (!Array.isArray(column)) throw new Misfit(`there is no list of cases for the input ${spec.name}`)
    return column.map((data: unknown, index) => [spec.name, tensorOf(index, spec, data)] as const)
  })
  const count = columns[0]?.length ?? 0
  if (columns.some((column) => column.length !== count)) throw new Misfit('the inputs do not have equally many cases')
  const cases = Array.from({ length: count }, (_, index) => ({
    inputs: Object.fromEntries(columns.flatMap((column) => (column[index] ? [column[index]] : []))),
  }))
  const ignored = Object.keys(content).filter((key) => !inputs.some(({ name }) => name === key))
  return { cases, ignored }
}

function readRows(rows: readonly unknown[], inputs: readonly TensorSpec[]): Cases {
  return rows.map((row, index) => {
    const given = isRecord(row) ? row.inputs : undefined
    if (!isRecord(given)) throw new Misfit(`case ${index + 1} has no "inputs"`)
    const stranger = Object.keys(given).find((key) => !inputs.some(({ name }) => name === key))
    if (stranger !== undefined) throw new Misfit(`case ${index + 1}: the model has no input ${stranger}`)
    return {
      inputs: Object.fromEntries(inputs.map((spec) => [spec.name, tensorOf(index, spec, given[spec.name])])),
    }
  })
}

function tensorOf(index: number, spec: TensorSpec, data: unknown): Tensor {
  if (isRecord(data)) {
    const tensor = Tensor.safeParse(data)
    if (tensor.success) return tensor.data
    throw new Misfit(`case ${index + 1}, ${spec.name}: it is neither an array nor { datatype, shape, data }`)
  }
  try {
    const { shape, bytes } = tensorFromJson(spec, data)
    return { datatype: spec.datatype, shape, data: base64Of(bytes) }
  } catch (error) {
    throw new Misfit(`case ${index + 1}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** The number of bytes determines the one dimension that may vary. */
function rawTensor(from: string, { name, datatype, shape }: TensorSpec, bytes: Uint8Array): Tensor {
  if (datatype === 'BYTES') throw new Misfit(`${from}: ${name} is BYTES; give it in JSON`)
  const fixed = shape.filter((size) => size !== -1).reduce((product, size) => product * size, ELEMENT_BYTES[datatype])
  const open = bytes.length / fixed
  const isFitting = Number.isInteger(open) && (shape.includes(-1) ? open > 0 : open === 1)
  if (shape.filter((size) => size === -1).length > 1 || !isFitting) {
    throw new Misfit(`${from}: its ${bytes.length} bytes do not fit ${datatype} in the shape of ${name}`)
  }
  return { datatype, shape: shape.map((size) => (size === -1 ? open : size)), data: base64Of(bytes) }
}

function specOf(inputs: readonly TensorSpec[], name: string, from: string): TensorSpec {
  const spec = inputs.find((input) => input.name === name)
  if (spec) return spec
  throw new Misfit(`${from}: the model has no input ${name}; it has ${inputs.map((input) => input.name).join(', ')}`)
}

function check(cases: Cases, tolerance: Tolerance | undefined): GoldenInputs {
  const golden = GoldenInputs.safeParse({ cases, ...(tolerance && { tolerance }) })
  if (golden.success) return golden.data
  const [issue] = golden.error.issues
  throw new Misfit(`${issue?.path.join('.') || 'the whole'}: ${issue?.message}`)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
