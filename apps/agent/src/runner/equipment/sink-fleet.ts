/**
 * Sink fleet: the sinks that run in the runner, each with its queue on the device's disk, and the queue for the hub.
 * From a list of wanted sinks, it starts new ones, stops removed ones, restarts changed ones, and leaves the others
 * alone. The content of a queue outlives all of that.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ForwardFigures } from '@skerry/connectors/forwarding/forwarder'
import type { HubTelemetry } from '@skerry/connectors/sink'
import { type SinkHost, startSink } from '@skerry/connectors/sinks/sink-host'
import type { SinkOrder, SinkState } from '@skerry/connectors/sinks/sink-state'
import type { ConnectionStatus, HubQueueStatus } from '@skerry/contract/connections/connection'
import { type QueueLook, shortCause } from '@skerry/contract/hub/queue-look'
import { secretsNamedIn } from '@skerry/contract/secrets/secret-reference'
import { Sink } from '@skerry/contract/sinks/sink'
import { LOSSES_SHOWN_MAX } from '@skerry/contract/sinks/sink-loss'
import type { Priority, SinkValue } from '@skerry/contract/sinks/sink-value'
import { parseText } from '@skerry/contract/values/parse-text'
import { type ShownState, shownAfter } from '@skerry/core/connections/shown-state'
import { boundedLosses } from '@skerry/core/equipment/loss'
import type { TellOutcome } from '@skerry/flows/outlet'
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
import { pickSecrets, readConnection, type WantedConnection } from './connection-file.ts'
import { type CommandMeans, type SinkCommands, serveCommands } from './sink-commands.ts'
import { createSinkTrials, type SinkTrialMeans, type SinkTrialRequest } from './sink-trials.ts'

export type SinkFleetOrder = {
  sinks: readonly WantedConnection[]
  /** The device's own secrets, by name. */
  secrets: Readonly<Record<string, string>>
  /** The folder with a folder for each sink: its queue and its files. */
  folder: string
  /** The folder of the queue for the hub. */
  hubFolder: string
}

/** The hub needs no configuration. */
export type SinkAddress = { kind: 'hub' } | { kind: 'sink'; sink: string }

export type SinkFleet = AsyncDisposable & {
  /** From now on, exactly these sinks are wanted. */
  become(order: SinkFleetOrder): Promise<void>
  /** Resolves when the value is on its way to the disk. The sink counts values that do not get there. */
  offer(to: SinkAddress, value: SinkValue, priority: Priority): Promise<TellOutcome>
  /** Resolves when the value is on the disk, with the number of values that found no room. */
  offerToHub(value: SinkValue, priority: Priority): Promise<{ lost: number }>
  statuses(): ConnectionStatus[]
  /** The state of the queue for the hub. Undefined if there is none. */
  hubQueue(): HubQueueStatus | undefined
  /** The waiting values of a sink. Undefined if it does not run, so that nothing waits. */
  look(at: SinkAddress): QueueLook | undefined
  /** Tests a sink that need not be among them. */
  test(request: SinkTrialRequest): Promise<RunnerAnswer>
}

export type SinkFleetDeps = CommandMeans & {
  clock: Clock
  random: () => number
  hub: HubTelemetry
  /** Closed while this device may not write. The hub is no equipment: its values go out at any time. */
  gate?: GateMemory
}

type Hosted = {
  sink: Sink
  host: SinkHost
  shown: ShownState<SinkState>
  rate: { perSecond(delivered: number): number }
  /** Set for a sink that allows writes to tags. */
  commands: SinkCommands | undefined
}
type Running = Hosted & { wanted: WantedConnection; secrets: Record<string, string> }
type Refused = RefusedWorker<WantedConnection>

type Sinks = {
  deps: SinkFleetDeps
  fleet: Fleet<WantedConnection, Running>
  hub: Hosted | undefined
  hubFolder: string | undefined
  /** As of the newest list. */
  means: SinkTrialMeans | undefined
}

/** The hub counts each of its numbers once. */
const HUB_SINK = Sink.parse({ name: 'hub', protocol: 'hub' })

