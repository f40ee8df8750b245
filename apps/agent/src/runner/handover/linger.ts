/** Linger: how long a runner serves without its control. */
import type { Clock } from '@skerry/platform/process/clock'
import { yielded } from './predecessor.ts'

export type LingerOrder = {
  kind: 'linger'
  /** The process that starts the next control. If it ends, nobody takes over. */
  launcherPid: number
  seconds: number
}

/** In milliseconds. A stopped device must free its ports soon; a look costs a system call. */
const LOOK_MS = 500

/** Resolves with the reason when the runner must end. */
export async function lingerEnd(
  { launcherPid, seconds }: LingerOrder,
  clock: Clock,
): Promise<'taken' | 'overdue' | 'abandoned'> {
  const ended = new AbortController()
  const taken = yielded().then(() => 'taken' as const)
  const watched = watch({ launcherPid, endMs: clock.monotonicMs() + seconds * 1_000 }, clock, ended.signal)
  try {
    return await Promise.race([taken, watched])
  } finally {
    ended.abort()
  }
}

type Watch = { launcherPid: number; endMs: number }

async function watch({ launcherPid, endMs }: Watch, clock: Clock, signal: AbortSignal) {
  while (!signal.aborted) {
    if (!exists(launcherPid)) return 'abandoned' as const
    if (clock.monotonicMs() > endMs) return 'overdue' as const
    await clock.sleep(LOOK_MS, signal).catch(() => {})
  }
  return 'overdue' as const
}

/** [kill(2)] Signal 0 sends nothing. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
