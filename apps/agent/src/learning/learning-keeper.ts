/**
 * Learning keeper: follows the hub's orders to learn the normal state of tags. The rows and results are on the disk; the
 * orders come again with each connection, and are on the disk too, so that a device collects without a hub.
 */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type HeldLearnings,
  type LearningOrder,
  type LearningProgress,
  LearningsDocument,
} from '@skerry/contract/held/learnings'
import type { CovariancePart } from '@skerry/contract/learning/result'
import type { LearningId } from '@skerry/contract/values/ids'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import { type LearningHistory, openLearningHistory } from './history.ts'
import type { LearningDeps, ProgressNews } from './run-learning.ts'

export type LearningKeeper = AsyncDisposable & {
  /** The state that the device reports to the hub. */
  held(): HeldLearnings
  /** From now on these orders count, and are on the disk. A missing order ends, and its rows are deleted. */
  take(document: LearningsDocument): Promise<void>
  /** Resolves when there is progress to report. */
  news(signal: AbortSignal): Promise<void>
}

export type LearningKeeperDeps = Omit<LearningDeps, 'inTurn' | 'marksFor' | 'jointOf'>

type Running = { stop: AbortController; ended: Promise<void>; progress: LearningProgress }

type Keeping = LearningKeeperDeps & {
  history: LearningHistory
  document: LearningsDocument | undefined
  running: Map<string, Running>
  /** Orders that have ended here. The hub takes them off the document. */
  done: Set<string>
  turn: Promise<unknown>
  /** Resolves when a document has come. */
  taken: PromiseWithResolvers<void>
  moved: PromiseWithResolvers<void>
  reportedMs: number
  isClosed: boolean
}

/** Progress of rows is sent so often at most; a change of the phase at once. */
const PROGRESS_MS = 2_000

const OWNER_ONLY = 0o600

/** Goes on with the orders on the disk. */
export async function openLearningKeeper(deps: LearningKeeperDeps): Promise<LearningKeeper> {
  const path = join(deps.data, 'learnings.json')
  const bytes = await readIfPresent(deps.fileSystem, path)
  const history = await openLearningHistory({ ...deps, folder: join(deps.data, 'learning-history') })
  const it: Keeping = {
    ...deps,
    history,
    document: bytes && parsed(bytes),
    running: new Map(),
    done: new Set(),
    turn: Promise.resolve(),
    taken: Promise.withResolvers(),
    moved: Promise.withResolvers(),
    reportedMs: 0,
    isClosed: false,
  }
  await mkdir(deps.folder, { recursive: true, mode: 0o700 })
  await follow(it)
  return {
    held: () => ({
      ...(it.document && { revision: it.document.revision }),
      progress: [...it.running.values()].map(({ progress }) => progress),
      ...(history.held().length > 0 && { marks: history.held() }),
    }),
    async take(document) {
      await writeAtomic(deps.fileSystem, path, JSON.stringify(document), OWNER_ONLY)
      it.document = document
      it.taken.resolve()
      it.taken = Promise.withResolvers()
      await follow(it)
    },
    async news(signal) {
      const aborted = Promise.withResolvers<void>()
      signal.addEventListener('abort', () => aborted.resolve(), { once: true })
      await Promise.race([it.moved.promise, aborted.promise])
      signal.throwIfAborted()
      it.moved = Promise.withResolvers()
    },
    async [Symbol.asyncDispose]() {
      it.isClosed = true
      for (const { stop } of it.running.values()) stop.abort()
      await Promise.all([...it.running.values()].map(({ ended }) => ended))
      await history[Symbol.asyncDispose]()
    },
  }
}

function parsed(bytes: Uint8Array): LearningsDocument | undefined {
  try {
    return LearningsDocument.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data
  } catch {
    // The hub sends a damaged document again, because the device reports no revision.
    return undefined
  }
}

