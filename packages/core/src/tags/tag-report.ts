/** Tag report: which readings are news, so that a wire carries changes and not repetitions. */
import type { TagValue } from '@skerry/contract/sources/tag'

export type Deadband = { absolute: number } | { percent: number }

export type Reporting = {
  deadband?: Deadband | undefined
  silenceMaxMs?: number | undefined
}

/** Whether to tell `now`, given what was told last. A change of quality, or of why it is so, is always news. */
export function isNews(told: TagValue | undefined, now: TagValue, { deadband, silenceMaxMs }: Reporting): boolean {
  if (!told || !deadband) return true
  if (silenceMaxMs !== undefined && now.receivedTimeMs - told.receivedTimeMs >= silenceMaxMs) return true
  // A clock that was set back must not keep a tag silent.
  if (now.receivedTimeMs < told.receivedTimeMs) return true
  if (told.quality !== now.quality || causeOf(told) !== causeOf(now)) return true
  if (told.quality === 'bad' || now.quality === 'bad') return false
  return hasMoved(told.value, now.value, deadband)
}

const causeOf = (value: TagValue) => ('cause' in value ? value.cause.code : undefined)

type Content = Exclude<TagValue, { quality: 'bad' }>['value']

function hasMoved(before: Content, after: Content, deadband: Deadband): boolean {
  if (Array.isArray(before) && Array.isArray(after)) {
    return (
      before.length !== after.length || after.some((value, index) => hasMoved(before[index] ?? '', value, deadband))
    )
  }
  if (typeof before !== 'number' || typeof after !== 'number') return before !== after
  return hasMovedBeyond(deadband, before, after)
}

/** Whether a number is further from what was told than the deadband allows. */
export function hasMovedBeyond(deadband: Deadband, before: number, after: number): boolean {
  const allowed = 'absolute' in deadband ? deadband.absolute : (Math.abs(before) * deadband.percent) / 100
  return Math.abs(after - before) > allowed
}
