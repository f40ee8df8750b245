/** Background: the hub's loops that nobody asks for. Each goes on after a failure, which is logged, and ends with the hub. */
import { appendAudit } from './audit/audit-store.ts'
import type { Hub } from './hub.ts'
import { sweeps } from './nouns/nouns.ts'

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
  const loops = sweeps.map(({ name, everyMs, run }) => ({ name, everyMs, run: () => run(hub) }))
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
