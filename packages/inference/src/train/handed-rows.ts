/**
 * Handed rows: labelled rows that another process reads and hands over, part by part, in memory. Rows that lie sealed on the
 * disk reach a training so: it gets neither the key nor a plain file.
 */
import { ELEMENT_BYTES, type Tensor } from '@skerry/contract/models/tensor'
import { elementReader } from '../host/element-reader.ts'
import type { DataSet, DataSetFacts } from './data-set.ts'

/** Some rows, one behind the other. `held`: 1 for a row that is held out of the training. */
export type RowPart = { data: Uint8Array; answers: Float64Array; held: Uint8Array }

export type HandedRows = {
  /** `rows` is the largest number that the parts have. */
  facts: DataSetFacts
  parts(): AsyncIterable<RowPart>
}

/** The values of one row as the training reads them; undefined if one is no finite number. */
export function trainingValues({ datatype, data }: Tensor, type: DataSetFacts['type']): Uint8Array | undefined {
  const bytes = Buffer.from(data, 'base64')
  const read = elementReader(datatype)
  if (!read) return undefined
  if (type === 'uint8') return bytes
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const size = ELEMENT_BYTES[datatype]
  const values = Float32Array.from({ length: Math.floor(bytes.byteLength / size) }, (_, at) => read(view, at * size))
  return values.every(Number.isFinite) ? new Uint8Array(values.buffer) : undefined
}

/** Collects the parts. The set is as long as they are: rows may have been deleted since they were counted. */
export function createHandedSet(facts: DataSetFacts): { add(part: RowPart): void; set(): DataSet } {
  const { rows: most, type, shape, targets } = facts
  const width = shape.reduce((a, b) => a * b, 1) * (type === 'uint8' ? 1 : 4)
  const data = new Uint8Array(most * width)
  const answers = new Float64Array(most)
  const held = new Uint8Array(most)
  let rows = 0
  return {
    add(part) {
      data.set(part.data, rows * width)
      answers.set(part.answers, rows)
      held.set(part.held, rows)
      rows += part.held.length
    },
    set() {
      const found = answers.subarray(0, rows)
      const bytes = data.subarray(0, rows * width)
      return {
        ...facts,
        rows,
        data: type === 'uint8' ? bytes : new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4),
        labels: targets ? Float32Array.from(found) : BigInt64Array.from(found, BigInt),
        held: held.subarray(0, rows),
      }
    },
  }
}
