/** Push limits: how many pushes a hub works on at the same time, and how many may wait. */
import { availableParallelism, totalmem } from 'node:os'
import { TRIAL_MEMORY_BYTES } from './golden-outputs.ts'
import type { WorkLimits } from './work-queue.ts'

export type Machine = { cores: number; memoryBytes: number }

/** With three, an organisation may hold two: its quick pushes pass a slow one of its own, and the third is for the others. */
const WORKERS_MIN = 3

/** More models at once would only fill the memory: beside uploads, eight keep any disk and network busy. */
const WORKERS_MAX = 8

/** The ninth would wait for longer than its caller does: each may take a minute, and two run at the same time. */
const WAITING_EACH_MAX = 8

/** Half of it takes four organisations with all that each may have waiting; the other half is one place for each of 32 others. */
const WAITING_MAX = 64

/** The trials of pushed models may take half of the memory, and use one core each. */
export function pushLimits({ cores, memoryBytes }: Machine): WorkLimits {
  const byMemory = Math.max(1, Math.floor(memoryBytes / 2 / TRIAL_MEMORY_BYTES))
  const byCores = Math.min(WORKERS_MAX, Math.max(WORKERS_MIN, cores))
  return { workers: Math.min(byMemory, byCores), waitingMax: WAITING_MAX, waitingEachMax: WAITING_EACH_MAX }
}

/** What this process may use, which is less than the machine has when it runs in a container. */
export function machine(): Machine {
  const constrained = process.constrainedMemory()
  const memoryBytes = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
  return { cores: availableParallelism(), memoryBytes }
}
