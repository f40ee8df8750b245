/**
 * Capture keeper: holds the captures of the device's models, from the hub's last document, and the captured rows. All
 * changes of the rows follow one another, so that an erased row never comes back.
 */
import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import type { CaptureRule } from '@skerry/contract/held/captures'
import { CapturesDocument, type HeldCaptures } from '@skerry/contract/held/captures'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { Conditions } from '../conditions.ts'
import type { Picked, PickedRow } from './capture-board.ts'
import type { CaptureQuery, CaptureStore, StoredRow } from './capture-store.ts'
import type { CapturedLabels } from './captured-labels.ts'

export type CaptureKeeper = {
  /** The state that the device reports to the hub. */
  held(): HeldCaptures
  /** From now on the document counts: erased rows are gone, and it is on disk. */
  take(document: CapturesDocument): Promise<void>
  /** A runner has begun: it gets the rules. */
  order(): void
  /** Stores the rows, unless the disk is nearly full. Never rejects. */
  keep(picked: Picked): void
  /** Deletes rows that are too old. */
  tidy(): void
  read(query: CaptureQuery): { rows: ReturnType<CaptureStore['read']>; heldCount: number; droppedCount: number }
  /** Resolves when all rows until now are on the disk. */
  settled(): Promise<void>
  /** Resolves when labels have come, of which the hub does not know yet. Absent if the device fetches none. */
  news?(signal: AbortSignal): Promise<void>
}

type CaptureKeeperDeps = {
  fileSystem: FileSystem
  data: string
  store: CaptureStore
  clock: Pick<Clock, 'nowMs'>
  conditions: Conditions
  log: Log
  /** The reserve of the disk, which models may not use either. */
  floorBytes(): number
  capture(rules: readonly CaptureRule[]): void
  /** Absent if the owner offers no captured rows to campaigns. */
  labels?: Pick<CapturedLabels, 'newest' | 'follow' | 'news' | 'onRows'> | undefined
}

const OWNER_ONLY = 0o600

/** Captures stop long before models are affected. */
const FLOOR_FACTOR = 2

/** Rows that wait for the disk; a slow card must not fill the memory. */
const WAITING_MAX = 200

/** Reading the free space takes a system call; a second of rows is small. */
const DISK_LOOK_MS = 1_000

const TIDY_MS = 60_000

type Keeping = CaptureKeeperDeps & {
  kept: CapturesDocument | undefined
  dropped: Map<string, number>
  waiting: number
  lane: Promise<void>
  tidiedAtMs: number
  disk: { atMs: number; hasRoom: boolean }
}

/** Reads the stored document from disk. */
export async function openCaptureKeeper(deps: CaptureKeeperDeps): Promise<CaptureKeeper> {
  const { fileSystem, data, clock } = deps
  const bytes = await readIfPresent(fileSystem, pathIn(data))
  const it: Keeping = {
    ...deps,
    kept: bytes && parse(Buffer.from(bytes).toString('utf8')),
    dropped: new Map(),
    waiting: 0,
    lane: Promise.resolve(),
    tidiedAtMs: 0,
    disk: { atMs: Number.NEGATIVE_INFINITY, hasRoom: true },
  }
  return {
    held: () => ({
      boxes: true,
      ...(it.kept && { revision: it.kept.revision, erased: it.kept.erased }),
      ...(it.labels && { labels: it.labels.newest() }),
    }),
    take: (document) => inTurn(it, () => take(it, document)),
    order: () => it.capture(openRules(it)),
    keep: (picked) => keep(it, picked),
    tidy() {
      if (clock.nowMs() - it.tidiedAtMs < TIDY_MS) return
      it.tidiedAtMs = clock.nowMs()
      void inTurn(it, async () => tidy(it))
    },
    read: (query) => ({
      rows: it.store.read(query),
      heldCount: it.store.count(query.model),
      droppedCount: it.dropped.get(query.model) ?? 0,
    }),
    settled: () => it.lane,
    ...(it.labels && { news: it.labels.news }),
  }
}

const pathIn = (data: string) => join(data, 'captures.json')

/** The next work begins after this one, also if it fails. */
function inTurn(it: Keeping, work: () => Promise<void>): Promise<void> {
  it.lane = it.lane.then(work).catch((error: unknown) => it.log.error('captures_failed', { error }))
  return it.lane
}

