/**
 * Golden file: golden inputs as people have them, turned into the contract's. Three forms are read:
 *
 *     { "window": [case, case, ...] }                     for each input, its cases
 *     [{ "inputs": { "window": case } }, ...]             for each case, its inputs
 *     --golden window=FILE.bin                            one case, raw little-endian bytes for each input
 *
 * A tensor in JSON is a nested array, or { datatype, shape, data } with base64 as in the contract.
 */
import { parseExact } from '@skerry/client/inference'
import { GoldenInputs, type Tolerance } from '@skerry/contract/golden'
import { ELEMENT_BYTES, Tensor, type TensorSpec } from '@skerry/contract/tensor'
import { type Failure, fail, wrongUsage } from './failure.ts'
import { readBytes, readText } from './input-file.ts'
import { bytesOfElements, flatTensor } from './json-tensor.ts'

export type GoldenSource = { file: string } | { input: string; file: string }

export type GoldenRead = {
  golden: GoldenInputs
  /** Names in the file that are no inputs of the model, such as outputs that somebody kept beside them. */
  ignored: string[]
}

/** `FILE.json`, or `input=FILE.bin`. */
export function parseGoldenSource(text: string): GoldenSource {
  const [, input, file] = /^([^=/]+)=(.+)$/.exec(text) ?? []
  return input !== undefined && file !== undefined ? { input, file } : { file: text }
}

/** Reads golden inputs for a model with these inputs. */
export async function readGolden(
  sources: readonly GoldenSource[],
  inputs: readonly TensorSpec[],
  tolerance: Tolerance | undefined,
): Promise<GoldenRead> {
  const [first] = sources
  if (first && !('input' in first)) {
    if (sources.length > 1) throw wrongUsage('--golden takes one JSON file, or one NAME=FILE.bin for each input')
    const { cases, ignored } = readCases(first.file, parseExact(await readText(first.file)), inputs)
    return { golden: check(first.file, cases, tolerance), ignored }
  }
  const tensors: Record<string, Tensor> = {}
  for (const source of sources) {
    if (!('input' in source)) throw wrongUsage('--golden takes one JSON file, or one NAME=FILE.bin for each input')
    const spec = specOf(inputs, source.input, source.file)
    tensors[spec.name] = rawTensor(source.file, spec, await readBytes(source.file))
  }
  const missing = inputs.find(({ name }) => !(name in tensors))
  if (missing) throw invalid('--golden', `the input ${missing.name} has no file`)
  return { golden: check('--golden', [{ inputs: tensors }], tolerance), ignored: [] }
}

type Cases = { inputs: Record<string, Tensor> }[]

function readCases(file: string, content: unknown, inputs: readonly TensorSpec[]): { cases: Cases; ignored: string[] } {
  if (Array.isArray(content)) return { cases: readRows(file, content, inputs), ignored: [] }
  if (!isRecord(content)) throw invalid(file, 'it is not JSON with an object or a list')
  if (Array.isArray(content.cases) && !inputs.some(({ name }) => name === 'cases')) {
    return { cases: readRows(file, content.cases, inputs), ignored: [] }
  }
  const columns = inputs.map((spec) => {
    const column = content[spec.name]
    if (!Array.isArray(column)) throw invalid(file, `there is no list of cases for the input ${spec.name}`)
    return column.map((data: unknown, index) => [spec.name, tensorOf(file, index, spec, data)] as const)
  })
  const count = columns[0]?.length ?? 0
  if (columns.some((column) => column.length !== count))
    throw invalid(file, 'the inputs do not have equally many cases')
  const cases = Array.from({ length: count }, (_, index) => ({
    inputs: Object.fromEntries(columns.flatMap((column) => (column[index] ? [column[index]] : []))),
  }))
  const ignored = Object.keys(content).filter((key) => !inputs.some(({ name }) => name === key))
  return { cases, ignored }
}

function readRows(file: string, rows: readonly unknown[], inputs: readonly TensorSpec[]): Cases {
  return rows.map((row, index) => {
    const given = isRecord(row) ? row.inputs : undefined
    if (!isRecord(given)) throw invalid(file, `case ${index + 1} has no "inputs"`)
    const stranger = Object.keys(given).find((key) => !inputs.some(({ name }) => name === key))
    if (stranger !== undefined) throw invalid(file, `case ${index + 1}: the model has no input ${stranger}`)
    return {
      inputs: Object.fromEntries(inputs.map((spec) => [spec.name, tensorOf(file, index, spec, given[spec.name])])),
    }
  })
}

function tensorOf(file: string, index: number, spec: TensorSpec, data: unknown): Tensor {
  if (isRecord(data)) {
    const tensor = Tensor.safeParse(data)
    if (tensor.success) return tensor.data
    throw invalid(file, `case ${index + 1}, ${spec.name}: it is neither an array nor { datatype, shape, data }`)
  }
  try {
    const { shape, elements } = flatTensor(spec, data)
    const bytes = bytesOfElements(spec.name, spec.datatype, elements)
    return { datatype: spec.datatype, shape, data: Buffer.from(bytes).toString('base64') }
  } catch (error) {
    throw invalid(file, `case ${index + 1}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** The length of the file tells the one dimension that may vary. */
function rawTensor(file: string, { name, datatype, shape }: TensorSpec, bytes: Buffer): Tensor {
  if (datatype === 'BYTES') throw invalid(file, `${name} is BYTES; give it in JSON`)
  const fixed = shape.filter((size) => size !== -1).reduce((product, size) => product * size, ELEMENT_BYTES[datatype])
  const open = bytes.length / fixed
  const isFitting = Number.isInteger(open) && (shape.includes(-1) ? open > 0 : open === 1)
  if (shape.filter((size) => size === -1).length > 1 || !isFitting) {
    throw invalid(file, `its ${bytes.length} bytes do not fill ${datatype} of the shape of ${name}`)
  }
  return { datatype, shape: shape.map((size) => (size === -1 ? open : size)), data: bytes.toString('base64') }
}

function specOf(inputs: readonly TensorSpec[], name: string, file: string): TensorSpec {
  const spec = inputs.find((input) => input.name === name)
  if (spec) return spec
  throw invalid(file, `the model has no input ${name}; it has ${inputs.map((input) => input.name).join(', ')}`)
}

function check(file: string, cases: Cases, tolerance: Tolerance | undefined): GoldenInputs {
  const golden = GoldenInputs.safeParse({ cases, ...(tolerance && { tolerance }) })
  if (golden.success) return golden.data
  const [issue] = golden.error.issues
  throw invalid(file, `${issue?.path.join('.') || 'the whole'}: ${issue?.message}`)
}

const invalid = (file: string, problem: string): Failure => fail('file_invalid', `${file}: ${problem}`)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
