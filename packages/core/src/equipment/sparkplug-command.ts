/** Sparkplug command: what a host wants a metric to be, as a value, where it is one that the metric can have. [Sparkplug 3.0.0, 6.4.16] */
import type { TagContent } from '@skerry/contract/sources/tag'
import { contentOf, DATATYPE, type RawValue } from './sparkplug-value.ts'

/** Of one metric in a command. */
type Commanded = { datatype: number | undefined; isNull: boolean; raw: RawValue | undefined }

export type CommandVerdict = { ok: true; value: TagContent } | { ok: false; message: string }

/** Where a value of each type stands. What a birth of ours told of a tag is one of these, or an array, which is never written. */
const CASES: Readonly<Record<number, RawValue['case']>> = {
  [DATATYPE.double]: 'double',
  [DATATYPE.boolean]: 'boolean',
  [DATATYPE.string]: 'string',
}

/**
 * [tck-id-operational-behavior-data-commands-dcmd-metric-value] `datatype` is the one of the birth, and may be left out of the command. A number of another
 * type is not guessed at: 4294967295 is -1 to who meant another one.
 */
export function judgeCommand(datatype: number, { datatype: said, isNull, raw }: Commanded): CommandVerdict {
  if (said !== undefined && said !== datatype) {
    return { ok: false, message: `its birth message has datatype ${datatype}, but the command has ${said}` }
  }
  if (isNull || !raw) return { ok: false, message: 'the command has no value' }
  const expected = CASES[datatype]
  if (expected === undefined) return { ok: false, message: `a metric of datatype ${datatype} cannot be written` }
  const content = raw.case === expected ? contentOf(datatype, raw) : undefined
  if (!content)
    return { ok: false, message: `datatype ${datatype} has a ${expected}, but the command has a ${raw.case}` }
  return { ok: true, value: content.value }
}
