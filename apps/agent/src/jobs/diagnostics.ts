/** Diagnostics: how this device fares, for a person who cannot come by: what it reports, and a few checks that it makes now. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SentReport } from '@skerry/contract/devices/device-report'
import type { RunnerSupervisor } from '../runner/runner-supervisor.ts'
import type { AgentStore } from '../store/agent-store.ts'

export type DiagnosticsDeps = {
  data: string
  store: Pick<AgentStore, 'damage' | 'configuration'>
  runner: Pick<RunnerSupervisor, 'loaded'>
  report(): Promise<SentReport>
  /** By the hub's clock, as well as it is known. */
  hubNowMs(): number
  clock: { nowMs(): number }
  memoryAvailableBytes(): number
}

type Check = { check: string; ok: boolean; message?: string }

/** Takes some ten milliseconds, and a write to the disk. */
export async function diagnose(deps: DiagnosticsDeps) {
  const { store, runner, clock } = deps
  const { observedDigest: _, ...report } = await deps.report()
  const { rss, heapUsed } = process.memoryUsage()
  const damage = store.damage()
  const checks: Check[] = [
    { check: 'records', ok: damage === undefined, ...(damage !== undefined && { message: damage }) },
    await writeProbe(deps.data),
    { check: 'runner', ok: runner.loaded() !== undefined },
    clockCheck(deps.hubNowMs() - clock.nowMs()),
  ]
  return {
    checks,
    uptimeSeconds: Math.round(process.uptime()),
    node: process.version,
    memory: { rssBytes: rss, heapUsedBytes: heapUsed, availableBytes: deps.memoryAvailableBytes() },
    configuration: store.configuration(),
    report,
  }
}

async function writeProbe(data: string): Promise<Check> {
  const path = join(data, 'diagnostics.tmp')
  try {
    await writeFile(path, 'skerry', { flush: true })
    await rm(path)
    return { check: 'disk', ok: true }
  } catch (error) {
    return { check: 'disk', ok: false, message: error instanceof Error ? error.message : String(error) }
  }
}

/** Five minutes are past what any time service leaves, and short of what breaks certificates. */
const SKEW_MAX_MS = 300_000

const clockCheck = (skewMs: number): Check => ({
  check: 'clock',
  ok: Math.abs(skewMs) <= SKEW_MAX_MS,
  message: `${Math.round(skewMs / 1_000)} s behind the hub's`,
})
