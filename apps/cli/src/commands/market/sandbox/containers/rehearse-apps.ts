/**
 * Rehearse apps: runs the apps of a listing in a sandbox of the container engine of this machine, one after another, and
 * observes their sockets, files, processes, memory and processor. Then all processes are killed, and the app has to come
 * up again.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type PlannedApp,
  type RehearsedApp,
  type RehearsedApps,
  type StrayFile,
  strayPaths,
} from '@skerry/core/market/checks/container-facts'
import { bringUp, containerOf, LOOK_MS, troubleOf } from './app-sandbox.ts'
import {
  type AppsTask,
  inEngine,
  killAll,
  removeSandbox,
  running,
  type Sandbox,
  servicesOf,
  setUp,
} from './sandbox-engine.ts'

/** A program that looks for its home does so soon after its start. */
const OBSERVED_MS = 10_000

/** Rejects only when the signal fires, or for an error of this program. */
export async function rehearseApps(task: AppsTask, signal: AbortSignal): Promise<RehearsedApps> {
  if (task.apps.length === 0) return { ok: true, apps: [] }
  return inEngine<RehearsedApps>(
    task,
    async (opened) => {
      const rehearsed: RehearsedApp[] = []
      for (const planned of task.apps) {
        const one = await rehearseOne({ ...opened, planned, contentOf: task.contentOf }, signal)
        if (!one) return { ok: false, reason: 'the container engine runs elsewhere: certify on its own machine' }
        rehearsed.push(one)
      }
      return { ok: true, apps: rehearsed }
    },
    signal,
  )
}

async function rehearseOne(sandbox: Sandbox, signal: AbortSignal): Promise<RehearsedApp | undefined> {
  const { planned } = sandbox
  await removeSandbox(sandbox)
  try {
    const trouble = await setUp(sandbox, signal)
    if (trouble !== undefined) return { ...unmeasured(planned), trouble }
    const measured = await observe(sandbox, signal)
    if (!measured || measured.trouble !== undefined) return measured
    await killAll(sandbox, signal)
    const restartTrouble = await bringUp(sandbox.engine, planned, signal)
    return { ...measured, ...(restartTrouble !== undefined && { restartTrouble }) }
  } finally {
    await removeSandbox(sandbox)
  }
}

const unmeasured = ({ item, app }: PlannedApp): RehearsedApp => ({
  item,
  app,
  ports: [],
  attempts: 0,
  written: [],
  memoryBytes: 0,
  processors: 0,
  processes: 0,
})

/** Undefined if the processes of the containers are not visible here. */
async function observe(sandbox: Sandbox, signal: AbortSignal): Promise<RehearsedApp | undefined> {
  const { engine, planned } = sandbox
  const beganMs = performance.now()
  const before = await usageOf(sandbox, signal)
  let memoryBytes = before.memoryBytes
  let processes = 0
  let last = await networkOf(sandbox, signal)
  const ports = new Set<string>()
  while (performance.now() - beganMs < OBSERVED_MS) {
    await sleep(LOOK_MS, undefined, { signal })
    const trouble = await troubleOf(engine, planned, signal)
    if (trouble !== undefined) return { ...unmeasured(planned), trouble }
    const next = await networkOf(sandbox, signal)
    // A socket of one question and its answer is gone at the next look.
    for (const port of next?.ports ?? []) if (last?.ports.includes(port)) ports.add(port)
    last = next
    memoryBytes = Math.max(memoryBytes, (await usageOf(sandbox, signal)).memoryBytes)
    processes = Math.max(processes, await processesOf(sandbox, signal))
  }
  if (!last) return undefined
  const after = await usageOf(sandbox, signal)
  const processors = (after.cpuNanos - before.cpuNanos) / 1e6 / (performance.now() - beganMs)
  const { attempts } = last
  const written = await writtenBy(sandbox, signal)
  return { ...unmeasured(planned), ports: [...ports], attempts, written, memoryBytes, processors, processes }
}

/** All containers share one network, so each that still runs shows it. */
async function networkOf(sandbox: Sandbox, signal: AbortSignal) {
  for (const [service] of servicesOf(sandbox)) {
    const look = await sandbox.observer.network(containerOf(service), signal)
    if (look) return look
  }
  return undefined
}

async function usageOf(sandbox: Sandbox, signal: AbortSignal) {
  const all = await Promise.all(
    servicesOf(sandbox).map(([service]) => sandbox.engine.usage(containerOf(service), signal)),
  )
  return {
    cpuNanos: all.reduce((sum, usage) => sum + (usage?.cpuNanos ?? 0), 0),
    memoryBytes: all.reduce((sum, usage) => sum + (usage?.memoryBytes ?? 0), 0),
  }
}

async function processesOf(sandbox: Sandbox, signal: AbortSignal): Promise<number> {
  let sum = 0
  for (const service of await running(sandbox, signal)) {
    sum += await sandbox.observer.processes(containerOf(service), signal)
  }
  return sum
}

async function writtenBy(sandbox: Sandbox, signal: AbortSignal): Promise<StrayFile[]> {
  const written: StrayFile[] = []
  for (const [service, spec] of servicesOf(sandbox)) {
    const changed = await sandbox.observer.changes(containerOf(service), signal)
    written.push(...strayPaths(spec, changed).map((path) => ({ service, path })))
  }
  return written
}