/** At the start no sink runs. */
export function createSinkFleet(deps: SinkFleetDeps): SinkFleet {
  const fleet = createFleet<WantedConnection, Running>({ clock: deps.clock, stop })
  const it: Sinks = { deps, fleet, hub: undefined, hubFolder: undefined, means: undefined }
  const trials = createSinkTrials(deps)
  // One order after the other, and no value during an order: two threads must never have the same queue, and each value
  // must find one.
  const { inTurn, idle } = createTurns()
  return {
    become: (order) => inTurn(() => become(it, order)),
    async offer(to, value, priority) {
      await idle()
      return offer(it, to, value, priority)
    },
    async offerToHub(value, priority) {
      await idle()
      return (await hubOf(it)?.host.offer([value], priority)) ?? { lost: 1 }
    },
    statuses: () =>
      [...fleet.running.values()].map((one) => statusOf(it, one)).concat([...fleet.refused.values()].map(refusalOf)),
    hubQueue: () => it.hub && hostedStatus(it, it.hub),
    look: (at) => lookAt(it, at),
    test: async (request) => (it.means ? trials(request, it.means) : UNTOLD),
    [Symbol.asyncDispose]: () => inTurn(() => end(it)),
  }
}

/** The runner has just begun, and gets its list in a moment. */
const UNTOLD: RunnerAnswer = { ok: false, code: 'runner_gone', message: 'the runner is starting' }

async function become(it: Sinks, order: SinkFleetOrder): Promise<void> {
  it.hubFolder = order.hubFolder
  it.means = { secrets: order.secrets, folder: order.folder }
  // Values that waited for the hub when the runner ended are sent, even without new ones.
  if (existsSync(order.hubFolder)) it.hub ??= startHub(it, order.hubFolder)
  await it.fleet.follow(order.sinks, preparing(it, order))
}

/** A sink that lacks a secret runs too: values wait in its queue until the secret is there. */
const preparing =
  (it: Sinks, { secrets, folder }: SinkFleetOrder): PrepareWorker<WantedConnection, Running> =>
  async (wanted, running) => {
    const { name, digest } = wanted
    const read = await readConnection(async (text) => parseText(Sink, text), wanted)
    const own = read.ok ? pickSecrets(secrets, secretsNamedIn(read.said)) : {}
    if (running?.wanted.digest === digest && isSame(running.secrets, own)) return { kind: 'unchanged' }
    if (!read.ok) return { kind: 'refused', key: digest, cause: { code: 'sink_unreadable', message: read.message } }
    const order = { sink: read.said, folder: join(folder, name), secrets: own, gate: it.deps.gate }
    return { kind: 'ready', start: () => Object.assign(host(it, order), { wanted, secrets: own }) }
  }

/** Starts the sink of a preparation. */
function host({ deps }: Sinks, order: SinkOrder): Hosted {
  const { clock, random, hub } = deps
  const { sink } = order
  const commands =
    sink.protocol === 'sparkplug'
      ? serveCommands(sink, deps, (values) => void hosted.host.offer(values, 'normal'))
      : undefined
  const hosted: Hosted = {
    sink,
    commands,
    shown: { state: { kind: 'connecting' }, sinceMs: clock.nowMs() },
    rate: createRate(clock),
    host: startSink(order, {
      clock,
      random,
      hub,
      onState(state) {
        hosted.shown = shownAfter(hosted.shown, state, clock.nowMs())
        if (state.kind === 'up') commands?.tellAll()
      },
      onCommand: (command) => commands?.hear(command),
    }),
  }
  return hosted
}

const isSame = (one: Record<string, string>, other: Record<string, string>) =>
  JSON.stringify(one) === JSON.stringify(other)

const startHub = (it: Sinks, folder: string): Hosted => host(it, { sink: HUB_SINK, folder, secrets: {} })

/** Resolves when all values that it got are on the disk. */
async function stop({ commands, host }: Running): Promise<void> {
  commands?.[Symbol.dispose]()
  await host[Symbol.asyncDispose]()
}

async function end(it: Sinks): Promise<void> {
  const { hub } = it
  it.hub = undefined
  it.hubFolder = undefined
  await Promise.all([it.fleet.stopAll(), hub?.host[Symbol.asyncDispose]()])
}

