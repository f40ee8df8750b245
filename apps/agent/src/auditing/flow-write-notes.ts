/**
 * Flow write notes: each tag that a flow writes stands in the device's journal, as a write by a person stands in the hub's trail. Of one tag some at once,
 * then one now and then, which says how many there were since the one before: a control loop must not push out what else happened on the device.
 */
import type { JournalEntry } from '@skerry/contract/device-journal'
import type { TagContent } from '@skerry/contract/tag'
import { addedWrites, type FlowWriteSum, writeKey } from '@skerry/core/flow/write-sum'
import type { Clock } from '@skerry/platform/clock'
import type { DeviceJournal } from './device-journal.ts'

/** Of one tag of one flow: an alarm that comes and goes is told each time, a setpoint of each second six times an hour. */
const BURST_MAX = 20
const REFILL_MS = 10 * 60_000

/** More tags than flows of a device write; what is forgotten is told again. */
const TAGS_MAX = 10_000

const TEXT_MAX = 200

type Kept = { tokens: number; atMs: number; waiting: { sum: FlowWriteSum; sinceMs: number } | undefined }

/** Told again and again, at least each second, what was written since; with nothing, too: what had to wait may be due. */
export function createFlowWriteNotes(
  journal: Pick<DeviceJournal, 'note' | 'hasRoom'>,
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>,
): (sums: readonly FlowWriteSum[]) => void {
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
    for (const kept of tags.values()) tell(kept, journal, monotonicMs)
    for (const key of tags.keys()) {
      if (tags.size <= TAGS_MAX) break
      tags.delete(key)
    }
  }
}

function tell(kept: Kept, journal: Pick<DeviceJournal, 'note' | 'hasRoom'>, nowMs: number): void {
  const { waiting } = kept
  if (!waiting || waiting.sum.changes === 0) return
  const earned = Math.floor((nowMs - kept.atMs) / REFILL_MS)
  kept.tokens = Math.min(BURST_MAX, kept.tokens + earned)
  kept.atMs += earned * REFILL_MS
  const action = waiting.sum.refusal ? 'flow-refused' : 'flow-wrote'
  if (kept.tokens < 1 || !journal.hasRoom(action)) return
  journal.note(action, detailOf(waiting))
  kept.tokens -= 1
  kept.waiting = undefined
}

function detailOf({ sum, sinceMs }: NonNullable<Kept['waiting']>): JournalEntry['detail'] {
  const { flow, source, tag, value, refusal, written, refused, changes } = sum
  const why = refusal && { code: refusal.code, message: refusal.message.slice(0, TEXT_MAX) }
  // One write needs no counting.
  const counts = written + refused > 1 && { written, refused, changes, sinceMs }
  return { flow, source, tag, value: shortened(value), ...why, ...counts }
}

function shortened(value: TagContent): TagContent {
  const text = JSON.stringify(value)
  return text.length <= TEXT_MAX ? value : text.slice(0, TEXT_MAX)
}
