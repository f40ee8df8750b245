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
  /** The features, in this order. All tags but the label or the targets if it is empty. */
  tags: readonly string[]
  /** The tag of the class. Absent if the rows have targets. */
  label?: string
  /** The tags of the numbers that belong to a row. */
  targets?: readonly string[]
}

/** [contract, CampaignData] More classes than a campaign can have are a wrong tag, such as a time. */
const CLASSES_MAX = 10_000

/** `answers`: the column of the label, or those of the targets. */
type Columns = { width: number; features: number[]; answers: number[]; isOfClasses: boolean; note: string }

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
  return { ok: true, value: factsIn(columns.value, rows, largest) }
}

const factsIn = ({ features, answers, isOfClasses }: Columns, rows: number, largest: number): DataSetFacts => ({
  rows,
  type: 'float32',
  shape: [features.length],
  classes: largest + 1,
  ...(!isOfClasses && { targets: [answers.length] }),
})

/** All rows, in memory. */
export async function readRecordedSet(recorded: RecordedRows): Promise<DataSetResult<DataSet>> {
  const columns = await columnsOf(recorded)
  if (!columns.ok) return columns
  const { features, answers, width, note } = columns.value
  const most = await countRows(recorded.rowsPath, width)
  const data = new Float32Array(most * features.length)
  const found = new Float64Array(most * answers.length)
  let rows = 0
  let largest = -1
  for await (const row of completeRows(recorded, columns.value)) {
    const label = labelOf(row, columns.value)
    if (label === undefined) return refuse(labelTrouble(recorded, row, columns.value))
    for (const [at, feature] of features.entries()) data[rows * features.length + at] = valueAt(row, feature)
    for (const [at, answer] of answers.entries()) found[rows * answers.length + at] = valueAt(row, answer)
    rows += 1
    largest = Math.max(largest, label)
  }
  // A person may have imported the recording again meanwhile: its rows would have the columns of another one.
  if ((await noteOf(recorded)) !== note) return refuse(`the recording ${recorded.name} was replaced while it was read`)
  const value = {
    ...factsIn(columns.value, rows, largest),
    data: data.subarray(0, rows * features.length),
    labels: labelsIn(columns.value, found.subarray(0, rows * answers.length)),
  }
  return { ok: true, value }
}

const labelsIn = ({ isOfClasses }: Columns, found: Float64Array): DataSet['labels'] =>
  isOfClasses ? BigInt64Array.from(found, BigInt) : Float32Array.from(found)

const noteOf = ({ notePath }: RecordedRows) => readFile(notePath, 'utf8').catch(() => undefined)

async function columnsOf(recorded: RecordedRows): Promise<DataSetResult<Columns>> {
  const { name, label, targets = [] } = recorded
  const asked = label === undefined ? targets : [label]
  const note = await noteOf(recorded)
  const tags = note === undefined ? undefined : tagsIn(note)
  if (note === undefined || !tags)
    return refuse(`the device has no recording ${name}; import it with "skerry agent --import-history ${name}"`)
  const wanted = recorded.tags.length > 0 ? recorded.tags : tags.filter((tag) => !asked.includes(tag))
  const unknown = [...wanted, ...asked].find((tag) => !tags.includes(tag))
  if (unknown !== undefined) return refuse(`the recording ${name} has no tag ${unknown}; it has ${tags.join(', ')}`)
  const kind = label === undefined ? 'target' : 'label'
  if (wanted.length === 0) return refuse(`the recording ${name} has no tag beside the ${kind} ${asked.join(', ')}`)
  const copied = asked.find((tag) => wanted.includes(tag))
  if (copied !== undefined) return refuse(`the ${kind} ${copied} is a feature too, so a model would only copy it`)
  const columnsOfTags = (some: readonly string[]) => some.map((tag) => tags.indexOf(tag))
  const [features, answers] = [columnsOfTags(wanted), columnsOfTags(asked)]
  return { ok: true, value: { width: tags.length, features, answers, isOfClasses: label !== undefined, note } }
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
async function* completeRows(
  { rowsPath }: RecordedRows,
  { width, features, answers }: Columns,
): AsyncGenerator<Buffer> {
  const needed = [...features, ...answers]
  for await (const rows of rowChunks(rowsPath, width))
    for (const row of rows) if (needed.every((column) => Number.isFinite(valueAt(row, column)))) yield row
}

/** Undefined if the value is no number of a class. Targets have no class: then it is -1. */
function labelOf(row: Buffer, columns: Columns): number | undefined {
  if (!columns.isOfClasses) return -1
  const value = labelValue(row, columns)
  return Number.isInteger(value) && value >= 0 && value < CLASSES_MAX ? value : undefined
}

const labelValue = (row: Buffer, { answers: [label = 0] }: Columns) => valueAt(row, label)

const labelTrouble = ({ name, label }: RecordedRows, row: Buffer, columns: Columns) =>
  `the label ${label} of the recording ${name} is ${labelValue(row, columns)} in a row; a class is a whole number from 0 to ${CLASSES_MAX - 1}. Offer numbers as target=${label}`

const refuse = (message: string) => ({ ok: false as const, message: message.slice(0, 500) })
