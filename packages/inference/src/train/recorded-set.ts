/**
 * Recorded set: the rows of a recording on the device as a data set. Some tags of the recording are the features, and one
 * tag is the label. Rows with a missing value are left out.
 */
import { readFile } from 'node:fs/promises'
import { countRows, rowChunks } from '../learn/recorded-rows.ts'
import type { DataSet, DataSetFacts, DataSetResult } from './data-set.ts'

export type RecordedRows = {
  /** The name for messages. */
  name: string
  /** The file with the tags of the recording, in JSON. It is written after the rows. */
  notePath: string
  rowsPath: string
  /** The features, in this order. All tags but the label if it is empty. */
  tags: readonly string[]
  label: string
}

/** [contract, CampaignData] More classes than a campaign can have are a wrong tag, such as a time. */
const CLASSES_MAX = 10_000

type Columns = { width: number; features: number[]; label: number; note: string }

/** The facts of a recording, from all its rows, because each row may have another label. */
export async function describeRecordedSet(recorded: RecordedRows): Promise<DataSetResult<DataSetFacts>> {
  const columns = await columnsOf(recorded)
  if (!columns.ok) return columns
  let rows = 0
  let largest = -1
  for await (const row of completeRows(recorded, columns.value)) {
    const label = labelOf(row, columns.value)
    if (label === undefined) return refuse(labelTrouble(recorded, row, columns.value))
    rows += 1
    largest = Math.max(largest, label)
  }
  return { ok: true, value: { rows, type: 'float32', shape: [columns.value.features.length], classes: largest + 1 } }
}

/** All rows, in memory. */
export async function readRecordedSet(recorded: RecordedRows): Promise<DataSetResult<DataSet>> {
  const columns = await columnsOf(recorded)
  if (!columns.ok) return columns
  const { features, width, note } = columns.value
  const most = await countRows(recorded.rowsPath, width)
  const data = new Float32Array(most * features.length)
  const labels = new BigInt64Array(most)
  let rows = 0
  let largest = -1
  for await (const row of completeRows(recorded, columns.value)) {
    const label = labelOf(row, columns.value)
    if (label === undefined) return refuse(labelTrouble(recorded, row, columns.value))
    for (const [at, feature] of features.entries()) data[rows * features.length + at] = valueAt(row, feature)
    labels[rows] = BigInt(label)
    rows += 1
    largest = Math.max(largest, label)
  }
  // A person may have imported the recording again meanwhile: its rows would have the columns of another one.
  if ((await noteOf(recorded)) !== note) return refuse(`the recording ${recorded.name} was replaced while it was read`)
  const facts = { rows, type: 'float32' as const, shape: [features.length], classes: largest + 1 }
  return {
    ok: true,
    value: { ...facts, data: data.subarray(0, rows * features.length), labels: labels.subarray(0, rows) },
  }
}

const noteOf = ({ notePath }: RecordedRows) => readFile(notePath, 'utf8').catch(() => undefined)

async function columnsOf(recorded: RecordedRows): Promise<DataSetResult<Columns>> {
  const { name, label } = recorded
  const note = await noteOf(recorded)
  const tags = note === undefined ? undefined : tagsIn(note)
  if (note === undefined || !tags)
    return refuse(`the device has no recording ${name}; import it with "skerry agent --import-history ${name}"`)
  const wanted = recorded.tags.length > 0 ? recorded.tags : tags.filter((tag) => tag !== label)
  const unknown = [...wanted, label].find((tag) => !tags.includes(tag))
  if (unknown !== undefined) return refuse(`the recording ${name} has no tag ${unknown}; it has ${tags.join(', ')}`)
  if (wanted.length === 0) return refuse(`the recording ${name} has no tag beside the label ${label}`)
  if (wanted.includes(label)) return refuse(`the label ${label} is a feature too, so a model would only copy it`)
  const features = wanted.map((tag) => tags.indexOf(tag))
  return { ok: true, value: { width: tags.length, features, label: tags.indexOf(label), note } }
}

function tagsIn(note: string): string[] | undefined {
  try {
    const { tags }: { tags?: unknown } = JSON.parse(note)
    return Array.isArray(tags) && tags.every((tag) => typeof tag === 'string') ? tags : undefined
  } catch {
    return undefined
  }
}

/** A row begins with its time. */
const valueAt = (row: Buffer, column: number) => row.readDoubleLE(8 * (column + 1))

/** The rows without a missing value. */
async function* completeRows({ rowsPath }: RecordedRows, { width, features, label }: Columns): AsyncGenerator<Buffer> {
  const needed = [...features, label]
  for await (const rows of rowChunks(rowsPath, width))
    for (const row of rows) if (needed.every((column) => Number.isFinite(valueAt(row, column)))) yield row
}

/** Undefined if the value is no number of a class. */
function labelOf(row: Buffer, { label }: Columns): number | undefined {
  const value = valueAt(row, label)
  return Number.isInteger(value) && value >= 0 && value < CLASSES_MAX ? value : undefined
}

const labelTrouble = ({ name, label }: RecordedRows, row: Buffer, columns: Columns) =>
  `the label ${label} of the recording ${name} is ${valueAt(row, columns.label)} in a row; a class is a whole number from 0 to ${CLASSES_MAX - 1}`

const refuse = (message: string) => ({ ok: false as const, message: message.slice(0, 500) })
