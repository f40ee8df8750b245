/** Table inputs: the rows of a table as inputs of a model, many rows a request if the model takes batches. */
import type { SliceCheck } from '@skerry/contract/checks/check-file'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import type { GoldenTensor } from '../device/proof/golden.ts'
import { bytesOfElements, bytesOfNumbers } from '../tensors/tensor-elements.ts'
import type { CsvRow } from '../values/csv-rows.ts'

/** Tens of columns make a request of some 100 kB. */
const BATCH_ROWS = 1_024

/** A table with more rows belongs into an evaluation, not into a check of each change. */
export const TABLE_ROWS_MAX = 100_000

export type TableBatch = { rows: readonly CsvRow[]; inputs: Record<string, GoldenTensor> }
export type TableInputs = { ok: true; batches: TableBatch[] } | { ok: false; message: string }

type Columns = Pick<SliceCheck, 'label' | 'by' | 'features'>
type Taken = { spec: TensorSpec; columns: readonly string[] }

/** A model with one input takes the features as its columns; one with several takes the column of the name of each. */
export function tableInputs(rows: readonly CsvRow[], inputs: readonly TensorSpec[], columns: Columns): TableInputs {
  const [first] = rows
  if (!first) return refuseTable('it has no rows below its head line')
  if (rows.length > TABLE_ROWS_MAX)
    return refuseTable(`it has ${rows.length} rows, and at most ${TABLE_ROWS_MAX} are taken`)
  const known = Object.keys(first.values)
  const missing = [columns.label, columns.by, ...(columns.features ?? [])].find(
    (name) => name !== undefined && !known.includes(name.toLowerCase()),
  )
  if (missing !== undefined) return refuseTable(`it has no column ${missing}; it has ${known.join(', ')}`)
  const taken = takenColumns(inputs, known, columns)
  if (typeof taken === 'string') return refuseTable(taken)
  const size = inputs.every(({ shape }) => shape[0] === -1) ? BATCH_ROWS : 1
  const batches: TableBatch[] = []
  for (let at = 0; at < rows.length; at += size) {
    const batch = rows.slice(at, at + size)
    const tensors = batchTensors(batch, taken)
    if (typeof tensors === 'string') return refuseTable(tensors)
    batches.push({ rows: batch, inputs: tensors })
  }
  return { ok: true, batches }
}

const refuseTable = (message: string): TableInputs => ({ ok: false, message })

/** The columns of each input, or the reason why there are none, in words. */
function takenColumns(
  inputs: readonly TensorSpec[],
  known: readonly string[],
  { label, by, features }: Columns,
): Taken[] | string {
  const odd = inputs.find(({ shape }) => shape.length > 2 || ![-1, 1].includes(shape[0] ?? 0))
  if (odd)
    return `the input ${odd.name} has the shape [${odd.shape.join(', ')}], and a table needs [rows] or [rows, columns]`
  const [only] = inputs
  if (only && inputs.length === 1) {
    const others = [label, by].map((name) => name?.toLowerCase())
    const columns = features?.map((name) => name.toLowerCase()) ?? known.filter((name) => !others.includes(name))
    const width = only.shape[1] ?? 1
    if (width !== -1 && width !== columns.length)
      return `the input ${only.name} has ${width} columns, and ${columns.length} are given (${columns.join(', ')}); name them with features`
    return [{ spec: only, columns }]
  }
  const absent = inputs.find(({ name }) => !known.includes(name.toLowerCase()))
  if (absent) return `it has no column for the input ${absent.name}; it has ${known.join(', ')}`
  return inputs.map((spec) => ({ spec, columns: [spec.name.toLowerCase()] }))
}

function batchTensors(rows: readonly CsvRow[], taken: readonly Taken[]): Record<string, GoldenTensor> | string {
  const tensors: [string, GoldenTensor][] = []
  for (const { spec, columns } of taken) {
    const cells = rows.flatMap(({ values }) => columns.map((column) => values[column] ?? ''))
    const data = spec.datatype === 'BYTES' ? bytesOfElements('BYTES', cells) : numbersOf(cells, spec)
    if (data === undefined) {
      const wrong = cells.findIndex((cell) => !isNumberCell(cell, spec))
      const at = Math.max(0, wrong)
      const { line = 0 } = rows[Math.floor(at / columns.length)] ?? {}
      return `line ${line}, column ${columns[at % columns.length]}: "${cells[at]}" is no ${spec.datatype}`
    }
    const shape = spec.shape.length === 1 ? [rows.length] : [rows.length, columns.length]
    tensors.push([spec.name, { datatype: spec.datatype, shape, data }])
  }
  return Object.fromEntries(tensors)
}

const isFloat = ({ datatype }: TensorSpec) => datatype.startsWith('FP') || datatype === 'BF16'

/** An empty cell is a missing value, which floats can hold as NaN. */
function isNumberCell(cell: string, spec: TensorSpec): boolean {
  if (cell === '' || cell.toLowerCase() === 'nan') return isFloat(spec)
  const value = Number(cell)
  return Number.isFinite(value) && (isFloat(spec) || Number.isSafeInteger(value))
}

function numbersOf(cells: readonly string[], spec: TensorSpec): Uint8Array | undefined {
  if (!cells.every((cell) => isNumberCell(cell, spec))) return undefined
  const values = cells.map((cell) => (cell === '' ? Number.NaN : Number(cell)))
  return isFloat(spec) ? bytesOfNumbers(spec.datatype, values) : bytesOfElements(spec.datatype, values)
}
