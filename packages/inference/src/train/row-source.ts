/** Row source: the place of the labelled rows on the device: a folder of files, a recording, or another process. */
import { type DataSet, type DataSetFacts, type DataSetResult, describeDataSet, readDataSet } from './data-set.ts'
import type { HandedRows } from './handed-rows.ts'
import { describeRecordedSet, type RecordedRows, readRecordedSet } from './recorded-set.ts'

/** Rows that the training reads by itself. */
export type StoredRows = { folder: string } | { recording: RecordedRows }

/** `handed`: the process that starts the training hands them over. */
export type RowSource = StoredRows | { handed: HandedRows }

/** The rows as the process of a training gets them: `awaited` ones come after the order, and are the `set` then. */
export type SentRows = StoredRows | { awaited: DataSetFacts } | { set: DataSet }

/** The facts of the rows, without the rows themselves. */
export const describeRows = (source: StoredRows): Promise<DataSetResult<DataSetFacts>> =>
  'folder' in source ? describeDataSet(source.folder) : describeRecordedSet(source.recording)

/** All rows, in memory. */
export async function readLabelledRows(source: SentRows): Promise<DataSetResult<DataSet>> {
  if ('set' in source) return { ok: true, value: source.set }
  if ('folder' in source) return readDataSet(source.folder)
  if ('recording' in source) return readRecordedSet(source.recording)
  return { ok: false, message: 'the rows were not handed over' }
}
