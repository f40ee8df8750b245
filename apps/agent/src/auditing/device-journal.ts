/**
 * Device journal: signed entries about local events on this device, which it hands to the hub once. A failed write
 * never stops other work: it is counted, and the next entry has the count. There are two limits: some entries an hour
 * for each kind, and a total for all kinds. Entries beyond them are counted instead.
 */
import { randomBytes } from 'node:crypto'
import {
  JOURNAL_DETAIL_MAX,
  JOURNAL_PAGE_MAX,
  type JournalEntry,
  type JournalHeld,
  type JournalPage,
  type JournalPlace,
} from '@skerry/contract/audit/device-journal'
import { chainEntry, newJournal } from '@skerry/core/audit/device-journal'
import { keyPairOf } from '@skerry/platform/certificates/private-key'
import { digestOf } from '@skerry/platform/files/hash'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import { journalSigner } from '@skerry/platform/signatures/journal-signature'
import type { AuditJournal } from '../store/audit-journal.ts'
import { createWakeUp } from '../wake-up.ts'

/** The events that the journal records. */
export type LocalAction =
  | 'agent-started'
  | 'agent-stopped'
  | 'options-changed'
  | 'identity-changed'
  | 'trust-changed'
  | 'secrets-changed'
  | 'version-refused'
  | 'condition-raised'
  | 'condition-cleared'
  | 'clock-jumped'
  | 'wipe-begun'
  | 'model-key-rotated'
  | 'journal-begun'
  | 'access-opened'
  | 'access-closed'
  | 'access-commands'
  | 'consent-given'
  | 'consent-refused'
  | 'page-entered'
  | 'page-refused'
  | 'flow-wrote'
  | 'flow-refused'
  | 'sink-wrote'
  | 'sink-refused'

