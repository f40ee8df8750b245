/** Command fields: the fields of a batch command as people see them. */
import type { BatchCommand } from '@skerry/contract/batches/batch-command'

/** All fields besides the kind. A list of objects is shown by its length: the digests of files help no reader. */
export function shownFields({ kind: _, ...fields }: BatchCommand): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]: [string, unknown]) => [name, isLong(value) ? value.length : value]),
  )
}

const isLong = (value: unknown): value is unknown[] =>
  Array.isArray(value) && value.some((each) => typeof each === 'object')
