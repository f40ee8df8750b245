/** Data: versioned reference files, which a device replaces as a whole. Apps and programs near the device read them. */
import * as z from 'zod'
import { DataSet } from '../data/data-set.ts'
import type { KindRow } from './kind-row.ts'

/** The description. All other files of the version are below `DATA_FOLDER`. */
export const DATA_PATH = 'data.json'
/** A file of a data set may have the name of the main file of another kind. */
export const DATA_FOLDER = 'files/'

/** A deployment of data has no settings. */
export const DataSpec = z.object({})
export type DataSpec = z.infer<typeof DataSpec>

export const dataKind = {
  mainFile: DATA_PATH,
  // Agents that are older than the kind are never offered it.
  capability: 'data',
  serves: false,
  mayShadow: false,
  // The digests prove the files. There is nothing to replay.
  hasGoldenCases: false,
  lifecycle: ['fetching', 'verifying', 'loading', 'ready', 'probation', 'active'],
  spec: DataSpec,
  detail: { data: DataSet },
} as const satisfies KindRow
