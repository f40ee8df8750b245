/**
 * Tag write notes: each tag that a flow writes, or a host through a sink, stands in the device's journal, as a write by a person stands in the hub's trail.
 * Of one tag some at once, then one now and then, which says how many there were since the one before: a control loop must not push out what else happened on
 * the device. What was refused to a host is in the log, too, as often as in the journal: nobody answers a host.
 */
import type { JournalEntry } from '@skerry/contract/audit/device-journal'
import type { TagContent } from '@skerry/contract/sources/tag'
import { addedWrites, type TagWriteSum, writeKey } from '@skerry/core/audit/tag-write-sum'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { DeviceJournal } from './device-journal.ts'

/** Of one tag of one flow: an alarm that comes and goes is told each time, a setpoint of each second six times an hour. */
const BURST_MAX = 20
const REFILL_MS = 10 * 60_000

/** More tags than are written on a device; what is forgotten is told again. */
const TAGS_MAX = 10_000

const TEXT_MAX = 200

type Kept = { tokens: number; atMs: number; waiting: { sum: TagWriteSum; sinceMs: number } | undefined }

type Means = {
  journal: Pick<DeviceJournal, 'note' | 'hasRoom'>
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>
  log: Pick<Log, 'warn'>
}

/** Told again and again, at least each second, what was written since; with nothing, too: what had to wait may be due. */
export function createTagWriteNotes(means: Means): (sums: readonly TagWriteSum[]) => void {
  const { clock } = means
  const tags = new Map<string, Kept>()
  return (sums) => {
    const monotonicMs = clock.monotonicMs()
    for (const sum of sums) {
      const key = writeKey(sum)
      const { waiting, ...bucket } = tags.get(key) ?? { tokens: BURST_MAX, atMs: monotonicMs, waiting: undefined }
      const sinceMs = waiting?.sinceMs ?? Math.round(clock.nowMs())
      // Last in turn where it is new, or was told since: of many that wait, none waits for ever.
      if (!waiting) tags.delete(key)
      tags.set(key, { ...bucket, waiting: { sum: addedWrites(waiting?.sum, sum), sinceMs } })
    }
    for (const kept of tags.values()) tell(kept, means, monotonicMs)
    for (const key of tags.keys()) {
      if (tags.size <= TAGS_MAX) break
      tags.delete(key)
    }
  }
}

function tell(kept: Kept, { journal, log }: Means, nowMs: number): void {
  const { waiting } = kept
  if (!waiting || waiting.sum.changes === 0) return
  const earned = Math.floor((nowMs - kept.atMs) / REFILL_MS)
  kept.tokens = Math.min(BURST_MAX, kept.tokens + earned)
  kept.atMs += earned * REFILL_MS
  const action = actionOf(waiting.sum)
  if (kept.tokens < 1 || !journal.hasRoom(action)) return
  const detail = detailOf(waiting)
  journal.note(action, detail)
  if (action === 'sink-refused') log.warn('command_refused', detail)
  kept.tokens -= 1
  kept.waiting = undefined
}

function actionOf(sum: TagWriteSum) {
  if ('sink' in sum) return sum.refusal ? 'sink-refused' : 'sink-wrote'
  return sum.refusal ? 'flow-refused' : 'flow-wrote'
}

function detailOf({ sum, sinceMs }: NonNullable<Kept['waiting']>): JournalEntry['detail'] {
  const { value, refusal, written, refused, changes, ...where } = sum
  const why = refusal && { code: refusal.code, message: refusal.message.slice(0, TEXT_MAX) }
  // One write needs no counting.
  const counts = written + refused > 1 && { written, refused, changes, sinceMs }
  return { ...where, ...(value !== undefined && { value: shortened(value) }), ...why, ...counts }
}

function shortened(value: TagContent): TagContent {
  const text = JSON.stringify(value)
  return text.length <= TEXT_MAX ? value : text.slice(0, TEXT_MAX)
}
