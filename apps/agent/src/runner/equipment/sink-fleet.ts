/**
 * Sink fleet: the sinks that run in the runner, each with its queue on the device's disk, and the queue for the hub. Told which there should be, it starts
 * what is new, stops what is gone, starts anew what has changed and leaves the others alone. What a queue holds outlives all of that.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ForwardFigures } from '@skerry/connectors/forwarding/forwarder'
import type { HubTelemetry } from '@skerry/connectors/sink'
import { type SinkHost, startSink } from '@skerry/connectors/sinks/sink-host'
import type { SinkOrder } from '@skerry/connectors/sinks/sink-state'
import type { ConnectionStatus, HubQueueStatus } from '@skerry/contract/connections/connection'
import { type QueueLook, shortCause } from '@skerry/contract/hub/queue-look'
import { secretsNamedIn } from '@skerry/contract/secrets/secret-reference'
import { Sink } from '@skerry/contract/sinks/sink'
import { LOSSES_SHOWN_MAX } from '@skerry/contract/sinks/sink-loss'
import type { Priority, SinkValue } from '@skerry/contract/sinks/sink-value'
import { parseText } from '@skerry/contract/values/parse-text'
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
import { pickSecrets, readConnection, type WantedConnection } from './connection-file.ts'
import { type CommandMeans, type SinkCommands, serveCommands } from './sink-commands.ts'

export type SinkFleetOrder = {
  sinks: readonly WantedConnection[]
  /** The device's own, by name. */
  secrets: Readonly<Record<string, string>>
  /** Each sink has a folder of its name in it, with its queue and what it writes. */
  folder: string
  /** The queue of what is for the hub. */
  hubFolder: string
}

/** The hub needs no setting up. */
export type SinkAddress = { kind: 'hub' } | { kind: 'sink'; sink: string }

export type SinkFleet = AsyncDisposable & {
  /** There are just these from now on. */
  become(order: SinkFleetOrder): Promise<void>
  /** Resolves when the value is on its way to the disk; what does not get there is counted by the sink. */
  offer(to: SinkAddress, value: SinkValue, priority: Priority): Promise<TellOutcome>
  statuses(): ConnectionStatus[]
  /** How the queue for the hub does; undefined where there is none. */
  hubQueue(): HubQueueStatus | undefined
  /** What waits for one; undefined where it does not run, and nothing waits. */
  look(at: SinkAddress): QueueLook | undefined
}

export type SinkFleetDeps = CommandMeans & { clock: Clock; random: () => number; hub: HubTelemetry }

type Hosted = {
  sink: Sink
  host: SinkHost
  sinceMs: number
  rate: { perSecond(delivered: number): number }
  /** Of one that lets tags be written. */
  commands: SinkCommands | undefined
}
type Running = Hosted & { wanted: WantedConnection; secrets: Record<string, string> }
type Refused = RefusedWorker<WantedConnection>

type Sinks = {
  deps: SinkFleetDeps
  fleet: Fleet<WantedConnection, Running>
  hub: Hosted | undefined
  hubFolder: string | undefined
}

/** Its numbers count once at the hub. */
const HUB_SINK = Sink.parse({ name: 'hub', protocol: 'hub' })

/** No sink runs yet. */
export function createSinkFleet(deps: SinkFleetDeps): SinkFleet {
  const fleet = createFleet<WantedConnection, Running>({ clock: deps.clock, stop })
  const it: Sinks = { deps, fleet, hub: undefined, hubFolder: undefined }
  // One order after the other, and no value in between: two threads must never have one queue, and no value find none.
  const { inTurn, idle } = createTurns()
  return {
    become: (order) => inTurn(() => become(it, order)),
    async offer(to, value, priority) {
      await idle()
      return offer(it, to, value, priority)
    },
    statuses: () =>
      [...fleet.running.values()].map((one) => statusOf(it, one)).concat([...fleet.refused.values()].map(refusalOf)),
    hubQueue: () => it.hub && hostedStatus(it, it.hub),
    look: (at) => lookAt(it, at),
    [Symbol.asyncDispose]: () => inTurn(() => end(it)),
  }
}

async function become(it: Sinks, order: SinkFleetOrder): Promise<void> {
  it.hubFolder = order.hubFolder
  // What waited for the hub when the runner ended goes on its way, whether or not there is more.
  if (existsSync(order.hubFolder)) it.hub ??= startHub(it, order.hubFolder)
  await it.fleet.follow(order.sinks, preparing(it, order))
}

/** A sink that lacks a secret runs, too: values wait in its queue until the secret is there. */
const preparing =
  (it: Sinks, { secrets, folder }: SinkFleetOrder): PrepareWorker<WantedConnection, Running> =>
  async (wanted, running) => {
    const { name, digest } = wanted
    const read = await readConnection(async (text) => parseText(Sink, text), wanted)
    const own = read.ok ? pickSecrets(secrets, secretsNamedIn(read.said)) : {}
    if (running?.wanted.digest === digest && isSame(running.secrets, own)) return { kind: 'unchanged' }
    if (!read.ok) return { kind: 'refused', key: digest, cause: { code: 'sink_unreadable', message: read.message } }
    const order = { sink: read.said, folder: join(folder, name), secrets: own }
    return { kind: 'ready', start: () => Object.assign(host(it, order), { wanted, secrets: own }) }
  }

/** Starts it. */
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
    sinceMs: clock.nowMs(),
    rate: createRate(clock),
    host: startSink(order, {
      clock,
      random,
      hub,
      onState({ kind }) {
        hosted.sinceMs = clock.nowMs()
        if (kind === 'up') commands?.tellAll()
      },
      onCommand: (command) => commands?.hear(command),
    }),
  }
  return hosted
}

const isSame = (one: Record<string, string>, other: Record<string, string>) =>
  JSON.stringify(one) === JSON.stringify(other)

const startHub = (it: Sinks, folder: string): Hosted => host(it, { sink: HUB_SINK, folder, secrets: {} })

/** Resolves when what it was given is on the disk. */
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

/** Does not wait for the disk: at a flush a tenth of a second, one value after the other would be ten in a second. */
function offer(it: Sinks, to: SinkAddress, value: SinkValue, priority: Priority): TellOutcome {
  const host = (to.kind === 'hub' ? hubOf(it) : it.fleet.running.get(to.sink))?.host
  if (!host) return UNKNOWN
  const state = host.state()
  void host.offer([value], priority)
  if (state.kind !== 'crashed' && state.kind !== 'quarantined') return { ok: true }
  return { ok: false, code: 'sink_crashed', message: state.cause.message }
}

/** A device whose flows tell the hub nothing has no thread for it. */
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

/** Of all sinks together: a report is one message, however many there are. */
const RANGES_MAX = 512

function hostedStatus(it: Sinks, hosted: Hosted): HubQueueStatus {
  const { host, sinceMs } = hosted
  const state = host.state()
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
  const { sink, host, sinceMs } = hosted
  const { forward = NOT_BEGUN, losses, unstored } = host.figures()
  const state = host.state()
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

/** Until the thread has said what is in its queue. */
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
