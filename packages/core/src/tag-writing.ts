/** Tag writing: whether a value may be written to equipment. What is not allowed there is refused here, before anything is sent. */
import type { TagContent, TagWriting } from '@skerry/contract/tag'
import { isWithin, rangeText } from './tag-scaling.ts'

export type WriteVerdict = { ok: true } | { ok: false; code: WriteRefusal; message: string }
export type WriteRefusal = 'tag_read_only' | 'tag_range' | 'tag_rate' | 'tag_type'

/** `recentMs` are the moments of the tag's writes of the last minute. */
export function judgeWrite(
  writing: TagWriting | undefined,
  value: TagContent,
  { recentMs, nowMs }: { recentMs: readonly number[]; nowMs: number },
): WriteVerdict {
  if (!writing)
    return refused('tag_read_only', 'the tag has no "write", so it is never written; add one if it should be')
  if (Array.isArray(value)) return refused('tag_type', 'arrays cannot be written')
  const { min, max, perMinute } = writing
  const isBounded = min !== undefined || max !== undefined
  if (isBounded && typeof value !== 'number')
    return refused('tag_type', 'the tag has bounds, so only a number can be written')
  if (typeof value === 'number' && Number.isNaN(value)) return refused('tag_type', 'not a number')
  if (typeof value === 'number' && !isWithin(value, { min, max })) {
    return refused('tag_range', `${value} is beyond what may be written (${rangeText({ min, max })})`)
  }
  const counted = recentMs.filter((atMs) => Math.abs(nowMs - atMs) < 60_000)
  if (counted.length >= perMinute) {
    return refused('tag_rate', `it was written ${counted.length} times within a minute, which is all that it may be`)
  }
  return { ok: true }
}

const refused = (code: WriteRefusal, message: string): WriteVerdict => ({ ok: false, code, message })
