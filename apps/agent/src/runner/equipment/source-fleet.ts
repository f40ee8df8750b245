/**
 * Source fleet: the sources that run in the runner. From a list of wanted sources, it starts new ones, stops removed
 * ones, restarts changed ones, and leaves the others alone. Only the newest list counts.
 */
import { join } from 'node:path'
import { sizeOf } from '@skerry/connectors/reading'
import type { BrowseAnswer } from '@skerry/connectors/session'
import { type HostWriteOutcome, type SourceHost, startSource } from '@skerry/connectors/sources/source-host'
import { parseSource } from '@skerry/connectors/sources/source-parsing'
import type { GroupFigures, SourceState } from '@skerry/connectors/sources/source-state'
import { type SourceThreads, sharedThreads } from '@skerry/connectors/sources/source-threads'
import { interlockFlaws } from '@skerry/connectors/sources/write-guard'
import type { ConnectionStatus } from '@skerry/contract/connections/connection'
import { secretsNamedIn } from '@skerry/contract/secrets/secret-reference'
import type { Source } from '@skerry/contract/sources/source'
import type { SourceLook } from '@skerry/contract/sources/source-look'
import type { TagContent } from '@skerry/contract/sources/tag'
import type { ParsedText } from '@skerry/contract/values/parse-text'
import { type ShownState, shownAfter } from '@skerry/core/connections/shown-state'
import type { Clock } from '@skerry/platform/process/clock'
import {
  createFleet,
  createRate,
  createTurns,
  type Fleet,
  type PrepareWorker,
  type RefusedWorker,
} from '@skerry/platform/process/fleet'
import type { GateMemory } from '@skerry/platform/process/lease-gate'
import type { RunnerAnswer } from '../runner-message.ts'
import { missingCause, pickSecrets, readConnection, type WantedConnection } from './connection-file.ts'
import { idleSource } from './idle-source.ts'
import type { SourceBoard } from './source-board.ts'
import { createSourceTrials, type TrialMeans, type TrialRequest } from './source-trial.ts'

export type SourceOrder = {
  sources: readonly WantedConnection[]
  /** The device's own secrets, by name. */
  secrets: Readonly<Record<string, string>>
  /** The folder for data that sources must not lose. */
  stateFolder: string
  /** This device is the passive one of a pair: flows know the sources, and nothing connects to equipment. */
  isIdle?: boolean
}

export type SourceFleet = AsyncDisposable & {
  /** From now on, exactly these sources are wanted. */
  become(order: SourceOrder): Promise<void>
  statuses(): ConnectionStatus[]
  source(name: string): Source | undefined
  /** As `source`. A source that starts again in this moment is waited for. */
  settledSource(name: string): Promise<Source | undefined>
  look(name: string): SourceStanding | undefined
  write(name: string, order: { tag: string; value: TagContent }): Promise<HostWriteOutcome | undefined>
  browse(name: string, path: string): Promise<BrowseAnswer | undefined>
  /** Restarts a source, and reports its previous state. Undefined if there is none. */
  restart(name: string): Promise<RunnerAnswer | undefined>
  /** Tests a source that is not among them. */
  test(request: TrialRequest): Promise<RunnerAnswer>
}

/** A source that runs, with the history of its connection since its start. */
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
  /** Closed while this device may not write to equipment. */
  gate?: GateMemory
  /** Replaces threads of sources in tests of crashes. */
  thread?: URL
}

type Running = {
  wanted: WantedConnection
  /** The inputs of its start: if they change, the source restarts. */
  key: string
  stateFolder: string
  source: Source
  secrets: Record<string, string>
  host: SourceHost
  shown: ShownState<SourceState>
  /** How often it came up, and how often it went down or failed to connect. */
  connects: number
  troubles: number
  told: number
  rate: { perSecond(told: number): number }
}
type Refused = RefusedWorker<WantedConnection>
type Sources = {
  deps: SourceFleetDeps
  threads: SourceThreads
  fleet: Fleet<WantedConnection, Running>
  /** As of the newest list. */
  means: TrialMeans | undefined
  isIdle: boolean
}

/** At the start no source runs. */
export function createSourceFleet(deps: SourceFleetDeps): SourceFleet {
  const threads = sharedThreads(deps.thread)
  const fleet = createFleet<WantedConnection, Running>({ clock: deps.clock, stop: (one) => stop(deps, one) })
  const { running, refused } = fleet
  const it: Sources = { deps, threads, fleet, means: undefined, isIdle: false }
  const trials = createSourceTrials(deps)
  // One order after the other: a slow stop must not meet the start of the same source.
  const { inTurn, idle } = createTurns()
  return {
    become: (order) => inTurn(() => become(it, order)),
    statuses: () =>
      [...running.values()]
        .filter(({ host }) => host !== idleSource)
        .map((one) => statusOf(one))
        .concat([...refused.values()].map(refusalOf)),
    source: (name) => running.get(name)?.source,
    async settledSource(name) {
      if (!running.has(name)) await idle()
      return running.get(name)?.source
    },
    look(name) {
      const one = running.get(name)
      return one && standingOf(one)
    },
    write: async (name, { tag, value }) => running.get(name)?.host.write(tag, value),
    browse: async (name, path) => running.get(name)?.host.browse(path),
    restart: (name) => inTurn(() => restart(it, name)),
    test: async (request) => (it.means ? trials(request, it.means) : UNTOLD),
    [Symbol.asyncDispose]: () => inTurn(fleet.stopAll),
  }
}

