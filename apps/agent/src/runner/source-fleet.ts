/**
 * Source fleet: the sources that run in the runner. Told which there should be, it starts what is new, stops what is gone, starts anew what has changed
 * and leaves the others alone, whatever it was told before.
 */
import { join } from 'node:path'
import { sizeOf } from '@skerry/connectors/reading'
import type { BrowseAnswer } from '@skerry/connectors/session'
import { type HostWriteOutcome, type SourceHost, startSource } from '@skerry/connectors/source-host'
import { parseSource } from '@skerry/connectors/source-parsing'
import type { GroupFigures, SourceState } from '@skerry/connectors/source-state'
import { type SourceThreads, sharedThreads } from '@skerry/connectors/source-threads'
import { interlockFlaws } from '@skerry/connectors/write-guard'
import type { ConnectionStatus } from '@skerry/contract/connection'
import type { ParsedText } from '@skerry/contract/parse-text'
import { secretsNamedIn } from '@skerry/contract/secret-reference'
import type { Source } from '@skerry/contract/source'
import type { SourceLook } from '@skerry/contract/source-look'
import type { TagContent } from '@skerry/contract/tag'
import { ratePerSecond } from '@skerry/core/figure-rates'
import type { Clock } from '@skerry/platform/clock'
import { missingCause, pickSecrets, readConnection, type WantedConnection } from './connection-file.ts'
import type { RunnerAnswer } from './runner-message.ts'
import type { SourceBoard } from './source-board.ts'
import { createSourceTrials, type TrialMeans, type TrialRequest } from './source-trial.ts'

export type SourceOrder = {
  sources: readonly WantedConnection[]
  /** The device's own, by name. */
  secrets: Readonly<Record<string, string>>
  /** Where each source keeps what it must not lose. */
  stateFolder: string
}

export type SourceFleet = AsyncDisposable & {
  /** There are just these from now on. */
  become(order: SourceOrder): Promise<void>
  statuses(): ConnectionStatus[]
  source(name: string): Source | undefined
  look(name: string): SourceStanding | undefined
  write(name: string, order: { tag: string; value: TagContent }): Promise<HostWriteOutcome | undefined>
  browse(name: string, path: string): Promise<BrowseAnswer | undefined>
  /** Begins it anew, and says how it was; undefined where there is none. */
  restart(name: string): Promise<RunnerAnswer | undefined>
  /** Tries one that is not among them. */
  test(request: TrialRequest): Promise<RunnerAnswer>
}

/** A source that runs, with what became of its connection since it was started. */
export type SourceStanding = SourceLook['connection'] & {
  source: Source
  state: SourceState
  sinceMs: number
  groups: GroupFigures[]
}

export type SourceFleetDeps = {
  clock: Clock
  random: () => number
  board: SourceBoard
  /** What runs in place of threads of sources, in tests of what becomes of one that crashes. */
  thread?: URL
}

type Cause = { code: string; message: string }
type Running = {
  wanted: WantedConnection
  /** What it was started with: where that is another, it is started anew. */
  key: string
  stateFolder: string
  source: Source
  secrets: Record<string, string>
  host: SourceHost
  sinceMs: number
  /** How often it came up, and how often it went or did not come. */
  connects: number
  troubles: number
  told: number
  rate: { told: number; atMs: number; perSecond: number }
}
type Refused = { wanted: WantedConnection; key: string; cause: Cause; sinceMs: number }
type Fleet = {
  deps: SourceFleetDeps
  threads: SourceThreads
  running: Map<string, Running>
  refused: Map<string, Refused>
  /** As of the newest order. */
  means: TrialMeans | undefined
}

/** No source runs yet. */
export function createSourceFleet(deps: SourceFleetDeps): SourceFleet {
  const threads = sharedThreads(deps.thread)
  const it: Fleet = { deps, threads, running: new Map(), refused: new Map(), means: undefined }
  const trials = createSourceTrials(deps)
  // One order after the other: a stop that takes long must not meet the start of the same source.
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }
  return {
    become: (order) => inTurn(() => become(it, order)),
    statuses: () =>
      [...it.running.values()].map((one) => statusOf(it, one)).concat([...it.refused.values()].map(refusalOf)),
    source: (name) => it.running.get(name)?.source,
    look(name) {
      const running = it.running.get(name)
      return running && standingOf(it, running)
    },
    write: async (name, { tag, value }) => it.running.get(name)?.host.write(tag, value),
    browse: async (name, path) => it.running.get(name)?.host.browse(path),
    restart: (name) => inTurn(() => restart(it, name)),
    test: async (request) => (it.means ? trials(request, it.means) : UNTOLD),
    [Symbol.asyncDispose]: () => inTurn(() => stopAll(it, [...it.running.keys()])),
  }
}

/** The runner has just begun, and is told in a moment. */
const UNTOLD: RunnerAnswer = { ok: false, code: 'runner_gone', message: 'the runner is starting' }

async function become(it: Fleet, { sources, secrets, stateFolder }: SourceOrder): Promise<void> {
  it.means = { secrets, stateFolder }
  const wanted = new Map(sources.map((source) => [source.name, source]))
  it.refused = new Map([...it.refused].filter(([name]) => wanted.has(name)))
  await stopAll(
    it,
    [...it.running.keys()].filter((name) => !wanted.has(name)),
  )
  for (const one of sources) await begin(it, one, { secrets, stateFolder: join(stateFolder, one.name) })
}

type Means = { secrets: Readonly<Record<string, string>>; stateFolder: string }

