/** Row source: the place of the labelled rows on the device, a folder of files or a recording. */
import { type DataSet, type DataSetFacts, type DataSetResult, describeDataSet, readDataSet } from './data-set.ts'
import { describeRecordedSet, type RecordedRows, readRecordedSet } from './recorded-set.ts'

export type RowSource = { folder: string } | { recording: RecordedRows }

/** The facts of the rows, without the rows themselves. */
export const describeRows = (source: RowSource): Promise<DataSetResult<DataSetFacts>> =>
  'folder' in source ? describeDataSet(source.folder) : describeRecordedSet(source.recording)

/** All rows, in memory. */
export const readLabelledRows = (source: RowSource): Promise<DataSetResult<DataSet>> =>
  'folder' in source ? readDataSet(source.folder) : readRecordedSet(source.recording)
