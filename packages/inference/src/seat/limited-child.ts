/**
 * Limited child: a process of its own for work that may crash, hang or take all memory. It is killed when the work is
 * over, however it ends.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { TELEMETRY_OFF } from '../runtime/runtime-telemetry.ts'
import { sourceUrl } from './source-url.ts'

/** Memory fills at some 4 GB/s at most, so the limit is overstepped by 200 MB before it is noticed. */
const MEMORY_POLL_MS = 50

/** The kernel counts a process's memory in pages of this size on every platform we run on. */
const PAGE_BYTES = 4_096

/** `ending` fires when the work is over, so that its watches end too. */
type ChildWork<Result> = (child: ChildProcess, ending: AbortSignal) => Promise<Result>

/**
 * [mallopt(3)] Blocks of this size go back to the system when they are freed. By default the C library raises the size
 * to that of the largest freed block, and keeps smaller ones. Its arenas are one for each thread, up to this number.
 */
const RETURNED_MEMORY = { MALLOC_MMAP_THRESHOLD_: '1048576', MALLOC_ARENA_MAX: '2' }

/** Runs the script as the work wants. Rejects with the signal's reason if that fires. */
export async function inLimitedChild<Result>(
  script: Parameters<typeof sourceUrl>[0],
  work: ChildWork<Result>,
  signal: AbortSignal,
): Promise<Result> {
  signal.throwIfAborted()
  const child = fork(sourceUrl(script), {
    serialization: 'advanced',
    env: { ...childEnvironment(), ...RETURNED_MEMORY },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const over = new AbortController()
  try {
    return await work(child, AbortSignal.any([signal, over.signal]))
  } catch (cause) {
    signal.throwIfAborted()
    throw cause
  } finally {
    over.abort()
    child.kill('SIGKILL')
  }
}

/** Resolves when the child holds more memory than this. */
export async function untilLargerThan(memoryBytes: number, child: ChildProcess, ending: AbortSignal): Promise<void> {
  do await sleep(MEMORY_POLL_MS, undefined, { signal: ending })
  while ((await residentBytes(child)) <= memoryBytes)
}

/** A process with a third of a processor still gets its whole limit of processor time. */
const BUSY_FACTOR = 3

/** Short beside the limits, which are seconds. */
const WORK_POLL_MS = 250

/**
 * Waits until the child has worked for the limit. A busy machine makes no model slow, so processor time counts; three
 * times the limit on the clock ends a child that waits for something.
 */
export async function untilWorkedLonger(limitMs: number, child: ChildProcess, ending: AbortSignal): Promise<void> {
  const lastMs = performance.now() + BUSY_FACTOR * limitMs
  await sleep(limitMs, undefined, { signal: ending })
  while (performance.now() < lastMs && (await workedMs(child)) < limitMs) {
    await sleep(WORK_POLL_MS, undefined, { signal: ending })
  }
}

/** [proc_pid_stat(5)] Fields 14 and 15, in ticks of a hundredth of a second. The name before them may have spaces. */
async function workedMs({ pid }: ChildProcess): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 10
}

/** Nothing of this process's secrets is the model's business; the compile cache saves half of the start. */
export function childEnvironment(): NodeJS.ProcessEnv {
  const { NODE_COMPILE_CACHE: cache } = process.env
  return { LANG: 'C.UTF-8', ...TELEMETRY_OFF, ...(cache === undefined ? undefined : { NODE_COMPILE_CACHE: cache }) }
}

/** [proc_pid_statm(5)] The second number is the resident pages. A process that is gone has none. */
async function residentBytes({ pid }: ChildProcess): Promise<number> {
  const statm = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '0 0')
  return Number(statm.split(' ')[1]) * PAGE_BYTES
}
