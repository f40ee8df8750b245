/** App figures: the numbers of a release that a device reports. */
import type { Figures } from '@skerry/contract/devices/item'
import { worstHealth } from '@skerry/core/apps/app-watch'
import { type Activation, type AppEngine, factsFor, type Usage } from './app-engine.ts'
import type { Release } from './releases.ts'

/**
 * In milliseconds. Events come often while containers start, and each reading costs the engine a walk through control
 * groups.
 */
const READ_EVERY_MS = 10_000

/** Reads memory and processor time of the running containers that were not read lately. */
export async function readUsage(it: AppEngine, signal: AbortSignal): Promise<void> {
  const running = [...it.facts.values()].flatMap((services) => Object.values(services)).filter(isRunning)
  const known = new Set(running.map(({ id }) => id))
  for (const id of it.usage.keys()) if (!known.has(id)) it.usage.delete(id)
  const nowMs = it.clock.monotonicMs()
  for (const { id } of running) {
    const before = it.usage.get(id)
    if (before && nowMs - before.atMs < READ_EVERY_MS) continue
    const usage = await it.engine.usage(id, signal)
    if (!usage) continue
    it.usage.set(id, { ...usage, atMs: nowMs, ...loadSince(before, { ...usage, atMs: nowMs }) })
  }
}

const isRunning = ({ state }: { state: string }) => state === 'running'

/** The share of one processor since the reading before. A container that was started again begins at 0. */
function loadSince(before: Usage | undefined, now: Usage): { cpuPercent?: number } {
  if (!before || now.cpuNanos < before.cpuNanos || now.atMs <= before.atMs) return {}
  const percent = ((now.cpuNanos - before.cpuNanos) / 1e6 / (now.atMs - before.atMs)) * 100
  return { cpuPercent: Math.round(percent * 10) / 10 }
}

export function figuresOf(it: AppEngine, release: Release, activation: Activation | undefined): Figures {
  const facts = factsFor(it, release)
  const all = Object.values(facts)
  const usages = all.flatMap(({ id }) => it.usage.get(id) ?? [])
  const loads = usages.flatMap(({ cpuPercent }) => cpuPercent ?? [])
  return {
    containers: all.length,
    running: all.filter(isRunning).length,
    restarts: all.reduce((sum, { restarts }) => sum + restarts, 0),
    health: worstHealth(facts),
    corrections: activation?.corrections ?? 0,
    ...(activation?.drifted !== undefined && { drifted: activation.drifted }),
    ...(it.stopped.has(release.item.name) && { isStopped: true }),
    ...(usages.length > 0 && { memoryBytes: usages.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0) }),
    ...(loads.length > 0 && { cpuPercent: Math.round(loads.reduce((sum, load) => sum + load, 0) * 10) / 10 }),
  }
}
