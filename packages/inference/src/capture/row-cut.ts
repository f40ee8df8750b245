/** Row cut: cuts one row out of the tensors of a request or an answer, and empties redacted values. */
import { ELEMENT_BYTES, type Tensor } from '@skerry/contract/models/tensor'
import { numberText, type RowOutput } from '@skerry/core/captures/prediction'
import { emptiedRuns, type Redaction } from '@skerry/core/captures/redaction'
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
export function redactRow(
  tensor: RawTensor,
  redactions: readonly Redaction[],
): { tensor: RawTensor; redacted: string[] } {
  const { name, datatype, shape, data } = tensor
  const elements = datatype === 'BYTES' ? splitBytes(data).length : data.byteLength / ELEMENT_BYTES[datatype]
  const found = redactions
    .map((redaction) => ({ text: redaction.text, runs: emptiedRuns(redaction, { name, shape, elements }) }))
    .filter(({ runs }) => runs.length > 0)
  if (found.length === 0) return { tensor, redacted: [] }
  const runs = found.flatMap((one) => one.runs)
  const redacted = found.map(({ text }) => text)
  if (datatype === 'BYTES') {
    const texts = splitBytes(data)
    for (const [from, to] of runs) texts.fill(new Uint8Array(), from, to)
    return { tensor: { ...tensor, data: joinBytes(texts) }, redacted }
  }
  const size = ELEMENT_BYTES[datatype]
  for (const [from, to] of runs) data.fill(0, from * size, to * size)
  return { tensor, redacted }
}

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
