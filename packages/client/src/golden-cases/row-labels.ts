/**
 * Row labels: the right answers that a file of rows has beside its inputs, by the outputs that they stand for:
 *
 *     { "inputs": { "image": [row, ...] }, "labels": { "logits": [3, 0, ...] } }     for each output, its labels
 *     { "cases": [{ "inputs": { "image": row }, "labels": { "logits": 3 } }] }       for each row; some may have none
 *     np.savez(file, image=rows, **{"labels/logits": classes})                       an array for each output
 *
 * A model with one output needs no name for it: "labels" is then the list, the label, or the array itself.
 */
import { Tensor } from '@skerry/contract/models/tensor'
import { elementCount } from '@skerry/core/tensors/nested-tensor'
import { bytesOfNumbers } from '@skerry/core/tensors/tensor-elements'
import { base64Of } from '../base64.ts'
import { parseExact } from '../inference.ts'
import { caseText, Misfit, namesOf } from './golden-reading.ts'
import { readNpy } from './npy.ts'
import { isZip, unzip } from './zip.ts'

/** The labels of each row by output; an empty list if the file has none. */
export type RowLabels = (Record<string, Tensor> | undefined)[]

type Tensors = { inputs: Outputs; outputs: Outputs }
type Outputs = readonly { name: string }[]

/** Whether an array of this name holds labels. The name of a tensor itself wins. */
export const isLabelArray = (name: string, { inputs, outputs }: Tensors): boolean =>
  (name === 'labels' || name.startsWith(PREFIX)) && ![...inputs, ...outputs].some((tensor) => tensor.name === name)

const PREFIX = 'labels/'

/** Throws a misfit. The hub checks the shapes against the outputs. */
export async function readRowLabels(bytes: Uint8Array<ArrayBuffer>, tensors: Tensors): Promise<RowLabels> {
  if (!isZip(bytes)) return labelsOfText(parseExact(new TextDecoder().decode(bytes)), tensors)
  const arrays = [...(await unzip(bytes))].map(([path, content]) => ({ name: path.replace(/\.npy$/, ''), content }))
  const columns = arrays
    .filter(({ name }) => isLabelArray(name, tensors))
    .map(
      ({ name, content }) =>
        [outputNamed(name.slice(PREFIX.length), tensors.outputs), arrayLabels(name, content)] as const,
    )
  return rowsOf(columns)
}

/** The output of that name; the only one of the model if there is no name. */
function outputNamed(name: string, outputs: Outputs): string {
  const [only, ...others] = outputs
  if (name === '' && only && others.length === 0) return only.name
  if (name === '')
    throw new Misfit(
      `name the output of the labels, as in "labels/${only?.name ?? 'y'}"; the model has ${namesOf(outputs)}`,
    )
  if (!outputs.some((each) => each.name === name))
    throw new Misfit(`the model has no output ${name} for a label; it has ${namesOf(outputs)}`)
  return name
}

function arrayLabels(name: string, content: Uint8Array): Tensor[] {
  const { type, itemBytes, shape, data } = readNpy(name, content)
  if (type === 'unicode' || type === 'ascii')
    throw new Misfit(`${name} holds text; labels are numbers of classes, counted from 0, or values`)
  const [count = 0, ...rest] = shape
  const bytes = rest.reduce((product, size) => product * size, itemBytes)
  return Array.from({ length: count }, (_, row) => ({
    datatype: type,
    shape: rest,
    data: base64Of(data.slice(row * bytes, (row + 1) * bytes)),
  }))
}

function rowsOf(columns: readonly (readonly [string, readonly Tensor[]])[]): RowLabels {
  const count = Math.max(0, ...columns.map(([, cells]) => cells.length))
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(columns.flatMap(([output, cells]) => (cells[row] ? [[output, cells[row]]] : []))),
  )
}

function labelsOfText(content: unknown, tensors: Tensors): RowLabels {
  const { outputs } = tensors
  const rows = Array.isArray(content) ? content : isRecord(content) ? content.cases : undefined
  if (Array.isArray(rows)) {
    const found = rows.map((row, index) => (isRecord(row) ? labelsOfRow(index, row.labels, outputs) : undefined))
    return found.some(Boolean) ? found : []
  }
  if (!isRecord(content) || content.labels === undefined) return []
  if (!isRecord(content.inputs) && !isLabelArray('labels', tensors)) return []
  const columns = Object.entries(byOutput(content.labels, outputs)).map(([output, cells]) => {
    if (!Array.isArray(cells)) throw new Misfit(`there is no list of labels for the output ${output}`)
    return [output, cells.map((cell, row) => labelOf(row, output, cell))] as const
  })
  return rowsOf(columns)
}

const labelsOfRow = (row: number, labels: unknown, outputs: Outputs) =>
  labels === undefined || labels === null
    ? undefined
    : Object.fromEntries(
        Object.entries(byOutput(labels, outputs)).map(([output, label]) => [output, labelOf(row, output, label)]),
      )

function byOutput(labels: unknown, outputs: Outputs): Record<string, unknown> {
  if (!isRecord(labels) || Tensor.safeParse(labels).success) return { [outputNamed('', outputs)]: labels }
  return Object.fromEntries(Object.entries(labels).map(([name, each]) => [outputNamed(name, outputs), each]))
}

/** A double holds each class and each value that JSON can write. */
function labelOf(row: number, output: string, label: unknown): Tensor {
  const given = Tensor.safeParse(label)
  if (given.success) return given.data
  const shape = shapeOf(label)
  const elements = [label].flat(Number.POSITIVE_INFINITY)
  if (elements.length !== elementCount(shape))
    throw new Misfit(`${caseText(row)}: the label of ${output} is not nested evenly`)
  const numbers = elements.map((element) => (typeof element === 'bigint' ? Number(element) : element))
  const bytes =
    numbers.every((number): number is number => typeof number === 'number') && bytesOfNumbers('FP64', numbers)
  if (!bytes) throw new Misfit(`${caseText(row)}: the label of ${output} is no number; count classes from 0`)
  return { datatype: 'FP64', shape, data: base64Of(bytes) }
}

const shapeOf = (data: unknown): number[] =>
  Array.isArray(data) ? [data.length, ...(data.length === 0 ? [] : shapeOf(data[0]))] : []

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