/** Ends learnings without an order, and begins new ones. */
async function follow(it: Keeping): Promise<void> {
  // A document that comes while the agent stops is on the disk. Its work would keep the process alive.
  if (it.isClosed) return
  const orders = it.document?.orders ?? []
  await followHistory(it)
  const wanted = new Set<string>(orders.map(({ learning }) => learning))
  for (const id of it.done) if (!wanted.has(id)) it.done.delete(id)
  for (const [id, running] of it.running) {
    if (wanted.has(id)) continue
    running.stop.abort()
    await running.ended
  }
  // A training that was killed a moment ago may still have written a file.
  for (const entry of await readdir(it.folder))
    if (!wanted.has(entry)) await rm(join(it.folder, entry), { recursive: true, force: true, maxRetries: 5 })
  for (const order of orders) if (!it.running.has(order.learning) && !it.done.has(order.learning)) begin(it, order)
}

async function followHistory({ document, history, log }: Keeping): Promise<void> {
  try {
    await history.follow(document?.kept ?? [], document?.marks ?? [])
  } catch (error) {
    // A full disk must not end the learnings. The next document or start tries again.
    log.warn('learning_history_failed', { error })
  }
}

function begin(it: Keeping, order: LearningOrder): void {
  if (it.isClosed) return
  const stop = new AbortController()
  const progress: LearningProgress = { learning: order.learning, phase: 'collect', rows: 0, atMs: now(it) }
  const running: Running = { stop, progress, ended: Promise.resolve() }
  it.running.set(order.learning, running)
  running.ended = work(it, order, running).finally(() => {
    it.running.delete(order.learning)
    report(it)
  })
}

async function work(it: Keeping, order: LearningOrder, running: Running): Promise<void> {
  const { name } = order.spec
  const { signal } = running.stop
  it.log.info('learning_begun', { learning: name, id: order.learning })
  const tell = (news: ProgressNews) => {
    const { phase } = running.progress
    running.progress = { learning: order.learning, atMs: now(it), ...news }
    if (phase !== news.phase || now(it) - it.reportedMs >= PROGRESS_MS) report(it)
  }
  // Trainings wait for each other, and none is held up by the failure of another.
  const inTurn = <T>(train: () => Promise<T>): Promise<T> => {
    const result = it.turn.then(train)
    it.turn = result.catch(() => undefined)
    return result
  }
  while (!signal.aborted) {
    try {
      const { runLearning } = await import('./run-learning.ts')
      const jointOf: LearningDeps['jointOf'] = (learning, ending) => waitForJoint(it, learning, ending)
      await runLearning({ ...it, inTurn, jointOf, marksFor: it.history.marksFor }, order, tell, signal)
      it.done.add(order.learning)
      return
    } catch (error) {
      if (signal.aborted) return
      it.log.warn('learning_failed', { learning: name, id: order.learning, error })
      const { phase, rows } = running.progress
      tell({ phase, rows, problem: `the device tries again: ${String(error)}`.slice(0, 500) })
      report(it)
      await it.clock.sleep(AGAIN_MS, signal).catch(() => undefined)
    }
  }
}

/** The order comes again with the joined part in it. The hub ends the order if a device keeps the others waiting. */
async function waitForJoint(it: Keeping, learning: LearningId, signal: AbortSignal): Promise<CovariancePart> {
  // No news follows while the device waits, so this report is not left to the next one.
  report(it)
  const aborted = Promise.withResolvers<void>()
  signal.addEventListener('abort', () => aborted.resolve(), { once: true })
  for (;;) {
    signal.throwIfAborted()
    const order = it.document?.orders.find((one) => one.learning === learning)
    if (order?.together?.joint) return order.together.joint
    await Promise.race([it.taken.promise, aborted.promise])
  }
}

/** A full disk has room again some day, and the files of each step are there. */
const AGAIN_MS = 60_000

const now = (it: Keeping) => Math.floor(it.clock.nowMs())

function report(it: Keeping): void {
  it.reportedMs = now(it)
  it.moved.resolve()
}
