/**
 * Report flusher: gathers the reports of all devices for a moment and stores them in one transaction, because each
 * commit waits for the disk. If a device reports again before its turn, the new report replaces the pending one:
 * levels, not edges.
 */
import type { ReadReport } from '@skerry/contract/devices/device-report'
import type { DeviceId } from '@skerry/contract/values/ids'
import { appendAudit } from '../../audit/audit-store.ts'
import type { Hub } from '../../hub.ts'
import { padded } from '../../store/many-rows.ts'
import type { Tx } from '../../store/store.ts'
import { isDiskFull, isStoreUnavailable } from '../../store/store-errors.ts'
import { queueReclassed } from '../reclassed-devices.ts'
import { type HeardReport, type StoredReport, storeReports } from './report-store.ts'

/**
 * The minimum time between the starts of two flushes. At 10,000 devices and 60 s that makes 17 reports a commit. The
 * first report after a quiet moment is stored at once.
 */
const FLUSH_MS = 100

/**
 * Reports in one transaction. They take some 20 ms, and no other work runs meanwhile. Full batches follow each other
 * without a pause.
 */
const BATCH_MAX = 64

/** The report was received but not stored, because the hub's disk is full. */
export type UnstoredReport = {
  kind: 'unstored'
  /** The newest generation that this hub issued to the device. */
  generation: number
}

export type ReportFlusher = AsyncDisposable & {
  /**
   * Resolves when the report, or a newer one of the device, is stored, or when the disk is full. Rejects if it cannot
   * be stored for another reason.
   */
  submit(deviceId: DeviceId, heard: ReadReport, intervalMs: number): Promise<StoredReport | UnstoredReport>
  /** Resolves when no report of the device waits. It does not tell whether they are stored. */
  settle(deviceId: DeviceId): Promise<void>
  /** The number of received reports that are not stored yet. */
  waiting(): number
}

type Waiting = HeardReport & {
  resolve: ((stored: StoredReport | UnstoredReport) => void)[]
  reject: ((error: unknown) => void)[]
}

/** Does the work after so many milliseconds, unless it is cancelled before. */
type Timer = (work: () => void, ms: number) => { callOff(): void }

const nodeTimer: Timer = (work, ms) => {
  const timer = setTimeout(work, ms)
  return { callOff: () => clearTimeout(timer) }
}

/** Starts to gather. The timer is an argument for simulations, which use simulated time. */
export function createReportFlusher(hub: Hub, startTimer: Timer = nodeTimer): ReportFlusher {
  const gathered = new Map<DeviceId, Waiting>()
  let timer: ReturnType<Timer> | undefined
  let startedMs = Number.NEGATIVE_INFINITY
  let flushing: Promise<void> | undefined
  let storing = 0

  const flush = async () => {
    timer = undefined
    startedMs = hub.clock.monotonicMs()
    const batch = [...gathered.values()].slice(0, BATCH_MAX)
    for (const { deviceId } of batch) gathered.delete(deviceId)
    storing = batch.length
    await store(hub, batch)
    storing = 0
    flushing = undefined
    schedule()
  }
  const schedule = () => {
    if (flushing || gathered.size === 0) return
    const restMs = startedMs + FLUSH_MS - hub.clock.monotonicMs()
    const waitMs = gathered.size >= BATCH_MAX ? 0 : Math.max(0, restMs)
    if (timer && waitMs > 0) return
    timer?.callOff()
    timer = startTimer(() => {
      flushing = flush()
    }, waitMs)
  }
  return {
    submit(deviceId, { report, unread }, intervalMs) {
      hub.metrics.reports.inc()
      return new Promise((resolve, reject) => {
        const earlier = gathered.get(deviceId)
        gathered.set(deviceId, {
          deviceId,
          report,
          unread,
          intervalMs,
          receivedAtMs: hub.clock.nowMs(),
          resolve: [...(earlier?.resolve ?? []), resolve],
          reject: [...(earlier?.reject ?? []), reject],
        })
        schedule()
      })
    },
    async settle(deviceId) {
      const waiting = gathered.get(deviceId)
      if (!waiting) return flushing
      await new Promise<void>((resolve) => {
        waiting.resolve.push(() => resolve())
        waiting.reject.push(() => resolve())
      })
    },
    waiting: () => gathered.size + storing,
    async [Symbol.asyncDispose]() {
      while (flushing || gathered.size > 0) {
        timer?.callOff()
        await (flushing ?? flush())
      }
    },
  }
}

