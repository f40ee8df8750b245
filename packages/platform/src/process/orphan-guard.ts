/**
 * Orphan guard: ends a process whose parent is gone, also while its own code hangs. The channel to the parent cannot do
 * this: a thread in an endless loop receives no event.
 */
import { Worker } from 'node:worker_threads'

/** A parent that starts again finds the memory and the ports of an orphan free after this time. */
const LOOK_MS = 1_000

/** [getppid(2)] An orphan gets another parent. A timer of this thread runs whatever the main thread does. */
const WATCH = `
const parent = process.ppid
setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL') }, ${LOOK_MS})
`

/** The thread needs some megabytes; without limits it would reserve the heap of a whole program. */
const LIMITS = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 }

/** Starts the watch. It keeps no process alive. */
export function guardOrphan(): void {
  new Worker(WATCH, { eval: true, name: 'orphan-guard', resourceLimits: LIMITS }).unref()
}
