/**
 * Limited child: a process of its own for work that may crash, hang or take all memory. It is killed when the work is
 * over, however it ends.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
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

/** A machine so busy that a child gets a tenth of a processor should be given less work. */
const BUSY_FACTOR_MAX = 10

const TIME_POLL_MS = 100

/**
 * Resolves when the child has had this much time, in milliseconds. While it is ready and finds no processor, only the
 * processor time that it gets counts, for up to ten times as long: a busy machine says nothing about a model.
 */
export async function untilTimeSpent(ms: number, child: ChildProcess, ending: AbortSignal): Promise<void> {
  const startMs = performance.now()
  let beforeMs = startMs
  let usedBeforeMs = (await useOf(child)).usedMs
  for (let spentMs = 0; spentMs < ms && beforeMs - startMs < ms * BUSY_FACTOR_MAX; ) {
    await sleep(Math.min(ms, TIME_POLL_MS), undefined, { signal: ending })
    const { isReady, usedMs } = await useOf(child)
    const nowMs = performance.now()
    const wallMs = nowMs - beforeMs
    spentMs += isReady ? Math.min(wallMs, Math.max(0, usedMs - usedBeforeMs)) : wallMs
    beforeMs = nowMs
    usedBeforeMs = usedMs
  }
}

/**
 * Whether a thread of the child runs or waits for a processor, and the processor time of its threads. [proc_pid_stat(5)]
 * The state is the letter behind the name in brackets. [kernel, Documentation/scheduler/sched-stats.rst] The first number
 * of `schedstat` is the time on a processor, in nanoseconds.
 */
async function useOf({ pid }: ChildProcess): Promise<{ isReady: boolean; usedMs: number }> {
  const folder = `/proc/${pid}/task`
  const threads = await readdir(folder).catch(() => [])
  const read = (id: string, name: string) => readFile(`${folder}/${id}/${name}`, 'utf8').catch(() => '')
  const states = await Promise.all(threads.map((id) => read(id, 'stat')))
  const times = await Promise.all(threads.map((id) => read(id, 'schedstat')))
  return {
    isReady: states.some((text) => /\) R [^)]*$/.test(text)),
    usedMs: times.reduce((sum, text) => sum + Number(text.split(' ')[0] ?? 0), 0) / 1e6,
  }
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