/** Never rejects: it settles the promise of each caller. */
async function store(hub: Hub, batch: readonly Waiting[]): Promise<void> {
  if (batch.length === 0) return
  const startMs = hub.clock.monotonicMs()
  try {
    const results = await whenStoreIsThere(hub, () => hub.store.transaction((tx) => storeAll(hub, tx, batch)))
    for (const [waiting, stored] of results) for (const resolve of waiting.resolve) resolve(stored)
    for (const [{ deviceId }, stored] of results) tellBus(hub, deviceId, stored)
  } catch (error) {
    await (isDiskFull(error) ? goWithoutStoring(hub, batch, error) : retryAlone(hub, batch, error))
  }
  hub.metrics.flushReports.observe(batch.length)
  hub.metrics.flushSeconds.observe((hub.clock.monotonicMs() - startMs) / 1_000)
}

/**
 * A restarted database is back within seconds, and a device waits for its answer longer than this. A rejection would
 * end its link, and all devices would reconnect at once.
 */
const AWAY_MAX_MS = 15_000
const AWAY_RETRY_MS = 500

async function whenStoreIsThere<T>({ clock, signal }: Hub, work: () => Promise<T>): Promise<T> {
  const untilMs = clock.monotonicMs() + AWAY_MAX_MS
  for (;;) {
    try {
      return await work()
    } catch (error) {
      // A report that was stored in spite of the error is stored again: levels, not edges.
      if (!isStoreUnavailable(error) || signal.aborted || clock.monotonicMs() >= untilMs) throw error
      await clock.sleep(AWAY_RETRY_MS, signal).catch(() => undefined)
    }
  }
}

/** A bad report of one device must not keep the others' reports from being stored. */
async function retryAlone(hub: Hub, batch: readonly Waiting[], error: unknown): Promise<void> {
  // Without the database no report can be stored, so there is no try for each report alone.
  if (batch.length > 1 && !isStoreUnavailable(error)) {
    for (const waiting of batch) await store(hub, [waiting])
    return
  }
  for (const { deviceId, reject } of batch) {
    hub.log.error('report_not_stored', { deviceId, error })
    for (const tell of reject) tell(error)
  }
}

/**
 * A rejection would end the links of all devices at once, again at every try. The answer needs only a read, which needs
 * no disk space.
 */
async function goWithoutStoring(hub: Hub, batch: readonly Waiting[], error: unknown): Promise<void> {
  hub.log.error('reports_not_stored', { count: batch.length, error })
  try {
    const rows = await hub.store.db
      .selectFrom('devices')
      .select(['id', 'generation'])
      .where('id', 'in', padded(batch.map(({ deviceId }) => deviceId)))
      .execute()
    const generations = new Map(rows.map(({ id, generation }) => [id, generation]))
    for (const { deviceId, resolve } of batch) {
      const generation = generations.get(deviceId)
      for (const tell of resolve) tell(generation === undefined ? { kind: 'gone' } : { kind: 'unstored', generation })
    }
  } catch (second) {
    for (const { reject } of batch) for (const tell of reject) tell(second)
  }
}

async function storeAll(hub: Hub, tx: Tx, batch: readonly Waiting[]): Promise<[Waiting, StoredReport][]> {
  const stored = await storeReports(tx, batch)
  const results = batch.flatMap((waiting, index): [Waiting, StoredReport][] => {
    const one = stored[index]
    return one ? [[waiting, one]] : []
  })
  for (const [waiting, one] of results) {
    if (one.kind === 'stored' && one.isNewConflict) await recordConflict(hub, tx, waiting)
  }
  await queueReclassed(
    tx,
    results.flatMap(([{ deviceId }, one]) => (one.kind === 'stored' && one.isReclassed ? [deviceId] : [])),
  )
  return results
}

async function recordConflict(hub: Hub, tx: Tx, { deviceId, report }: HeardReport): Promise<void> {
  const device = await tx
    .selectFrom('devices')
    .select(['organisation_id', 'name', 'generation'])
    .where('id', '=', deviceId)
    .executeTakeFirstOrThrow()
  await appendAudit(tx, {
    organisationId: device.organisation_id,
    atMs: hub.clock.nowMs(),
    actor: { kind: 'hub', id: '', name: 'hub' },
    action: 'device.conflict-paused',
    object: { kind: 'device', id: deviceId },
    result: 'ok',
    detail: { name: device.name, reported: report.observedGeneration, issued: device.generation },
  })
}

function tellBus(hub: Hub, deviceId: DeviceId, stored: StoredReport): void {
  if (stored.kind === 'gone') return
  // If it is in the queue, the rollout engine derives its document again.
  if (stored.isReclassed) hub.bus.publish('device.changed', deviceId)
  if (stored.hasNewItems) hub.bus.publish('items.changed', deviceId)
  if (stored.hasHistory) hub.bus.publish('device.noted', deviceId)
}