/** The runner has just begun, and gets its list in a moment. */
const UNTOLD: RunnerAnswer = { ok: false, code: 'runner_gone', message: 'the runner is starting' }

async function become(it: Sources, order: SourceOrder): Promise<void> {
  const { sources, secrets, stateFolder, isIdle = false } = order
  it.means = { secrets, stateFolder }
  it.isIdle = isIdle
  await it.fleet.follow(sources, preparing(it, it.means))
}

/** An unchanged source is checked only for its named secrets, without reading 100,000 tags again. */
const preparing =
  (it: Sources, { secrets, stateFolder }: TrialMeans): PrepareWorker<WantedConnection, Running> =>
  async (wanted, running) => {
    const { name, digest } = wanted
    const isSame =
      running?.wanted.digest === digest &&
      running.key === keyOf(it, digest, pickSecrets(secrets, Object.keys(running.secrets)))
    if (isSame) return { kind: 'unchanged' }
    const read = await readSource(wanted)
    const named = read.ok ? secretsNamedIn(read.said.connection) : []
    const missing = named.find((each) => secrets[each] === undefined)
    const own = pickSecrets(secrets, named)
    const key = keyOf(it, digest, own)
    if (!read.ok) return { kind: 'refused', key, cause: { code: 'source_unreadable', message: read.message } }
    if (missing !== undefined) return { kind: 'refused', key, cause: missingCause(missing) }
    const begun = { wanted, key, source: read.said, secrets: own, stateFolder: join(stateFolder, name) }
    return { kind: 'ready', start: () => start(it, begun) }
  }

async function readSource(wanted: WantedConnection): Promise<ParsedText<Source>> {
  const read = await readConnection(parseSource, wanted)
  const [flaw] = read.ok ? await interlockFlaws(read.said) : []
  return flaw ? { ok: false, message: `this agent cannot run it: ${flaw.tag}: ${flaw.message}`.slice(0, 500) } : read
}

type Start = Pick<Running, 'wanted' | 'key' | 'source' | 'secrets' | 'stateFolder'>

function start(it: Sources, begun: Start): Running {
  const { clock, random, board, gate } = it.deps
  const { source, secrets, stateFolder } = begun
  board.open(source)
  const running: Running = {
    ...begun,
    shown: { state: { kind: 'connecting' }, sinceMs: clock.nowMs() },
    connects: 0,
    troubles: 0,
    told: 0,
    rate: createRate(clock),
    host: it.isIdle
      ? idleSource
      : startSource(source, {
          clock,
          random,
          secrets,
          stateFolder,
          threads: it.threads,
          gate,
          onReading(reading) {
            running.told += sizeOf(reading)
            board.take(source.name, reading)
          },
          onState(state) {
            running.shown = shownAfter(running.shown, state, clock.nowMs())
            const { kind } = state
            if (kind === 'up') running.connects += 1
            else if (kind !== 'connecting') running.troubles += 1
          },
        }),
  }
  return running
}

async function stop({ board }: SourceFleetDeps, { host, source }: Running): Promise<void> {
  await host[Symbol.asyncDispose]()
  board.close(source.name)
}

/** A source that could not run before may be able to now. */
async function restart(it: Sources, name: string): Promise<RunnerAnswer | undefined> {
  const { running, refused } = it.fleet
  const known = running.get(name) ?? refused.get(name)
  if (!known || !it.means) return undefined
  const before = 'host' in known ? known.host.state().kind : 'refused'
  await it.fleet.restart(known.wanted, preparing(it, it.means))
  const refusal = refused.get(name)
  return refusal ? { ok: false, code: 'source_refused', message: refusal.cause.message } : { ok: true, said: before }
}

const keyOf = ({ isIdle }: Pick<Sources, 'isIdle'>, digest: string, secrets: Record<string, string>) =>
  JSON.stringify([digest, secrets, isIdle])

function standingOf(running: Running): SourceStanding {
  const { source, host, shown, connects, troubles } = running
  return {
    source,
    state: shown.state,
    sinceMs: Math.floor(shown.sinceMs),
    connects,
    troubles,
    ...host.figures(),
    valuesPerSecond: perSecondOf(running),
  }
}

const perSecondOf = ({ rate, told }: Running) => rate.perSecond(told)

function statusOf(running: Running): ConnectionStatus {
  const { wanted, host, shown } = running
  const { state, sinceMs } = shown
  const { crashes, groups, lost } = host.figures()
  return {
    kind: 'source',
    name: wanted.name,
    digest: wanted.digest,
    state: state.kind,
    sinceMs,
    ...('cause' in state && { cause: state.cause }),
    figures: {
      valuesPerSecond: perSecondOf(running),
      lost,
      crashes,
      rounds: groups.reduce((sum, { rounds }) => sum + rounds, 0),
      skipped: groups.reduce((sum, { skipped }) => sum + skipped, 0),
    },
  }
}

const refusalOf = ({ wanted, cause, sinceMs }: Refused): ConnectionStatus => ({
  kind: 'source',
  name: wanted.name,
  digest: wanted.digest,
  state: 'refused',
  cause,
  sinceMs,
})
