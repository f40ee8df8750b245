/**
 * Device journal: what was done on a device itself, by hand or by its own doing, as the device wrote it down: numbered without gaps, each entry with the
 * hash of the one before, each signed with the device's key. It goes into the hub's audit trail when there is a link.
 */
import * as z from 'zod'
import { Digest } from '../values/digest.ts'
import { InstantMs } from '../values/names.ts'

/** An entry says what and why in a few words; 2 KiB are some dozen options. */
export const JOURNAL_DETAIL_MAX = 2_048

/** Of one call: a hundred of the largest stay far below a message of the link. */
export const JOURNAL_PAGE_MAX = 100

/** A new one begins where the device has lost the old one. */
const JournalId = z.string().regex(/^[0-9a-f]{16}$/)

const detail = z.record(z.string().max(64), z.json())

export const JournalEntry = z.strictObject({
  journal: JournalId,
  /** Counts from 1 without gaps. */
  sequence: z.int().min(1),
  /** By the device's clock. */
  atMs: InstantMs,
  /** What happened, such as `agent-started`. */
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

/** Where a journal ends. */
export const JournalPlace = z.strictObject({ journal: JournalId, sequence: z.int().min(0), hash: Digest })
export type JournalPlace = z.infer<typeof JournalPlace>

export const JournalPage = z.strictObject({
  /** What the device has written last. */
  end: JournalPlace,
  /** Of the device, PEM, SPKI: the hub knows it by its hash. */
  publicKey: z.string().max(512),
  entries: z.array(JournalEntry).max(JOURNAL_PAGE_MAX),
})
export type JournalPage = z.infer<typeof JournalPage>

/** What the hub has of it, on its disk; absent where it has none. */
export const JournalHeld = z.strictObject({ place: JournalPlace.optional() })
export type JournalHeld = z.infer<typeof JournalHeld>

/** How an entry stands in the audit trail: `local.` and its action, with this beside it. */
export const JournalDetail = z.strictObject({
  entry: JournalEntry,
  publicKey: z.string().max(512),
})
export type JournalDetail = z.infer<typeof JournalDetail>

export const LOCAL_ACTION = 'local.'

/** What the hub says in its trail where a journal does not hold. */
export const JOURNAL_BROKEN = 'device.journalBroken'
