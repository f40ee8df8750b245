/**
 * Source host: runs a source in a thread of its own, starts it anew after it crashed, and leaves it alone when it does so again and again. Writes are
 * judged here, before anything reaches the equipment.
 */
import { Worker } from 'node:worker_threads'
import type { Source, Tag } from '@skerry/contract/source'
import type { TagContent } from '@skerry/contract/tag'
import { backoffMs } from '@skerry/core/backoff'
import { judgeWrite, type WriteRefusal } from '@skerry/core/tag-writing'
import type { Clock } from '@skerry/platform/clock'
import type { GroupReading } from './reading.ts'
import type { WriteProblem } from './session.ts'
import type { FromSource, GroupFigures, SourceState, ToSource } from './source-state.ts'

/** A crash now and then is a library's bad day; five within ten minutes are a fault that starting anew does not mend. */
const CRASHES_MAX = 5
const CRASH_WINDOW_MS = 600_000

const BACKOFF = { baseMs: 500, maxMs: 30_000 }

/** The largest source, 100,000 tags, takes less than half of it. */
const HEAP_MB = 256

/** What a round leaves behind is small and soon gone: more room for it would only be kept by each thread. */
const YOUNG_MB = 4

/** Equipment that takes longer over a write has lost it. */
const WRITE_TIMEOUT_MS = 60_000

export type SourceDeps = {
  clock: Clock
  random: () => number
  onReading(reading: GroupReading): void
  onState(state: SourceState): void
  /** What runs in place of the source's own thread, in tests of what becomes of one that crashes. */
  thread?: URL
}

export type SourceHost = AsyncDisposable & {
  state(): SourceState
  /** How often its thread crashed, what its groups did, and how many values were lost on the way. */
  figures(): { crashes: number; groups: GroupFigures[]; lost: number }
  write(tag: string, value: TagContent): Promise<HostWriteOutcome>
}

export type HostWriteOutcome = { ok: true } | { ok: false; code: WriteProblem | WriteRefusal; message: string }

type Hosting = {
  source: Source
  deps: SourceDeps
  stop: AbortController
  state: SourceState
  thread: Worker | undefined
  writes: Map<number, (outcome: HostWriteOutcome) => void>
  figures: { groups: GroupFigures[]; lost: number }
  crashesMs: number[]
}

/** Starts its thread. */
export function startSource(source: Source, deps: SourceDeps): SourceHost {
  const it: Hosting = {
    ...{ source, deps, stop: new AbortController(), state: { kind: 'connecting' }, thread: undefined },
    ...{ writes: new Map(), figures: { groups: [], lost: 0 }, crashesMs: [] },
  }
  const running = keepRunning(it)
  const recentMs = new Map<string, number[]>()
  let lastId = 0
  return {
    state: () => it.state,
    figures: () => ({ crashes: it.crashesMs.length, ...it.figures }),
    async write(tag, value) {
      const known = tagsOf(source).find(({ name }) => name === tag)
      if (!known) return { ok: false, code: 'tag_unknown', message: `the source has no tag ${tag}` }
      const nowMs = deps.clock.monotonicMs()
      const recent = (recentMs.get(tag) ?? []).filter((atMs) => nowMs - atMs < 60_000)
      const verdict = judgeWrite(known.write, value, { recentMs: recent, nowMs })
      if (!verdict.ok) return verdict
      recentMs.set(tag, [...recent, nowMs])
      lastId += 1
      return writeInThread(it, lastId, { tag, value })
    },
    async [Symbol.asyncDispose]() {
      it.stop.abort()
      send(it, { kind: 'stop' })
      await running
    },
  }
}

const tagsOf = ({ groups }: { groups: readonly { tags: readonly Tag[] }[] }) => groups.flatMap(({ tags }) => tags)

const send = (it: Hosting, message: ToSource) => it.thread?.postMessage(message)

async function writeInThread(
  it: Hosting,
  id: number,
  order: { tag: string; value: TagContent },
): Promise<HostWriteOutcome> {
  if (!it.thread) return { ok: false, code: 'write_refused', message: 'the source does not run now' }
  const { promise, resolve } = Promise.withResolvers<HostWriteOutcome>()
  it.writes.set(id, resolve)
  send(it, { kind: 'write', id, ...order })
  const timer = setTimeout(() => resolve(UNANSWERED), WRITE_TIMEOUT_MS)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    it.writes.delete(id)
  }
}

const UNANSWERED: HostWriteOutcome = {
  ...{
    ok: false,
    code: 'write_unverified',
    message: 'it was not answered; read the tag to see what the equipment has',
  },
}

async function keepRunning(it: Hosting): Promise<void> {
  const { clock, random } = it.deps
  while (!it.stop.signal.aborted) {
    const cause = await runThread(it)
    for (const settle of it.writes.values()) settle(UNANSWERED)
    if (it.stop.signal.aborted) return
    const nowMs = clock.monotonicMs()
    it.crashesMs = [...it.crashesMs.filter((atMs) => nowMs - atMs < CRASH_WINDOW_MS), nowMs]
    const isTooOften = it.crashesMs.length >= CRASHES_MAX
    enter(it, { kind: isTooOften ? 'quarantined' : 'crashed', cause })
    if (isTooOften) return
    await clock.sleep(backoffMs(it.crashesMs.length, BACKOFF, random()), it.stop.signal).catch(() => undefined)
  }
}

const THREAD = new URL(`./source-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** Gives why the thread ended. */
async function runThread(it: Hosting): Promise<{ code: string; message: string }> {
  const url = it.deps.thread ?? THREAD
  const thread = new Worker(url, {
    workerData: it.source,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_MB },
  })
  it.thread = thread
  let message = 'its thread ended'
  thread.on('error', (error: unknown) => {
    message = (error instanceof Error ? error.message : String(error)).slice(0, 500)
  })
  thread.on('message', (said: FromSource) => hear(it, said))
  await new Promise<void>((resolve) => thread.on('exit', () => resolve()))
  it.thread = undefined
  return { code: 'connector_crashed', message }
}

function hear(it: Hosting, said: FromSource): void {
  switch (said.kind) {
    case 'reading':
      it.deps.onReading(said.reading)
      send(it, { kind: 'taken' })
      return
    case 'state':
      enter(it, said.state)
      return
    case 'written':
      it.writes.get(said.id)?.(said.outcome)
      return
    case 'figures':
      it.figures = { groups: said.figures, lost: said.lost }
  }
}

function enter(it: Hosting, state: SourceState): void {
  it.state = state
  it.deps.onState(state)
}