/** Leaves it alone where it runs as it should. */
async function begin(it: Fleet, wanted: WantedConnection, { secrets, stateFolder }: Means): Promise<void> {
  const { name, digest } = wanted
  const running = it.running.get(name)
  // What it says has not changed: only what it names has to be looked at, without reading 100,000 tags again.
  if (
    running?.wanted.digest === digest &&
    running.key === keyOf(digest, pickSecrets(secrets, Object.keys(running.secrets)))
  )
    return
  const read = await readSource(wanted)
  const named = read.ok ? secretsNamedIn(read.said.connection) : []
  const missing = named.find((each) => secrets[each] === undefined)
  const own = pickSecrets(secrets, named)
  const key = keyOf(digest, own)
  await stopAll(it, running ? [name] : [])
  if (!read.ok) return refuse(it, { wanted, key, cause: { code: 'source_unreadable', message: read.message } })
  if (missing !== undefined) return refuse(it, { wanted, key, cause: missingCause(missing) })
  it.refused.delete(name)
  it.running.set(name, start(it, { wanted, key, source: read.said, secrets: own, stateFolder }))
}

async function readSource(wanted: WantedConnection): Promise<ParsedText<Source>> {
  const read = await readConnection(parseSource, wanted)
  const [flaw] = read.ok ? await interlockFlaws(read.said) : []
  return flaw ? { ok: false, message: `this agent cannot run it: ${flaw.tag}: ${flaw.message}`.slice(0, 500) } : read
}

function refuse(it: Fleet, { wanted, key, cause }: Omit<Refused, 'sinceMs'>): void {
  const known = it.refused.get(wanted.name)
  if (known?.key === key && known.cause.message === cause.message) return
  it.refused.set(wanted.name, { wanted, key, cause, sinceMs: it.deps.clock.nowMs() })
}

type Start = Pick<Running, 'wanted' | 'key' | 'source' | 'secrets' | 'stateFolder'>

function start(it: Fleet, begun: Start): Running {
  const { clock, random, board } = it.deps
  const { source, secrets, stateFolder } = begun
  board.open(source)
  const running: Running = {
    ...{ ...begun, sinceMs: clock.nowMs(), connects: 0, troubles: 0, told: 0 },
    ...{ rate: { told: 0, atMs: clock.monotonicMs(), perSecond: 0 } },
    host: startSource(source, {
      ...{ clock, random, secrets, stateFolder, threads: it.threads },
      onReading(reading) {
        running.told += sizeOf(reading)
        board.take(source.name, reading)
      },
      onState({ kind }) {
        running.sinceMs = clock.nowMs()
        if (kind === 'up') running.connects += 1
        else if (kind !== 'connecting') running.troubles += 1
      },
    }),
  }
  return running
}

async function stopAll(it: Fleet, names: readonly string[]): Promise<void> {
  const gone = names.flatMap((name) => it.running.get(name) ?? [])
  for (const name of names) it.running.delete(name)
  await Promise.all(gone.map(({ host }) => host[Symbol.asyncDispose]()))
  for (const { source } of gone) it.deps.board.close(source.name)
}

/** What could not be run before may be, by now. */
async function restart(it: Fleet, name: string): Promise<RunnerAnswer | undefined> {
  const known = it.running.get(name) ?? it.refused.get(name)
  if (!known || !it.means) return undefined
  const before = 'host' in known ? known.host.state().kind : 'refused'
  await stopAll(it, it.running.has(name) ? [name] : [])
  const { secrets, stateFolder } = it.means
  await begin(it, known.wanted, { secrets, stateFolder: join(stateFolder, name) })
  const refused = it.refused.get(name)
  return refused ? { ok: false, code: 'source_refused', message: refused.cause.message } : { ok: true, said: before }
}

const keyOf = (digest: string, secrets: Record<string, string>) => JSON.stringify([digest, secrets])

/** Shorter, and a round of a second would be seen twice or not at all. */
const RATE_MS = 5_000

function standingOf(it: Fleet, running: Running): SourceStanding {
  const { source, host, sinceMs, connects, troubles } = running
  return {
    ...{ source, state: host.state(), sinceMs: Math.floor(sinceMs), connects, troubles },
    ...{ ...host.figures(), valuesPerSecond: perSecondOf(it, running) },
  }
}

function perSecondOf({ deps }: Fleet, running: Running): number {
  const { told, rate } = running
  const nowMs = deps.clock.monotonicMs()
  if (nowMs - rate.atMs >= RATE_MS) {
    running.rate = { told, atMs: nowMs, perSecond: ratePerSecond(rate.told, told, nowMs - rate.atMs) }
  }
  return running.rate.perSecond
}

function statusOf(it: Fleet, running: Running): ConnectionStatus {
  const { wanted, host, sinceMs } = running
  const state: SourceState = host.state()
  const { crashes, groups, lost } = host.figures()
  return {
    ...{ kind: 'source', name: wanted.name, digest: wanted.digest, state: state.kind, sinceMs },
    ...('cause' in state && { cause: state.cause }),
    figures: {
      ...{ valuesPerSecond: perSecondOf(it, running), lost, crashes },
      rounds: groups.reduce((sum, { rounds }) => sum + rounds, 0),
      skipped: groups.reduce((sum, { skipped }) => sum + skipped, 0),
    },
  }
}

const refusalOf = ({ wanted, cause, sinceMs }: Refused): ConnectionStatus => ({
  ...{ kind: 'source', name: wanted.name, digest: wanted.digest, state: 'refused', cause, sinceMs },
})
