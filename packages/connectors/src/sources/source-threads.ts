/**
 * Source threads: the threads that sources run in. Where a thread ends by itself while several run in it, nobody can say whose library it was: each of
 * them has a thread of its own from then on, and whichever ends that one, too, is left alone by its host.
 */
import { Worker } from 'node:worker_threads'
import { needOf, placeForSource, type SourceNeed } from '@skerry/core/equipment/source-sharing'
import { whenThreadEnds } from '@skerry/platform/process/supervise'
import type { FromSource, FromThread, SourceTask, ToSource, ToThread } from './source-state.ts'

/** The largest source, 100,000 tags, takes less than half of it. */
const HEAP_MB = 256

/** A message of 1,000 values is alive as a whole while it is read: with less room it would be copied once for each of them. */
const YOUNG_MB = 16

/** A thread says what its groups did each second. One that says nothing for so many is stuck, and no library takes that long to load. */
const SILENT_SECONDS_MAX = 60

export type SourceThreads = {
  /** Runs it until it ends. What it says comes in order, and nothing of it after the end. */
  run(task: SourceTask, hear: (said: FromSource) => void): RunningSource
}

export type RunningSource = {
  send(message: ToSource): void
  /** Resolves with why it ended: because it was told to, or by itself. */
  ended: Promise<string>
}

type Run = { name: string; need: SourceNeed; hear(said: FromSource): void; end(message: string): void }

/** `last`: why its last source ended; it takes no more, and ends. */
type Thread = { worker: Worker; runs: Map<number, Run>; silentSeconds: number; last: string | undefined }

type Threads = { url: URL; threads: Set<Thread>; suspects: Set<string>; lastId: number }

const THREAD = new URL(`./source-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** Each source in one of its own. `url` is what runs in place of the thread of sources, in tests of what becomes of one that crashes. */
export function ownThreads(url = THREAD): SourceThreads {
  return { run: (task, hear) => runIn(open(newThreads(url)), task, hear, 1) }
}

/** Sources of a protocol together, as far as there is room, until a thread of theirs ends by itself. */
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

/** Until it has ended. Seconds are counted, not measured: whoever was stopped as a whole was not stuck. */
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
    // Whatever its libraries still hold goes with the thread: only then it has ended.
    thread.last = said.message
    thread.worker.postMessage({ kind: 'close' } satisfies ToThread)
  }
}