export type DeviceJournal = {
  note(action: LocalAction, detail?: JournalEntry['detail']): void
  /**
   * Whether an entry of this kind would be written now. `note` counts a rejected entry as missed. A caller that can
   * wait checks first.
   */
  hasRoom(action: LocalAction): boolean
  /** Notes an entry if the value of this name differs from the last one. The first value is no change. */
  noteChange(name: string, value: Record<string, string>, action: LocalAction): void
  /** The entries that the hub does not have, given the place that it has. */
  pageAfter(held: JournalHeld): JournalPage
  /** Whether the journal has entries that the hub does not. */
  hasMore(held: JournalHeld): boolean
  /** The hub has stored the entries up to there on its disk. */
  heard(held: JournalHeld): void
  /** Resolves when an entry has been written. */
  news(signal: AbortSignal): Promise<void>
  /** Watches the clock until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
}

export type DeviceJournalDeps = { journal: AuditJournal; privateKey: string; clock: Clock; log: Pick<Log, 'error'> }

/** Enough for a quiet device without a hub for a year. 2,000 entries of 600 bytes are little more than a megabyte. */
const ENTRIES_MAX = 2_000

type Pace = { burstMax: number; refillMs: number; entriesMax: number }

/** The pace of one kind. More frequent events are a fault that repeats itself. */
const USUAL: Pace = { burstMax: 20, refillMs: 3 * 60_000, entriesMax: ENTRIES_MAX }

/** Flows, and hosts through sinks, may write many tags. Half of the journal always stays free for other events. */
const OF_WRITES: Pace = { burstMax: 100, refillMs: 60_000, entriesMax: ENTRIES_MAX / 2 }

const WRITES: readonly LocalAction[] = ['flow-wrote', 'flow-refused', 'sink-wrote', 'sink-refused']

/** A person who works in a terminal for an hour. More than that waits, and is counted. */
const OF_COMMANDS: Pace = { burstMax: 100, refillMs: 10_000, entriesMax: ENTRIES_MAX / 2 }

function paceOf(action: LocalAction): Pace {
  if (action === 'access-commands') return OF_COMMANDS
  return WRITES.includes(action) ? OF_WRITES : USUAL
}

/** In milliseconds. Clocks are always corrected by fractions of a second. */
const JUMP_MS = 5_000
const WATCH_MS = 15_000

const PATIENCE_MS = 3_600_000

type Bucket = { tokens: number; atMs: number; missed: number }

/** Opens the journal of the device. */
export function openDeviceJournal({ journal, privateKey, clock, log }: DeviceJournalDeps): DeviceJournal {
  const sign = journalSigner(privateKey)
  const { publicKeyPem: publicKey } = keyPairOf(privateKey)
  const written = createWakeUp(clock)
  const buckets = new Map<string, Bucket>()

  const write = (end: JournalPlace, action: LocalAction, detail: JournalEntry['detail']): void => {
    const said = { atMs: Math.max(0, Math.round(clock.nowMs())), action, detail: fitting(detail) }
    const entry = chainEntry(end, said, digestOf)
    journal.append({ ...entry, signature: sign(entry.hash) })
    written.wake()
  }
  const bucketOf = (action: LocalAction): Bucket => {
    const bucket = refilled(buckets.get(action), paceOf(action), clock.monotonicMs())
    buckets.set(action, bucket)
    return bucket
  }
  const note: DeviceJournal['note'] = (action, detail = {}) => {
    const bucket = bucketOf(action)
    try {
      if (bucket.tokens < 1 || journal.count() >= paceOf(action).entriesMax) {
        bucket.missed += 1
        return
      }
      const end = journal.end() ?? newJournal(randomBytes(8).toString('hex'))
      write(end, action, bucket.missed > 0 ? { ...detail, missed: bucket.missed } : detail)
      bucket.tokens -= 1
      bucket.missed = 0
    } catch (error) {
      bucket.missed += 1
      log.error('journal_not_written', { action, error })
    }
  }
  const behind = ({ place }: JournalHeld): number => {
    const end = journal.end()
    return place && end && place.journal === end.journal ? place.sequence : 0
  }
  return {
    note,
    hasRoom: (action) => bucketOf(action).tokens >= 1 && journal.count() < paceOf(action).entriesMax,
    noteChange(name, value, action) {
      const text = JSON.stringify(value)
      const before = journal.recall(name)
      if (before === text) return
      journal.remember(name, text)
      if (before !== undefined) note(action, differences(JSON.parse(before), value))
    },
    pageAfter(held) {
      const end = journal.end() ?? newJournal('0'.repeat(16))
      return { end, publicKey, entries: journal.after(behind(held), JOURNAL_PAGE_MAX) }
    },
    hasMore: (held) => journal.after(behind(held), 1).length > 0,
    heard(held) {
      const end = journal.end()
      if (!held.place || !end) return
      if (held.place.journal === end.journal && held.place.sequence > end.sequence) {
        // The disk is an older copy: the hub already has these numbers.
        journal.begin(newJournal(randomBytes(8).toString('hex')))
        return note('journal-begun', { before: end.journal, lost: held.place.sequence - end.sequence })
      }
      journal.forgetThrough(behind(held))
    },
    news: (signal) => written.wait(PATIENCE_MS, signal),
    run: (signal) => watchClock(clock, note, signal),
  }
}

async function watchClock(clock: Clock, note: DeviceJournal['note'], signal: AbortSignal): Promise<void> {
  let offsetMs = clock.nowMs() - clock.monotonicMs()
  for (;;) {
    await clock.sleep(WATCH_MS, signal)
    const nextMs = clock.nowMs() - clock.monotonicMs()
    if (Math.abs(nextMs - offsetMs) > JUMP_MS) note('clock-jumped', { byMs: Math.round(nextMs - offsetMs) })
    offsetMs = nextMs
  }
}

function refilled(bucket: Bucket | undefined, { burstMax, refillMs }: Pace, nowMs: number): Bucket {
  if (!bucket) return { tokens: burstMax, atMs: nowMs, missed: 0 }
  const earned = Math.floor((nowMs - bucket.atMs) / refillMs)
  return {
    tokens: Math.min(burstMax, bucket.tokens + earned),
    atMs: bucket.atMs + earned * refillMs,
    missed: bucket.missed,
  }
}

function differences(before: Record<string, string>, after: Record<string, string>): JournalEntry['detail'] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => before[name] !== after[name],
  )
  return Object.fromEntries(names.map((name) => [name, [before[name] ?? null, after[name] ?? null]]))
}

const fitting = (detail: JournalEntry['detail']): JournalEntry['detail'] =>
  JSON.stringify(detail).length <= JOURNAL_DETAIL_MAX ? detail : { shortened: JSON.stringify(detail).slice(0, 1_000) }
