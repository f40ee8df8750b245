/**
 * Source threads: the threads that run sources. If a thread with several sources ends by itself, nobody knows which
 * library caused it. From then on, each of these sources has a thread of its own. If a source ends that thread too, its
 * host stops it.
 */
import { Worker } from 'node:worker_threads'
import { needOf, placeForSource, type SourceNeed } from '@skerry/core/equipment/source-sharing'
import { whenThreadEnds } from '@skerry/platform/process/supervise'
import type { FromSource, FromThread, SourceTask, ToSource, ToThread } from './source-state.ts'

/** In megabytes. The largest source, 100,000 tags, uses less than half of it. */
const HEAP_MB = 256

/**
 * In megabytes. A message of 1,000 values stays alive as a whole while it is read. With less room, the collector would
 * copy it once for each value.
 */
const YOUNG_MB = 16

/**
 * A thread reports the figures of its groups each second. A thread that is silent for this time is stuck: no library
 * needs that long to load.
 */
const SILENT_SECONDS_MAX = 60

export type SourceThreads = {
  /** Runs the source until it ends. `hear` receives its messages in order, and none after its end. */
  run(task: SourceTask, hear: (said: FromSource) => void): RunningSource
}

export type RunningSource = {
  send(message: ToSource): void
  /** Resolves with the reason for its end: by command, or by itself. */
  ended: Promise<string>
}

type Run = { name: string; need: SourceNeed; hear(said: FromSource): void; end(message: string): void }

/** `last`: the reason why its last source ended. The thread takes no further source, and ends. */
type Thread = { worker: Worker; runs: Map<number, Run>; silentSeconds: number; last: string | undefined }

type Threads = { url: URL; threads: Set<Thread>; suspects: Set<string>; lastId: number }

const THREAD = new URL(`./source-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** Each source has a thread of its own. `url` replaces the thread's program in tests of crashes. */
export function ownThreads(url = THREAD): SourceThreads {
  return { run: (task, hear) => runIn(open(newThreads(url)), task, hear, 1) }
}

/** Sources of a protocol share threads while there is room, until one of these threads ends by itself. */
export function sharedThreads(url = THREAD): SourceThreads {
  const it = newThreads(url)
  return {
    run(task, hear) {
      it.lastId += 1
      return runIn(threadFor(it, task), task, hear, it.lastId)
    },
  }
}

const newThreads = (url: URL): Threads => ({ url, threads: new Set(), suspects: new Set(), lastId: 0 })

function threadFor(it: Threads, { source }: SourceTask): Thread {
  if (it.suspects.has(source.name)) return open(it)
  const joinable = [...it.threads].filter(({ runs, last }) => last === undefined && !hasSuspect(it, runs))
  const place = placeForSource(
    needOf(source),
    joinable.map(({ runs }) => [...runs.values()].map(({ need }) => need)),
  )
  return joinable[place] ?? open(it)
}

const hasSuspect = ({ suspects }: Threads, runs: Thread['runs']) =>
  [...runs.values()].some(({ name }) => suspects.has(name))

function open(it: Threads): Thread {
  const worker = new Worker(it.url, {
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_MB },
  })
  const thread: Thread = { worker, runs: new Map(), silentSeconds: 0, last: undefined }
  it.threads.add(thread)
  worker.on('message', (said: FromThread) => hear(thread, said))
  void watch(it, thread)
  return thread
}

/**
 * Watches the thread until it ends. Seconds are counted, not measured: a process that was paused as a whole was not
 * stuck.
 */
async function watch({ threads, suspects }: Threads, thread: Thread): Promise<void> {
  let isStuck = false
  const watching = setInterval(() => {
    thread.silentSeconds += 1
    isStuck = thread.silentSeconds > SILENT_SECONDS_MAX
    if (isStuck) void thread.worker.terminate()
  }, 1_000)
  const message = await whenThreadEnds(thread.worker)
  clearInterval(watching)
  threads.delete(thread)
  if (thread.runs.size > 1) for (const { name } of thread.runs.values()) suspects.add(name)
  for (const { end } of thread.runs.values()) end(thread.last ?? (isStuck ? STUCK : message))
}

const STUCK = `its thread did not respond for ${SILENT_SECONDS_MAX} seconds`

function runIn(thread: Thread, task: SourceTask, hear: Run['hear'], id: number): RunningSource {
  const { promise, resolve } = Promise.withResolvers<string>()
  const { source } = task
  thread.runs.set(id, { name: source.name, need: needOf(source), hear, end: resolve })
  const send = (message: ToThread) => thread.worker.postMessage(message)
  send({ kind: 'run', id, task })
  return { send: (message) => send({ kind: 'tell', id, message }), ended: promise }
}

function hear(thread: Thread, { id, said }: FromThread): void {
  thread.silentSeconds = 0
  const run = thread.runs.get(id)
  if (said.kind !== 'ended') {
    run?.hear(said)
  } else if (thread.runs.size > 1) {
    thread.runs.delete(id)
    run?.end(said.message)
  } else {
    // The thread ends with all that its libraries still hold. Only then has the source ended.
    thread.last = said.message
    thread.worker.postMessage({ kind: 'close' } satisfies ToThread)
  }
}
