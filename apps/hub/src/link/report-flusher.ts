/**
 * Report flusher: gathers the reports of all devices for a moment and stores them in one transaction, because a commit costs a wait for
 * the disk, whoever's it is. A device that reports again before it is its turn replaces what it said: levels, not edges.
 */
import type { DeviceReport } from '@skerry/contract/device-report'
import type { DeviceId } from '@skerry/contract/ids'
import { appendAudit } from '../audit/audit-store.ts'
import type { Hub } from '../hub.ts'
import type { Tx } from '../store/store.ts'
import { type HeardReport, type StoredReport, storeReport } from './report-store.ts'

/** A device waits no longer than that for its answer, and 10,000 devices at 60 s make 17 reports a transaction. */
const FLUSH_MS = 100

export type ReportFlusher = AsyncDisposable & {
  /** Resolves when the report, or a newer one of the device, is stored; rejects when it cannot be. */
  submit(deviceId: DeviceId, report: DeviceReport, intervalMs: number): Promise<StoredReport>
}

type Waiting = HeardReport & { resolve: ((stored: StoredReport) => void)[]; reject: ((error: unknown) => void)[] }

/** Starts to gather. */
export function createReportFlusher(hub: Hub): ReportFlusher {
  let gathered = new Map<DeviceId, Waiting>()
  let timer: NodeJS.Timeout | undefined
  /** The flush that is under way; the next one begins after it. */
  let flushing: Promise<void> = Promise.resolve()

  const flush = () => {
    timer = undefined
    const batch = gathered
    gathered = new Map()
    flushing = flushing.then(() => store(hub, [...batch.values()]))
  }
  return {
    submit(deviceId, report, intervalMs) {
      hub.metrics.reports.inc()
      timer ??= setTimeout(flush, FLUSH_MS)
      return new Promise((resolve, reject) => {
        const earlier = gathered.get(deviceId)
        gathered.set(deviceId, {
          deviceId,
          report,
          intervalMs,
          receivedAtMs: hub.clock.nowMs(),
          resolve: [...(earlier?.resolve ?? []), resolve],
          reject: [...(earlier?.reject ?? []), reject],
        })
      })
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(timer)
      flush()
      await flushing
    },
  }
}

/** Never rejects: whoever waits is told. */
async function store(hub: Hub, batch: readonly Waiting[]): Promise<void> {
  if (batch.length === 0) return
  const startMs = hub.clock.monotonicMs()
  try {
    const results = await hub.store.transaction((tx) => storeAll(hub, tx, batch))
    for (const [waiting, stored] of results) for (const resolve of waiting.resolve) resolve(stored)
    for (const [, stored] of results) tellBus(hub, stored)
  } catch (error) {
    await retryAlone(hub, batch, error)
  }
  hub.metrics.flushReports.observe(batch.length)
  hub.metrics.flushSeconds.observe((hub.clock.monotonicMs() - startMs) / 1_000)
}

/** What one device says must not keep the others' reports from being stored. */
async function retryAlone(hub: Hub, batch: readonly Waiting[], error: unknown): Promise<void> {
  if (batch.length > 1) {
    for (const waiting of batch) await store(hub, [waiting])
    return
  }
  for (const { deviceId, reject } of batch) {
    hub.log.error('report_not_stored', { deviceId, error })
    for (const tell of reject) tell(error)
  }
}

async function storeAll(hub: Hub, tx: Tx, batch: readonly Waiting[]): Promise<[Waiting, StoredReport][]> {
  const results: [Waiting, StoredReport][] = []
  for (const waiting of batch) {
    const stored = await storeReport(tx, waiting)
    if (stored.kind === 'stored' && stored.isNewConflict) await recordConflict(hub, tx, waiting)
    results.push([waiting, stored])
  }
  const changes = results.flatMap(([, stored]) => (stored.kind === 'stored' && stored.change ? [stored.change] : []))
  if (changes.length > 0) for (const watch of hub.itemWatchers) await watch(tx, changes)
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

function tellBus(hub: Hub, stored: StoredReport): void {
  if (stored.kind === 'gone' || !stored.change) return
  hub.bus.publish('items.changed', stored.change.deviceId)
}
