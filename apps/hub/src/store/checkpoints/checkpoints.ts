/**
 * Checkpoints: a busy hub moves committed pages from the journal into the database file in a thread. SQLite would do it
 * inside a commit, and the hub would answer nobody for that time. In a rollout that was more than half of the time of
 * all commits.
 *
 * A quiet hub has no such thread: SQLite's own checkpoints cost it nothing that anybody notices. If the thread ends, they
 * begin again.
 */
import { Worker } from 'node:worker_threads'
import type { Log } from '@skerry/platform/process/log'
import type { CheckpointAnswer } from './checkpoint-worker.ts'

/** [sqlite.org/pragma.html#pragma_wal_autocheckpoint] Pages of 4 kB: SQLite's own limit, without the thread. */
const OWN_PAGES = 1_000

/**
 * With the thread, a commit moves pages only if the journal has grown to 64 MB: the disk is then slower than the hub,
 * or the journal never came to its end while the hub wrote without a pause.
 */
const LIMIT_PAGES = 16_000

/** A hub is busy with so many commits within the time. A thread costs some megabytes. */
const BUSY = { commits: 64, withinMs: 10_000 }

/** The thread works after so many commits, or after the time. More pages at once are fewer writes: many are the same. */
const GATHER = { commits: 16, ms: 2_000 }

/** One checkpoint of 64 MB takes a second on a slow disk. */
const END_MS = 5_000

const LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 }

export type Checkpoints = AsyncDisposable & {
  /** A transaction was committed. */
  committed(): void
  isInThread(): boolean
}

type Options = {
  path: string
  /** Sets the size of the journal at which a commit moves the pages itself. */
  limitPages(pages: number): void
  log?: Pick<Log, 'warn'> | undefined
  busy?: typeof BUSY
}

/** Watches the commits of a database. It starts the thread when the hub is busy for the first time. */
export function createCheckpoints({ path, limitPages, log, busy = BUSY }: Options): Checkpoints {
  let worker: Worker | undefined
  let isEnding = false
  let hasFailed = false
  let isMoving = false
  let gathered = 0
  let timer: NodeJS.Timeout | undefined
  let window = { startMs: performance.now(), commits: 0 }

  const isBusy = () => {
    const nowMs = performance.now()
    if (nowMs - window.startMs > busy.withinMs) window = { startMs: nowMs, commits: 0 }
    window.commits += 1
    return window.commits >= busy.commits
  }
  const move = () => {
    clearTimeout(timer)
    timer = undefined
    if (!worker || isMoving || gathered === 0) return
    gathered = 0
    isMoving = true
    worker.postMessage('move')
  }
  const schedule = () => {
    if (gathered >= GATHER.commits) return move()
    timer ??= setTimeout(move, GATHER.ms).unref()
    return undefined
  }
  const start = () => {
    const thread = new Worker(workerUrl, { workerData: { path }, name: 'checkpoints', resourceLimits: LIMITS })
    thread.unref()
    thread.on('message', (answer: CheckpointAnswer) => {
      isMoving = false
      if (!answer.ok) log?.warn('checkpoint_failed', { message: answer.message })
      if (gathered > 0) schedule()
    })
    thread.on('error', (error) => log?.warn('checkpoints_ended', { error }))
    thread.on('exit', () => {
      worker = undefined
      clearTimeout(timer)
      if (isEnding) return
      // Once is enough: SQLite's own checkpoints are slower, and always there.
      hasFailed = true
      limitPages(OWN_PAGES)
    })
    limitPages(LIMIT_PAGES)
    return thread
  }
  /** A system without a free thread must not end the transactions of the hub. */
  const tryStart = () => {
    try {
      return start()
    } catch (error) {
      hasFailed = true
      log?.warn('checkpoints_ended', { error })
      return undefined
    }
  }
  return {
    committed() {
      if (!worker && (isEnding || hasFailed || !isBusy())) return
      worker ??= tryStart()
      if (!worker) return
      gathered += 1
      if (!isMoving) schedule()
    },
    isInThread: () => worker !== undefined,
    async [Symbol.asyncDispose]() {
      isEnding = true
      clearTimeout(timer)
      if (worker) await endThread(worker)
    },
  }
}

/** The connection of the thread must be closed before the writer's: the last one to close removes the journal. */
async function endThread(worker: Worker): Promise<void> {
  const ended = Promise.withResolvers<void>()
  worker.once('exit', () => ended.resolve())
  const overdue = setTimeout(() => void worker.terminate(), END_MS)
  worker.ref()
  worker.postMessage('end')
  await ended.promise
  clearTimeout(overdue)
}

/** A TypeScript file here, and a JavaScript file once published. */
const workerUrl = new URL(`./checkpoint-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
