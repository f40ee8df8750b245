/** Import options: the arguments of the command line with which a file of history becomes a recording for learning. */
import { resolve } from 'node:path'

export type HistoryImport = {
  /** The name of the recording. */
  name: string
  files: readonly string[]
  /** The schema of a data set of Lookout for Equipment. Undefined: files of Anomaly Detector. */
  schema: string | undefined
  /** Times of faults, whose rows are left out. */
  labels: string | undefined
  /** Only these columns. Empty means all. */
  tags: readonly string[]
  /** The time between two rows. Undefined: that of the files. */
  everyMs: number | undefined
}

export const IMPORT_FLAGS = {
  'import-history': { type: 'string' },
  csv: { type: 'string', multiple: true },
  'lookout-schema': { type: 'string' },
  'lookout-labels': { type: 'string' },
  'import-tag': { type: 'string', multiple: true },
  'import-every-ms': { type: 'string' },
} as const

export const IMPORT_HELP = `  --import-history N  make a recording N for "skerry learn start --recording N" from the files of --csv, and end
  --csv FILE          a CSV with the columns timestamp and variables, or timestamp and value; may be repeated
  --lookout-schema F  the data schema of Lookout for Equipment: the files are CSVs of its components
  --lookout-labels F  the labels of Lookout for Equipment: rows of these times are left out
  --import-tag NAME   import only this column; may be repeated (default: all, at most 32)
  --import-every-ms N the time between two rows (default: the usual one of the files)`

type Flags = {
  'import-history'?: string | undefined
  csv?: string[] | undefined
  'lookout-schema'?: string | undefined
  'lookout-labels'?: string | undefined
  'import-tag'?: string[] | undefined
  'import-every-ms'?: string | undefined
}

/** The same as the contract's Name, which is not imported here: the launcher must stay light. */
const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** As the contract's limits of the time between two rows. */
const EVERY_MS = { min: 100, max: 3_600_000 }

/** The mistake in the arguments; undefined if there is none. */
export function importTrouble(flags: Flags): string | undefined {
  const { 'import-history': name, csv = [], 'import-every-ms': everyMs } = flags
  if (name === undefined) {
    const lone = (['csv', 'lookout-schema', 'lookout-labels', 'import-tag', 'import-every-ms'] as const).find(
      (flag) => flags[flag] !== undefined,
    )
    return lone && `--${lone} needs --import-history NAME`
  }
  if (!NAME.test(name)) return `--import-history must be 1 to 63 of a-z, 0-9 and -, not ${JSON.stringify(name)}`
  if (csv.length === 0) return '--import-history needs --csv FILE'
  if (everyMs === undefined) return undefined
  const isFit = /^\d+$/.test(everyMs) && Number(everyMs) >= EVERY_MS.min && Number(everyMs) <= EVERY_MS.max
  return isFit ? undefined : `--import-every-ms must be a number from ${EVERY_MS.min} to ${EVERY_MS.max}`
}

export function importOf(flags: Flags): HistoryImport | undefined {
  const {
    'import-history': name,
    csv = [],
    'lookout-schema': schema,
    'lookout-labels': labels,
    'import-every-ms': everyMs,
  } = flags
  if (name === undefined) return undefined
  return {
    name,
    files: csv.map((file) => resolve(file)),
    schema: schema === undefined ? undefined : resolve(schema),
    labels: labels === undefined ? undefined : resolve(labels),
    tags: flags['import-tag'] ?? [],
    everyMs: everyMs === undefined ? undefined : Number(everyMs),
  }
}
