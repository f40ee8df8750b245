/** Push limits: the number of simultaneous pushes, their memory, and the number of pending ones. */
import { availableParallelism, totalmem } from 'node:os'
import { createWorkQueue, type WorkLimits } from './work-queue.ts'

export type Machine = { cores: number; memoryBytes: number }

/** With one, a slow push of one organisation would delay all others, on a machine of any size. */
const WORKERS_ALWAYS = 2

/**
 * With three, an organisation may hold two. Its quick pushes can overtake a slow one of its own, and the third is for
 * the others.
 */
const WORKERS_MIN = 3

/** More models at once would only fill the memory: beside uploads, eight keep any disk and network busy. */
const WORKERS_MAX = 8

/** The ninth would wait longer than its caller waits: each push may take a minute, and two run at the same time. */
const WAITING_EACH_MAX = 8

/**
 * Half of it holds four organisations with all their pending pushes. The other half has one place for each of 32
 * others.
 */
const WAITING_MAX = 64

/** If a model needs more to answer a few examples, most devices cannot run it. 130 MB of it are the process itself. */
const TRIAL_BYTES_MAX = 2 * 1024 ** 3

/** The process itself takes 130 MB. With less memory beside it, the usual small models would be rejected. */
const TRIAL_BYTES_MIN = 300 * 1024 ** 2

type PushLimits = WorkLimits & {
  /** The memory limit of the process that tries one model. */
  trialBytes: number
}

/** The trials of pushed models share half of the memory, and each uses one core. */
export function pushLimits({ cores, memoryBytes }: Machine): PushLimits {
  const forTrials = memoryBytes / 2
  const byMemory = Math.max(WORKERS_ALWAYS, Math.floor(forTrials / TRIAL_BYTES_MAX))
  const byCores = Math.min(WORKERS_MAX, Math.max(WORKERS_MIN, cores))
  const workers = Math.min(byMemory, byCores)
  const trialBytes = Math.max(TRIAL_BYTES_MIN, Math.min(TRIAL_BYTES_MAX, Math.floor(forTrials / workers)))
  return { workers, trialBytes, waitingMax: WAITING_MAX, waitingEachMax: WAITING_EACH_MAX }
}

/** The queue of pushes and the memory of each trial, for this machine. */
export function openPushes(machine: Machine) {
  const { trialBytes, ...limits } = pushLimits(machine)
  return { pushQueue: createWorkQueue(limits), trialBytes }
}

/** The limits of this process, which are lower than the machine's in a container. */
export function machine(): Machine {
  const constrained = process.constrainedMemory()
  const memoryBytes = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
  return { cores: availableParallelism(), memoryBytes }
}