async function take(it: Keeping, document: CapturesDocument): Promise<void> {
  const { fileSystem, data, conditions, log, store, clock } = it
  try {
    const erased = store.erase(document.erasures)
    await writeAtomic(fileSystem, pathIn(data), JSON.stringify({ ...document, erasures: [] }), OWNER_ONLY)
    it.kept = document
    store.trim(document.captures, clock.nowMs())
    log.info('captures_taken', { revision: document.revision, captures: document.captures.length, erased })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const message = `captures cannot be written to disk (${why})`.slice(0, 500)
    return conditions.raise({ code: 'captures_refused', message })
  }
  conditions.clear('captures_refused')
  it.capture(openRules(it))
  it.labels?.onRows()
  if (document.labels !== undefined) it.labels?.follow(document.labels)
}

/** The runner keeps as many rows of an order as are still missing. */
const openRules = ({ kept, store }: Keeping): CaptureRule[] =>
  (kept?.captures ?? []).map((rule) => {
    const { model, order } = rule
    if (!order) return rule
    return { ...rule, order: { ...order, rows: Math.max(0, order.rows - store.keptFor(model, order.id)) } }
  })

function keep(it: Keeping, { model, rows, dropped }: Picked): void {
  drop(it, model, dropped)
  if (rows.length === 0) return
  if (it.waiting + rows.length > WAITING_MAX) {
    drop(it, model, rows.length)
    return
  }
  it.waiting += rows.length
  void inTurn(it, async () => {
    it.waiting -= rows.length
    if (!(await store(it, model, rows))) drop(it, model, rows.length)
  })
}

function drop({ dropped }: Keeping, model: string, rows: number): void {
  if (rows > 0) dropped.set(model, (dropped.get(model) ?? 0) + rows)
}

/** False if the rows are not on the disk. */
async function store(it: Keeping, model: string, rows: readonly PickedRow[]): Promise<boolean> {
  const rule = it.kept?.captures.find((one) => one.model === model)
  if (!it.kept || !rule) return false
  if (!(await hasRoom(it))) return false
  const { salt } = it.kept
  try {
    it.store.add(
      model,
      rows.map((row) => storedRow(row, salt)),
      rule.order,
    )
    it.store.trim(it.kept.captures, it.clock.nowMs())
    return true
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    stopped(it, `the device cannot write captured rows (${why}); models go on serving`)
    return false
  }
}

/** The device keeps a digest of the subject, never its name. */
function storedRow({ model: _, subject, ...row }: PickedRow, salt: string): StoredRow {
  return { ...row, ...(subject !== undefined && subject !== '' && { subject: subjectKey(salt, subject) }) }
}

/** [hub, subject-key.ts] Both sides compute it alike. */
export const subjectKey = (salt: string, subject: string): string =>
  createHmac('sha256', Buffer.from(salt, 'hex')).update(subject).digest('hex')

async function hasRoom(it: Keeping): Promise<boolean> {
  const nowMs = it.clock.nowMs()
  if (Math.abs(nowMs - it.disk.atMs) >= DISK_LOOK_MS) {
    const freeBytes = await it.fileSystem.freeBytes(it.data)
    const floorBytes = it.floorBytes() * FLOOR_FACTOR
    it.disk = { atMs: nowMs, hasRoom: freeBytes >= floorBytes }
    const mb = (bytes: number) => Math.round(bytes / 1e6)
    if (it.disk.hasRoom) it.conditions.clear('captures_stopped')
    else {
      stopped(
        it,
        `${mb(freeBytes)} MB of the disk are free, and captures need ${mb(floorBytes)} MB; models go on serving`,
      )
    }
  }
  return it.disk.hasRoom
}

function stopped(it: Keeping, message: string): void {
  // The rows that are there make room: the oldest ones go by their age only, so that labels can still be given.
  it.conditions.raise({ code: 'captures_stopped', message: message.slice(0, 1_000) })
}

function tidy(it: Keeping): void {
  it.store.trim(it.kept?.captures ?? [], it.clock.nowMs())
}

function parse(text: string): CapturesDocument | undefined {
  try {
    return CapturesDocument.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
