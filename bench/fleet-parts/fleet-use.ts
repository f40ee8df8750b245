/** fleet, use: the resources of the hub and of the simulator at a moment, and between two moments. */
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMs, rssMb } from '../usage/process-use.ts'
import { PROBE_NAME, type ProbedUse } from './fleet-probe.ts'
import { type Bench, pidOf } from './fleet-stage.ts'

export type FleetUse = ProbedUse & {
  hubCpuMs: number
  /** The same after the collection: the start of the next phase. */
  hubCpuFromMs: number
  hubRssMb: number
  hubFiles: number
  simulatorCpuMs: number
  /** Bytes that the simulator has read and written: its sockets, encrypted, and little else. */
  wireIn: number
  wireOut: number
}

const LOOK_MS = 20

/**
 * The use so far. The hub collects its garbage for it, so that the heap is the live one. `hubRssMb` is read before,
 * because the collection also gives pages back.
 */
export async function takeUse({ hub, home, simulator }: Bench): Promise<FleetUse> {
  const pid = await pidOf(hub)
  const hubCpuMs = await cpuMs(pid)
  const hubRssMb = await rssMb(pid)
  const hubFiles = await openFiles(pid)
  const simulatorCpuMs = await cpuMs(simulator.pid)
  const { wireIn, wireOut } = await wireOf(simulator.pid)
  const probed = await probe(pid, join(home.folder, PROBE_NAME))
  const hubCpuFromMs = await cpuMs(pid)
  return { ...probed, hubCpuMs, hubCpuFromMs, hubRssMb, hubFiles, simulatorCpuMs, wireIn, wireOut }
}

async function probe(pid: number, path: string): Promise<ProbedUse> {
  await rm(path, { force: true })
  process.kill(pid, 'SIGUSR2')
  for (;;) {
    const text = await readFile(path, 'utf8').catch(() => undefined)
    if (text !== undefined) return JSON.parse(text)
    await sleep(LOOK_MS)
  }
}

/** [proc(5), /proc/pid/io] All bytes of system calls, whether to a disk or a socket. */
async function wireOf(pid: number): Promise<{ wireIn: number; wireOut: number }> {
  const text = await readFile(`/proc/${pid}/io`, 'utf8')
  const field = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1])
  return { wireIn: field('rchar'), wireOut: field('wchar') }
}

/** The number of open descriptors of a process. */
export const openFiles = async (pid: number): Promise<number> => (await readdir(`/proc/${pid}/fd`)).length