const UNKNOWN: TellOutcome = { ok: false, code: 'sink_unknown', message: 'this device has no such sink' }

/**
 * Does not wait for the disk: a flush takes a tenth of a second, so that a flow could send only ten values a second.
 */
function offer(it: Sinks, to: SinkAddress, value: SinkValue, priority: Priority): TellOutcome {
  const host = (to.kind === 'hub' ? hubOf(it) : it.fleet.running.get(to.sink))?.host
  if (!host) return UNKNOWN
  const state = host.state()
  void host.offer([value], priority)
  if (state.kind !== 'crashed' && state.kind !== 'quarantined') return { ok: true }
  return { ok: false, code: 'sink_crashed', message: state.cause.message }
}

/** If no flow sends values to the hub, the device needs no thread for it. */
function hubOf(it: Sinks): Hosted | undefined {
  if (it.hubFolder !== undefined) it.hub ??= startHub(it, it.hubFolder)
  return it.hub
}

const perSecondOf = ({ host, rate }: Hosted) => rate.perSecond(host.figures().forward?.delivered ?? 0)

const statusOf = (it: Sinks, running: Running): ConnectionStatus => ({
  kind: 'sink',
  name: running.wanted.name,
  digest: running.wanted.digest,
  ...hostedStatus(it, running),
})

/** The most ranges of all sinks together: a report is one message, however many there are. */
const RANGES_MAX = 512

function hostedStatus(it: Sinks, hosted: Hosted): HubQueueStatus {
  const { host, shown } = hosted
  const { state, sinceMs } = shown
  const { crashes, unstored, losses, forward = NOT_BEGUN } = host.figures()
  const rangesMax = Math.min(LOSSES_SHOWN_MAX, Math.floor(RANGES_MAX / (it.fleet.running.size + 1)))
  return {
    state: state.kind,
    sinceMs,
    ...('cause' in state && { cause: state.cause }),
    figures: {
      valuesPerSecond: perSecondOf(hosted),
      rounds: forward.sends,
      skipped: 0,
      crashes,
      lost: unstored + forward.lost,
      waiting: forward.waiting,
      waitingBytes: forward.waitingBytes,
      ...(forward.waiting > 0 && { oldestMs: Math.floor(forward.oldestMs) }),
      ...(losses.length > 0 && { losses: boundedLosses(losses, rangesMax).slice(-rangesMax) }),
    },
  }
}

const refusalOf = ({ wanted, cause, sinceMs }: Refused): ConnectionStatus => ({
  kind: 'sink',
  name: wanted.name,
  digest: wanted.digest,
  state: 'refused',
  sinceMs,
  cause,
})

function lookAt(it: Sinks, at: SinkAddress): QueueLook | undefined {
  const hosted = at.kind === 'hub' ? it.hub : it.fleet.running.get(at.sink)
  if (!hosted) return undefined
  const { sink, host, shown } = hosted
  const { forward = NOT_BEGUN, losses, unstored } = host.figures()
  const { state, sinceMs } = shown
  const { bytesMax, ageMaxSeconds } = sink.queue
  const { offered, delivered, lost, waiting, waitingBytes, lanes } = forward
  return {
    kind: at.kind,
    name: sink.name,
    state: state.kind,
    sinceMs: Math.floor(sinceMs),
    ...('cause' in state && { cause: shortCause(state.cause) }),
    offered,
    delivered,
    lost,
    waiting,
    waitingBytes,
    lanes,
    bytesMax,
    ageMaxSeconds,
    unstored,
    oldestMs: Math.floor(forward.oldestMs),
    deliveredPerSecond: perSecondOf(hosted),
    losses: boundedLosses(losses, LOSSES_SHOWN_MAX),
  }
}

/** Until the thread has reported the content of its queue. */
const NOT_BEGUN: ForwardFigures = {
  offered: 0,
  delivered: 0,
  lost: 0,
  waiting: 0,
  waitingBytes: 0,
  oldestMs: 0,
  lanes: [],
  sends: 0,
  troubles: 0,
}
