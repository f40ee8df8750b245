/** Ranges draft: the form of a calibration on devices as typed text, and the request that it describes. */
import { CalibrateRequest } from '@skerry/contract/builds/device-ranges'
import { withoutGroups } from '@skerry/core/groups/group-text'
import { compileSelector } from '@skerry/core/selectors/selector'
import { rangesTexts } from './english-ranges.ts'

export type RangesDraft = { selector: string; rows: string }

type ReadRanges = { request: CalibrateRequest | undefined; problems: Partial<Record<keyof RangesDraft, string>> }

export const USUAL_RANGES: RangesDraft = { selector: 'true', rows: String(CalibrateRequest.parse({}).rows) }

export function readRanges({ selector, rows }: RangesDraft): ReadRanges {
  const compiled = compileSelector(withoutGroups(selector))
  const read = CalibrateRequest.safeParse({ rows: rows.trim() === '' ? Number.NaN : Number(rows) })
  const problems = {
    ...(!compiled.ok && { selector: compiled.message }),
    ...(!read.success && { rows: rangesTexts.rowsProblem }),
  }
  return { request: Object.keys(problems).length === 0 ? read.data : undefined, problems }
}
