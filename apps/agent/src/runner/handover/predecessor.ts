/**
 * Predecessor: a runner that continues to serve after its control has ended, until the runner of the next control takes
 * over. A note in the data folder names it. Both runners may have different versions, so they share only this note and
 * one signal.
 */
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import * as z from 'zod'

const Place = z.object({ host: z.string().max(255), port: z.int().min(1).max(65_535) })

const Predecessor = z.object({
  pid: z.int().min(2),
  /** Another process may get the same number later, but never with the same start. */
  startTicks: z.string().regex(/^\d{1,20}$/),
  rest: Place,
  grpc: Place,
})
export type Predecessor = z.infer<typeof Predecessor>

/** A file of this name in the folder of a version says that its runner can take over. */
export const TAKES_OVER = 'takes-over'

/** [signal(7)] Ends a lingering runner after its last answers. SIGTERM reaches the whole group of a terminal. */
const YIELD = 'SIGUSR2'

const notePath = (data: string) => join(data, 'runner-left.json')

/** Written before the runner is told to stay, so that no kill between the two leaves a runner that nobody knows. */
export async function notePredecessor(
  fileSystem: FileSystem,
  data: string,
  { pid, rest, grpc }: Omit<Predecessor, 'startTicks'>,
): Promise<boolean> {
  const startTicks = startTicksOf(pid)
  if (startTicks === undefined) return false
  await writeAtomic(fileSystem, notePath(data), JSON.stringify({ pid, startTicks, rest, grpc }))
  return true
}

export const forgetPredecessor = (data: string): Promise<void> => rm(notePath(data), { force: true })

/** The runner of the note. Undefined if there is none, or if it has ended. An unreadable note counts as absent. */
export function readPredecessor(data: string): Predecessor | undefined {
  try {
    const read = Predecessor.safeParse(JSON.parse(readFileSync(notePath(data), 'utf8')))
    return read.success && isAlive(read.data) ? read.data : undefined
  } catch {
    return undefined
  }
}

export type RunnerId = Pick<Predecessor, 'pid' | 'startTicks'>

export const isAlive = ({ pid, startTicks }: RunnerId): boolean => startTicksOf(pid) === startTicks

/** The lingering runner accepts no more connections, answers its last requests and ends. */
export function yieldPlace(runner: RunnerId): void {
  if (!isAlive(runner)) return
  try {
    process.kill(runner.pid, YIELD)
  } catch {
    // It ended in this moment.
  }
}

/** Resolves when the successor wants the place. */
export const yielded = (): Promise<void> => new Promise((resolve) => process.once(YIELD, () => resolve()))

/** [proc_pid_stat(5)] Fields 3 (state) and 22 (starttime), behind the name in brackets. A zombie has ended. */
function startTicksOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, ...others] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' || state === 'X' ? undefined : others[18]
  } catch {
    return undefined
  }
}
