/** Row cut: cuts one row out of the tensors of a request or an answer, and empties redacted values. */
import { ELEMENT_BYTES, type Tensor } from '@skerry/contract/models/tensor'
import { numberText, type RowOutput } from '@skerry/core/captures/prediction'
import { elementReader } from '../host/element-reader.ts'
import { copyBytes, joinBytes, type RawTensor, splitBytes, stringsOf, toContract } from '../host/raw-tensor.ts'

/** One row of a tensor, in a buffer of its own. A request of one row is that row. */
export function cutRow(tensor: RawTensor, row: number, rows: number): RawTensor {
  const { name, datatype, shape, data } = tensor
  if (rows === 1) return { ...tensor, data: copyBytes(data) }
  const cut = { name, datatype, shape: [1, ...shape.slice(1)] }
  if (datatype === 'BYTES') {
    const elements = splitBytes(data)
    const size = elements.length / rows
    return { ...cut, data: joinBytes(elements.slice(row * size, (row + 1) * size)) }
  }
  const size = data.byteLength / rows
  return { ...cut, data: copyBytes(data.subarray(row * size, (row + 1) * size)) }
}

/** The tensor without the redacted values: zeros, and empty texts. Changes the bytes of the tensor. */
export function redactRow(tensor: RawTensor, redact: ReadonlySet<string>): { tensor: RawTensor; redacted: string[] } {
  const { name, datatype, shape, data } = tensor
  const columns = shape.slice(1).reduce((product, size) => product * size, 1)
  const named = Array.from({ length: Math.min(columns, COLUMNS_NAMED_MAX) }, (_, column) => `${name}[${column}]`)
  const isWhole = redact.has(name)
  const found = named.map((feature, column) => ({ feature, column })).filter(({ feature }) => redact.has(feature))
  if (!isWhole && found.length === 0) return { tensor, redacted: [] }
  const isEmptied = (at: number) => isWhole || found.some(({ column }) => column === at % columns)
  const redacted = isWhole ? [name] : found.map(({ feature }) => feature)
  if (datatype === 'BYTES') {
    const elements = splitBytes(data).map((element, at) => (isEmptied(at) ? new Uint8Array() : element))
    return { tensor: { ...tensor, data: joinBytes(elements) }, redacted }
  }
  const size = ELEMENT_BYTES[datatype]
  for (let at = 0; (at + 1) * size <= data.byteLength; at++) {
    if (isEmptied(at)) data.fill(0, at * size, (at + 1) * size)
  }
  return { tensor, redacted }
}

/** A tensor with more columns is a picture or a sound: it is redacted as a whole. */
const COLUMNS_NAMED_MAX = 1_024

/** The tensors by name, in the form of golden cases. */
export const tensorsByName = (tensors: readonly RawTensor[]): Record<string, Tensor> =>
  Object.fromEntries(tensors.map((tensor) => [tensor.name, toContract(tensor)]))

/** More scores belong to a picture, and no class is meant. */
const SCORES_MAX = 10_000

/** The values of one row of each output, without a copy of its bytes. */
export const rowOutputsOf = (tensors: readonly RawTensor[], row: number, rows: number): RowOutput[] =>
  tensors.map((tensor) => rowOutputOf(viewRow(tensor, row, rows)))

function viewRow(tensor: RawTensor, row: number, rows: number): RawTensor {
  if (rows === 1 || tensor.datatype === 'BYTES') return cutRow(tensor, row, rows)
  const size = tensor.data.byteLength / rows
  return { ...tensor, data: tensor.data.subarray(row * size, (row + 1) * size) }
}

/** The values of an output that has one row. */
export function rowOutputOf(tensor: RawTensor): RowOutput {
  const { name, datatype, data } = tensor
  if (datatype === 'BYTES') return { name, kind: 'class', values: stringsOf(data) }
  const values = numbersIn(tensor)
  if (datatype.startsWith('FP') || datatype === 'BF16') return { name, kind: 'score', values }
  return { name, kind: 'class', values: values.map(numberText) }
}

/** The value of a feature, such as `y` or `y[1]`, in a row of outputs. */
export function featureValue(outputs: readonly RawTensor[], feature: string): number | undefined {
  const [, name = feature, column = '0'] = /^(.*)\[(\d+)\]$/.exec(feature) ?? []
  const tensor = outputs.find((one) => one.name === name)
  return tensor && numbersIn(tensor)[Number(column)]
}

function numbersIn({ datatype, data }: RawTensor): number[] {
  const read = elementReader(datatype)
  if (!read) return []
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const size = ELEMENT_BYTES[datatype]
  const count = Math.min(SCORES_MAX, Math.floor(data.byteLength / size))
  return Array.from({ length: count }, (_, at) => read(view, at * size))
}
