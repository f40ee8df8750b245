/** Background: the hub's loops that nobody asks for. Each goes on after a failure, which is logged, and ends with the hub. */
import { sweepArchives } from './audit/archive-sweep.ts'
import { appendAudit } from './audit/audit-store.ts'
import { sweepCheckpoints } from './audit/checkpoints.ts'
import { sweepBatches } from './batches/batch-sweep.ts'
import { collectBlobs, scrubBlobs } from './blobs/blob-collection.ts'
import type { Hub } from './hub.ts'
import { detectIntrusions } from './intrusion/detection.ts'
import { sendLetters } from './intrusion/letters.ts'
import { sweepRequests } from './joining/request-sweep.ts'
import { purgeOrganisations } from './organisations/purge.ts'
import { sweepTelemetry } from './telemetry/telemetry-sweep.ts'
import { sweepUploads } from './uploads/upload-sweep.ts'

type Loop = { name: string; everyMs: number; run: () => Promise<unknown> }

const MINUTE_MS = 60_000

/** Starts what every hub does for itself. They end when `hub.signal` fires; the promise resolves when they have. */
export async function runBackground(hub: Hub): Promise<void> {
  const loops: Loop[] = [
    { name: 'key_use', everyMs: 10_000, run: () => hub.keys.flush() },
    { name: 'server_certificate', everyMs: 60 * MINUTE_MS, run: () => hub.serverCertificate.look() },
    { name: 'refusals', everyMs: MINUTE_MS, run: () => recordSuppressed(hub, 'over') },
  ]
  await Promise.all(loops.map((loop) => repeat(hub, loop)))
  await recordSuppressed(hub, 'all').catch((error: unknown) => hub.log.warn('loop_failed', { loop: 'refusals', error }))
}

/** Starts what the leader does for all hubs. */
export async function runSweeps(hub: Hub): Promise<void> {
  const loops: Loop[] = [
    { name: 'uploads', everyMs: MINUTE_MS, run: () => sweepUploads(hub) },
    { name: 'join_requests', everyMs: 10 * MINUTE_MS, run: () => sweepRequests(hub) },
    { name: 'intrusions', everyMs: 5_000, run: () => detectIntrusions(hub) },
    { name: 'intrusion_letters', everyMs: MINUTE_MS, run: () => sendLetters(hub) },
    { name: 'audit_archives', everyMs: 10_000, run: () => sweepArchives(hub) },
    { name: 'checkpoints', everyMs: 10_000, run: () => sweepCheckpoints(hub) },
    { name: 'batches', everyMs: 60 * MINUTE_MS, run: () => sweepBatches(hub) },
    { name: 'removed_organisations', everyMs: MINUTE_MS, run: () => purgeOrganisations(hub) },
    { name: 'telemetry', everyMs: MINUTE_MS, run: () => sweepTelemetry(hub) },
    { name: 'blob_collection', everyMs: 10 * MINUTE_MS, run: () => collectBlobs(hub) },
    { name: 'blob_scrub', everyMs: 24 * 60 * MINUTE_MS, run: () => scrubBlobs(hub) },
  ]
  await Promise.all(loops.map((loop) => repeat(hub, loop)))
}

async function repeat(hub: Hub, { name, everyMs, run }: Loop): Promise<void> {
  // A moment each, so that hubs that start together do not sweep together.
  while (await rests(hub, everyMs * (0.9 + 0.1 * hub.random()))) {
    try {
      await run()
    } catch (error) {
      if (!hub.signal.aborted) hub.log.error('loop_failed', { loop: name, error })
    }
  }
}

async function rests(hub: Hub, ms: number): Promise<boolean> {
  await hub.clock.sleep(ms, hub.signal).catch(() => undefined)
  return !hub.signal.aborted
}

/** Writes down how many refused calls were only counted. */
export async function recordSuppressed(hub: Hub, scope: 'over' | 'all'): Promise<void> {
  for (const { organisationId, actor, count, sinceMs } of hub.auditLimiter.drain(scope)) {
    await hub.store.transaction((tx) =>
      appendAudit(tx, {
        organisationId,
        atMs: hub.clock.nowMs(),
        actor,
        action: 'refusals.counted',
        object: { kind: actor.kind, id: actor.id },
        result: 'ok',
        detail: { count, sinceMs },
      }),
    )
  }
}
