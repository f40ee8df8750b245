/**
 * Source host: runs a source in a thread. It restarts the source after a crash, and stops if crashes repeat. It judges
 * each write before anything is sent to the equipment.
 */
import type { Source, Tag } from '@skerry/contract/sources/source'
import type { TagCause, TagContent } from '@skerry/contract/sources/tag'
import { judgeWrite, type WriteRefusal } from '@skerry/core/tags/tag-writing'
import { type Asked, type Asking, type AskingFailure, createAsking } from '@skerry/platform/process/asking'
import type { Clock } from '@skerry/platform/process/clock'
import type { GateMemory } from '@skerry/platform/process/lease-gate'
import { type Supervised, supervise } from '@skerry/platform/process/supervise'
import type { GroupReading } from '../reading.ts'
import type { BrowseAnswer, SessionDeps, WriteProblem } from '../session.ts'
import type { FromSource, GroupFigures, SourceQuestions, SourceState, ToSource } from './source-state.ts'
import { ownThreads, type RunningSource, type SourceThreads } from './source-threads.ts'

/** Equipment that needs more time for a write or a browse has lost the request. */
const ANSWER_TIMEOUT_MS = 60_000

/** Equipment handles one request after the other. At ten a second, the last of these is answered within a minute. */
const ASKED_MAX = 600

export type SourceDeps = Pick<SessionDeps, 'secrets' | 'stateFolder'> & {
  clock: Clock
  random: () => number
  onReading(reading: GroupReading): void
  onState(state: SourceState): void
  /** A thread of its own if it is absent. */
  threads?: SourceThreads
  /** Closed while this device may not write to equipment. Absent if it always may. */
  gate?: GateMemory | undefined
}

export type SourceHost = AsyncDisposable & {
  state(): SourceState
  /** The number of crashes, the figures of the groups, and the number of values that were lost on the way. */
  figures(): { crashes: number; groups: GroupFigures[]; lost: number }
  write(tag: string, value: TagContent): Promise<HostWriteOutcome>
  /** Lists the entries under a path of the equipment's own tree. An empty path is the top. */
  browse(path: string): Promise<BrowseAnswer>
}

export type HostWriteOutcome = { ok: true } | { ok: false; code: WriteProblem | WriteRefusal; message: string }

type Running = { thread: RunningSource; asking: Asking<SourceQuestions> }

type Hosting = {
  source: Source
  deps: SourceDeps
  stop: AbortController
  state: SourceState
  running: Running | undefined
  figures: { groups: GroupFigures[]; lost: number }
}

/** Starts the source in its thread. */
export function startSource(source: Source, deps: SourceDeps): SourceHost {
  const it: Hosting = {
    source,
    deps,
    stop: new AbortController(),
    state: { kind: 'connecting' },
    running: undefined,
    figures: { groups: [], lost: 0 },
  }
  const supervision = supervise(supervised(it), deps, it.stop.signal)
  const recentMs = new Map<string, number[]>()
  return {
    state: () => it.state,
    figures: () => ({ crashes: supervision.crashes(), ...it.figures }),
    async write(tag, value) {
      const known = tagsOf(source).find(({ name }) => name === tag)
      if (!known) return { ok: false, code: 'tag_unknown', message: `the source has no tag ${tag}` }
      const nowMs = deps.clock.monotonicMs()
      const recent = (recentMs.get(tag) ?? []).filter((atMs) => nowMs - atMs < 60_000)
      const verdict = judgeWrite(known.write, value, {
        recentMs: recent,
        nowMs,
        inputs: inputsOf(known),
        count: countOf(known),
      })
      if (!verdict.ok) return verdict
      recentMs.set(tag, [...recent, nowMs])
      const outcome = outcomeOf(await ask(it, 'write', { tag, value }), UNWRITTEN)
      // The equipment did not get this write, so that it does not count for the rate. Otherwise a caller that waits for
      // the condition could have no write left when it comes true.
      if (!outcome.ok && outcome.code === 'tag_interlocked') forget(recentMs, tag, nowMs)
      return outcome
    },
    async browse(path) {
      return outcomeOf(await ask(it, 'browse', path), UNBROWSED)
    },
    async [Symbol.asyncDispose]() {
      it.stop.abort()
      send(it, { kind: 'stop' })
      await supervision.over
    },
  }
}

function forget(recentMs: Map<string, number[]>, tag: string, atMs: number): void {
  const recent = recentMs.get(tag) ?? []
  recentMs.set(tag, recent.toSpliced(recent.indexOf(atMs), recent.includes(atMs) ? 1 : 0))
}

const tagsOf = ({ groups }: { groups: readonly { tags: readonly Tag[] }[] }) => groups.flatMap(({ tags }) => tags)

const inputsOf = (tag: Tag) => ('method' in tag ? tag.method?.arguments : undefined)

const countOf = (tag: Tag) => ('count' in tag ? tag.count : undefined)

const send = (it: Hosting, message: ToSource) => it.running?.thread.send(message)

async function ask<Name extends keyof SourceQuestions>(
  { running }: Hosting,
  name: Name,
  question: SourceQuestions[Name]['question'],
): Promise<Asked<SourceQuestions[Name]['answer']>> {
  return running ? running.asking.ask(name, question, { timeoutMs: ANSWER_TIMEOUT_MS }) : NOT_RUNNING
}

const NOT_RUNNING: AskingFailure = { ok: false, code: 'asking_over', message: 'the source does not run now' }

/** The outcome of a request without an answer. `unsent`: the request did not reach the equipment. */
type Unanswered<Answer> = { unsent(message: string): Answer; late: Answer }

function outcomeOf<Answer>(asked: Asked<Answer>, { unsent, late }: Unanswered<Answer>): Answer {
  if (asked.ok) return asked.answer
  if (asked.code === 'asking_over') return unsent(NOT_RUNNING.message)
  return asked.code === 'asking_full' ? unsent(asked.message) : late
}

const UNWRITTEN: Unanswered<HostWriteOutcome> = {
  unsent: (message) => ({ ok: false, code: 'write_refused', message }),
  late: {
    ok: false,
    code: 'write_unverified',
    message: 'no answer came; read the tag to see the value of the equipment',
  },
}

const UNBROWSED: Unanswered<BrowseAnswer> = {
  unsent: (message) => ({ ok: false, code: 'browse_failed', message }),
  late: { ok: false, code: 'browse_failed', message: 'the equipment did not answer' },
}

function supervised(it: Hosting): Supervised<TagCause> {
  return {
    async run() {
      const { deps, source } = it
      const task = { source, secrets: deps.secrets, stateFolder: deps.stateFolder, gate: deps.gate }
      const thread = (deps.threads ?? ownThreads()).run(task, (said) => hear(it, said))
      const asking = createAsking<SourceQuestions>({ inFlightMax: ASKED_MAX, send: thread.send })
      it.running = { thread, asking }
      const message = await thread.ended
      it.running = undefined
      asking.end(message)
      return { code: 'connector_crashed', message }
    },
    onEnd: (kind, cause) => enter(it, { kind, cause }),
  }
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
    case 'answer':
      it.running?.asking.answered(said)
      return
    case 'figures':
      it.figures = { groups: said.figures, lost: said.lost }
  }
}

function enter(it: Hosting, state: SourceState): void {
  it.state = state
  it.deps.onState(state)
}
