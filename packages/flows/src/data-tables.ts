/**
 * Data tables: reads the tables of data from the disk. A link selects the version of data, so its change shows that
 * there is another one.
 */
import { readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type LookupStep, type LookupTable, readTable, TABLE_BYTES_MAX } from '@skerry/core/flow/lookup-table'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import type { FoundTable } from './step-facts.ts'

export type DataTables = {
  tableOf(step: LookupStep): FoundTable
  /** Whether data that were read have another version since the last call. */
  haveMoved(): boolean
}

type Kept = { folder: string; table: LookupTable }

/** `folderOf`: the folder of the version of the data that counts now; undefined if there is none. */
export function openDataTables(folderOf: (data: string) => string | undefined): DataTables {
  const kept = new Map<string, Kept>()
  const seen = new Map<string, string | undefined>()
  return {
    tableOf(step) {
      const folder = folderOf(step.data)
      seen.set(step.data, folder)
      if (folder === undefined) {
        const message = `this device has no data ${step.data}; deploy them with "skerry deploy ${step.data}"`
        return { ok: false, code: 'table_missing', message }
      }
      const { data, file, key, value, gives } = step
      const name = canonicalJson({ data, file, gives, key: key ?? null, value: value ?? null })
      const before = kept.get(name)
      if (before?.folder === folder) return { ok: true, table: before.table }
      const found = tableIn(folder, step)
      if (found.ok) kept.set(name, { folder, table: found.table })
      return found
    },
    haveMoved() {
      let isMoved = false
      for (const [data, before] of seen) {
        const now = folderOf(data)
        if (now !== before) isMoved = true
        seen.set(data, now)
      }
      return isMoved
    },
  }
}

/** The folder of the selected version, as the agent lays data below `root`. */
export function selectedFolder(root: string, data: string): string | undefined {
  try {
    return join(root, data, readlinkSync(join(root, data, 'current')))
  } catch {
    return undefined
  }
}

/** The table of the step in a folder of data. */
export function tableIn(folder: string, step: LookupStep): FoundTable {
  const { data, file } = step
  const text = textOf(join(folder, file))
  if (text === undefined) return { ok: false, code: 'table_missing', message: `the data ${data} have no file ${file}` }
  if (text === 'long') return { ok: false, code: 'table_invalid', message: `${file} of the data ${data} is over 1 MiB` }
  const read = readTable(step, text.content)
  return read.ok ? read : { ok: false, code: 'table_invalid', message: `${file} of the data ${data}: ${read.message}` }
}

/** The agent may remove a version of data at each moment. */
function textOf(path: string): { content: string } | 'long' | undefined {
  try {
    return statSync(path).size > TABLE_BYTES_MAX ? 'long' : { content: readFileSync(path, 'utf8') }
  } catch {
    return undefined
  }
}
