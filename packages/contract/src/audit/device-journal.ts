/**
 * Device journal: actions on a device itself, by a person or by the device, as the device wrote them down. Entries are
 * numbered without gaps, each with the hash of the one before, and each signed with the device's key. They go into the
 * hub's audit trail when there is a link.
 */
import * as z from 'zod'
import { Digest } from '../values/digest.ts'
import { InstantMs } from '../values/names.ts'

/** An entry names its action and reason in a few words; 2 KiB are some dozen options. */
export const JOURNAL_DETAIL_MAX = 2_048

/** The most of one call: a hundred of the largest stay far below a message of the link. */
export const JOURNAL_PAGE_MAX = 100

/** A device that has lost its journal begins a new one. */
const JournalId = z.string().regex(/^[0-9a-f]{16}$/)

const detail = z.record(z.string().max(64), z.json())

export const JournalEntry = z.strictObject({
  journal: JournalId,
  /** Counts from 1 without gaps. */
  sequence: z.int().min(1),
  /** The time by the device's clock. */
  atMs: InstantMs,
  /** The name of the event, such as `agent-started`. */
  action: z.string().regex(/^[a-z][a-z-]{0,39}$/),
  detail: detail.refine((value) => JSON.stringify(value).length <= JOURNAL_DETAIL_MAX, 'is too long'),
  /** The hash of the entry before; 64 zeros before the first. */
  previousHash: Digest,
  /** SHA-256 of the canonical JSON of all fields above. */
  hash: Digest,
  /** [FIPS 186-5] ECDSA with SHA-256 by the device's key, over the DSSE encoding of the hash. */
  signature: z.base64().max(128),
})
export type JournalEntry = z.infer<typeof JournalEntry>

/** The end of a journal. */
export const JournalPlace = z.object({ journal: JournalId, sequence: z.int().min(0), hash: Digest })
export type JournalPlace = z.infer<typeof JournalPlace>

export const JournalPage = z.object({
  /** The place of the last entry on the device. */
  end: JournalPlace,
  /** The key of the device, PEM, SPKI: the hub knows it by its hash. */
  publicKey: z.string().max(512),
  entries: z.array(JournalEntry).max(JOURNAL_PAGE_MAX),
})
export type JournalPage = z.infer<typeof JournalPage>

/** The last entry that the hub has on its disk; absent if it has none. */
export const JournalHeld = z.object({ place: JournalPlace.optional() })
export type JournalHeld = z.infer<typeof JournalHeld>

/** The detail of an entry in the audit trail, whose action is `local.` and the entry's action. */
export const JournalDetail = z.strictObject({
  entry: JournalEntry,
  publicKey: z.string().max(512),
})
export type JournalDetail = z.infer<typeof JournalDetail>

export const LOCAL_ACTION = 'local.'

/** The audit action of the hub for a broken journal. */
export const JOURNAL_BROKEN = 'device.journalBroken'
