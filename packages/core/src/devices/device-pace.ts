/**
 * Device pace: how often one device may make each of its calls. A device with a certificate is not a friend for that
 * reason alone: a broken or stolen one must not fill the audit trail, the database or the hub's time. Each call of the
 * link has a row; without one, a new call does not compile.
 */
import type { link } from '@skerry/contract/link/link'

/** A burst of `callsMax` calls, then one each `everyMs`. */
export type CallPace = { callsMax: number; everyMs: number }

/** The calls of the link, the requests of a device over HTTPS, and its connecting. */
export type DeviceCall =
  | keyof typeof link
  | 'connect'
  | 'rejoin'
  | 'blob'
  | 'chunks'
  | 'connectionFile'
  | 'commandBytes'
  | 'campaignUpdate'
  | 'captureLabels'
  | 'ddi'
  | 'learningResult'

/** A device opens each stream once a connection, and once more after each change that it took. */
const STREAM: CallPace = { callsMax: 60, everyMs: 1_000 }

/** The hub sends at most four commands at a time; each answer takes some milliseconds on the fastest device. */
const COMMANDS: CallPace = { callsMax: 2_000, everyMs: 2 }

/** Each row is for one device. */
export const DEVICE_PACES: Readonly<Record<DeviceCall, CallPace>> = {
  // An agent leaves a second or more between two tries. Behind a bad line it may connect, fail, and connect.
  connect: { callsMax: 120, everyMs: 1_000 },
  // An agent leaves 200 ms between two reports, and a lossy line brings some twice.
  report: { callsMax: 600, everyMs: 100 },
  desired: STREAM,
  commands: STREAM,
  jobs: STREAM,
  documents: STREAM,
  answer: COMMANDS,
  // A batch is one job a device; more wait after a long time without a link.
  jobDone: { callsMax: 256, everyMs: 1_000 },
  // One for each document in each connection, one after each document, and as often as a source or sink changes its
  // state.
  held: { callsMax: 600, everyMs: 250 },
  // Once, and once more for each start in the middle of a wipe.
  wipeBegun: { callsMax: 10, everyMs: 60_000 },
  leave: { callsMax: 60, everyMs: 1_000 },
  // A full journal of 2,000 entries is 20 pages; the trail takes 2,500 entries of a device in an hour
  // (take-journal.ts).
  journal: { callsMax: 120, everyMs: 5_000 },
  // A page of values is a transaction; after days without a link a device sends them one after the other.
  telemetry: { callsMax: 2_000, everyMs: 20 },
  // A certificate, over the link or by EST, is a signature, a transaction and a record that nobody can delete. A device
  // needs one a year, one for each change of authority, and one for each job that orders it. Six at once, then six an
  // hour, are 150 records a day at most.
  renew: { callsMax: 6, everyMs: 600_000 },
  // An answer that got lost is requested again; it is the same certificate, and no second record.
  rejoin: { callsMax: 20, everyMs: 60_000 },
  // A version may have a thousand files, and a bad line cuts each of them often.
  blob: { callsMax: 5_000, everyMs: 20 },
  // Three requests for each file, and some more after each cut of a bad line.
  chunks: { callsMax: 2_000, everyMs: 50 },
  // A device has some hundred sources and sinks at most, and fetches those that changed.
  connectionFile: { callsMax: 1_000, everyMs: 100 },
  commandBytes: COMMANDS,
  // A device trains one model at a time, for seconds. It sends a report again if the answer got lost.
  campaignUpdate: { callsMax: 120, everyMs: 500 },
  // The labels of ten thousand rows are 20 pages. A person gives a label each second, and each one is a page.
  captureLabels: { callsMax: 600, everyMs: 200 },
  // SWUpdate sends some ten feedbacks in a second while it installs, and one poll in ten seconds or more otherwise.
  ddi: { callsMax: 600, everyMs: 100 },
  // A learning ends once. A device sends its result again if the answer got lost.
  learningResult: { callsMax: 60, everyMs: 1_000 },
}

/** How long the device has to wait; else the time at which it may make all calls at once again (GCRA). */
export type PaceVerdict = { ok: true; fullAtMs: number } | { ok: false; waitMs: number }

/** Counts one more call. `fullAtMs` is that of the call before; undefined for the first. */
export function judgePace(fullAtMs: number | undefined, { callsMax, everyMs }: CallPace, nowMs: number): PaceVerdict {
  const debtMs = Math.max(0, (fullAtMs ?? 0) - nowMs)
  const waitMs = debtMs - (callsMax - 1) * everyMs
  return waitMs > 0 ? { ok: false, waitMs: Math.ceil(waitMs) } : { ok: true, fullAtMs: nowMs + debtMs + everyMs }
}
