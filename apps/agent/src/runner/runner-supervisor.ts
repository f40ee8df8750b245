/**
 * Runner supervisor: keeps a runner running, knows what is loaded in it, and says what its end means for whom. Restarts wait longer and
 * longer, and begin anew once a runner has lived for a while. After each start the runner is empty: the reconciler loads what should serve.
 */
import type { HubAnswer } from '@skerry/connectors/sink'
import type { ConnectionStatus, HubQueueStatus } from '@skerry/contract/connection'
import type { DesiredItem } from '@skerry/contract/desired'
import type { Cause, ServingStats, ShadowStats, VersionStats } from '@skerry/contract/item'
import type { Shadow } from '@skerry/contract/serving'
import type { TelemetryBatch } from '@skerry/contract/telemetry'
import { backoffMs } from '@skerry/core/backoff'
import type { LoadedVersion } from '@skerry/core/device-plan'
import { isSameLoad } from '@skerry/core/item-life'
import type { TagWriteSum } from '@skerry/core/tag-write-sum'
import type { SourceFile } from '@skerry/inference/model-source'
import type { Clock } from '@skerry/platform/clock'
import type { Log } from '@skerry/platform/log'
import type { Address } from '../options.ts'
import type { ExpectedModel } from './expectant-host.ts'
import type { GoldenFiles, RunnerAnswer, RunnerRequest, RunnerSource, RunnerTask, SlotPulse } from './runner-message.ts'
import { type RunnerEnd, type RunnerProcess, startRunner } from './runner-process.ts'
import { createServingHistory, type ServingHistory } from './serving-history.ts'
import type { HubQuestion } from './sink-request.ts'

/** `stats` are those of this runner; `history` adds what was before it. */
export type Loaded = Omit<LoadedVersion, 'stats'> & { stats: VersionStats; history?: ServingStats; problem?: string }

export type SupervisorEvents = {
  /** Asked before each start: what should serve as soon as it is loaded. */
  expected(): ExpectedModel[]
  /** `busyWith` is what was being loaded, or answered golden inputs, when the runner ended. */
  onEnd(end: RunnerEnd, busyWith: DesiredItem | undefined): void
  onReady(): void
  /** The runner cannot serve, for a reason outside of it. It is started again all the same. */
  onRefused(cause: Cause): void
  /** Statistics arrived, with what flows wrote to tags since the last time. */
  onBeat(tagWrites: readonly TagWriteSum[]): void
  /** A sink has values for the hub. Never rejects. */
  onTelemetry(batch: TelemetryBatch): Promise<HubAnswer>
  /** The runner has logged a line. */
  onLog(line: string): void
}

export type RunnerSupervisor = AsyncDisposable & {
  /** Undefined while no runner is ready. */
  loaded(): readonly Loaded[] | undefined
  endpoints(): { rest?: Address; grpc?: Address }
  load(item: DesiredItem, source: RunnerSource): Promise<RunnerAnswer>
  golden(item: DesiredItem, files: GoldenFiles): Promise<RunnerAnswer>
  /** The version gets a copy of what its model is asked. */
  mirror(item: DesiredItem, rules: Shadow, golden: SourceFile | undefined): Promise<RunnerAnswer>
  activate(item: DesiredItem): Promise<RunnerAnswer>
  unload(item: DesiredItem): Promise<RunnerAnswer>
  /** The model will not come back: whoever asks for it is told that it is unknown. */
  forget(model: string): Promise<RunnerAnswer>
  /** Of the next runner: one that runs keeps what it began with. */
  setLogLevel(level: RunnerTask['logLevel']): void
}

/** The sources and sinks in the runner. */
export type RunnerSources = {
  /** A runner that begins is to be told again which there are. */
  askSources(request: RunnerRequest): Promise<RunnerAnswer>
  /** How they do; nothing while no runner is ready. */
  connectionStatuses(): ConnectionStatus[]
  /** What waits for the hub; nothing while no runner is ready, or none has anything for it. */
  hubQueue(): HubQueueStatus | undefined
}

const BACKOFF = { baseMs: 250, maxMs: 30_000 }

/** A runner that lived so long did not die of its start. */
const SETTLED_MS = 60_000

const UNREADY: RunnerAnswer = { ok: false, code: 'runner_gone', message: 'the runner is starting' }

type Slot = {
  name: string
  item: DesiredItem
  servingSinceMs?: number
  shadow?: { sinceMs: number; rules: Shadow }
  pulse: SlotPulse
}

const NOT_COMPARED: ShadowStats = { compared: 0, matched: 0, mismatched: 0, errors: 0, dropped: 0 }

type Supervised = {
  task: Omit<RunnerTask, 'expected'>
  deps: { clock: Clock; random: () => number; log: Log }
  events: SupervisorEvents
  stopping: AbortController
  process?: RunnerProcess
  startedAtMs: number
  isReady: boolean
  endsInARow: number
  slots: Slot[]
  connections: ConnectionStatus[]
  hubQueue?: HubQueueStatus | undefined
  slotsEver: number
  history: ServingHistory
  busyWith?: DesiredItem
}

/** Starts the first runner. */
export function superviseRunner(
  task: Omit<RunnerTask, 'expected'>,
  deps: { clock: Clock; random: () => number; log: Log },
  events: SupervisorEvents,
): RunnerSupervisor & RunnerSources {
  const it: Supervised = {
    task,
    deps,
    events,
    stopping: new AbortController(),
    startedAtMs: 0,
    isReady: false,
    endsInARow: 0,
    slots: [],
    connections: [],
    slotsEver: 0,
    history: createServingHistory(),
  }
  start(it)
  return {
    loaded: () => (it.isReady ? it.slots.map((slot) => loadedOf(slot, it.history)) : undefined),
    endpoints: () => (it.isReady ? { rest: it.task.rest, grpc: it.task.grpc } : {}),
    load: (item, source) => load(it, item, source),
    golden: (item, files) =>
      withSlot(it, item, ({ name: slot }) => busy(it, item, (runner) => runner.order({ kind: 'golden', slot, files }))),
    mirror: (item, rules, golden) => withSlot(it, item, (slot) => mirror(it, slot, { rules, golden })),
    activate: (item) => withSlot(it, item, (slot) => activate(it, slot)),
    unload: (item) => withSlot(it, item, (slot) => unload(it, slot)),
    forget: async (name) => {
      it.history.forget(name)
      return (await it.process?.order({ kind: 'deactivate', name })) ?? UNREADY
    },
    askSources: (request) => ask(it, request),
    connectionStatuses: () => (it.isReady ? it.connections : []),
    hubQueue: () => (it.isReady ? it.hubQueue : undefined),
    setLogLevel(logLevel) {
      it.task = { ...it.task, logLevel }
    },
    async [Symbol.asyncDispose]() {
      it.stopping.abort()
      await it.process?.stop()
    },
  }
}

function start(it: Supervised): void {
  it.startedAtMs = it.deps.clock.monotonicMs()
  it.process = startRunner(
    { ...it.task, expected: it.events.expected() },
    {
      onReady({ rest, grpc }) {
        // Whoever uses a port that was picked freely keeps finding it when another runner takes over.
        it.task = { ...it.task, rest, grpc }
        it.isReady = true
        it.deps.log.info('runner_ready', { rest: urlOf(rest), grpc: hostPort(grpc), runnerPid: it.process?.pid })
        it.events.onReady()
      },
      onRefused: it.events.onRefused,
      onLog: it.events.onLog,
      onTelemetry: (question) => void passOn(it, question),
      onBeat({ slots, connections, hubQueue, tagWrites }) {
        it.connections = connections
        it.hubQueue = hubQueue
        for (const pulse of slots) {
          const slot = it.slots.find(({ name }) => name === pulse.slot)
          if (slot) hear(it, slot, pulse)
        }
        it.events.onBeat(tagWrites)
      },
      onEnd: (end) => void restart(it, end),
    },
    it.deps.log,
  )
}

async function restart(it: Supervised, end: RunnerEnd): Promise<void> {
  const { busyWith } = it
  it.isReady = false
  it.slots = []
  it.connections = []
  it.hubQueue = undefined
  if (it.stopping.signal.aborted) return
  it.history.ended()
  it.events.onEnd(end, busyWith)
  const { clock, random } = it.deps
  const hasSettled = clock.monotonicMs() - it.startedAtMs > SETTLED_MS
  it.endsInARow = hasSettled ? 1 : it.endsInARow + 1
  // The first restart is at once: what served is missed by somebody.
  const waitMs = it.endsInARow === 1 ? 0 : backoffMs(it.endsInARow - 2, BACKOFF, random())
  await clock.sleep(waitMs, it.stopping.signal).catch(() => {})
  if (!it.stopping.signal.aborted) start(it)
}

/** The answer is for the runner that asked: the next one counts anew. */
async function passOn(it: Supervised, { id, batch }: HubQuestion): Promise<void> {
  const runner = it.process
  const answer = await it.events.onTelemetry(batch)
  await runner?.order({ kind: 'hub-answer', batch: id, answer })
}

const ask = async (it: Supervised, request: RunnerRequest): Promise<RunnerAnswer> =>
  it.process && it.isReady ? it.process.order(request) : UNREADY

async function load(it: Supervised, item: DesiredItem, source: RunnerSource): Promise<RunnerAnswer> {
  const name = `${item.model}/${item.version}/${++it.slotsEver}`
  const order = { kind: 'load' as const, slot: name, source, settings: item.serving }
  const answer = await busy(it, item, (runner) => runner.order(order))
  if (answer.ok) it.slots.push({ name, item, pulse: { slot: name, stats: { requests: 0, failures: 0 } } })
  return answer
}

async function activate(it: Supervised, slot: Slot): Promise<RunnerAnswer> {
  const { model, version } = slot.item
  const order = { kind: 'activate' as const, slot: slot.name, name: model, version: String(version) }
  const answer = (await it.process?.order(order)) ?? UNREADY
  if (!answer.ok) return answer
  for (const other of it.slots) {
    if (other.item.model !== model) continue
    delete other.servingSinceMs
    delete other.shadow
  }
  slot.servingSinceMs = it.deps.clock.monotonicMs()
  it.history.activated(slot.item)
  return answer
}

async function mirror(
  it: Supervised,
  slot: Slot,
  { rules, golden }: { rules: Shadow; golden: SourceFile | undefined },
): Promise<RunnerAnswer> {
  const order = { kind: 'mirror' as const, slot: slot.name, name: slot.item.model, rules, golden }
  const answer = (await it.process?.order(order)) ?? UNREADY
  if (!answer.ok) return answer
  // What was compared before counts no more; the next beat tells what has been since.
  delete slot.pulse.shadow
  slot.shadow = { sinceMs: it.deps.clock.monotonicMs(), rules }
  return answer
}

function hear(it: Supervised, slot: Slot, pulse: SlotPulse): void {
  slot.pulse = pulse
  if (slot.servingSinceMs !== undefined) it.history.heard(slot.item, pulse.stats)
}

async function unload(it: Supervised, slot: Slot): Promise<RunnerAnswer> {
  const { process: runner } = it
  if (!runner) return UNREADY
  if (slot.servingSinceMs !== undefined) await runner.order({ kind: 'deactivate', name: slot.item.model })
  const answer = await runner.order({ kind: 'unload', slot: slot.name })
  // Whether it ended well or is stuck: the slot answers nobody any more.
  it.slots = it.slots.filter((other) => other !== slot)
  if (!answer.ok && answer.code === 'slot_stuck') runner.kill(answer.message)
  return answer
}

async function busy(
  it: Supervised,
  item: DesiredItem,
  work: (runner: RunnerProcess) => Promise<RunnerAnswer>,
): Promise<RunnerAnswer> {
  if (!it.process || !it.isReady) return UNREADY
  it.busyWith = item
  const answer = await work(it.process)
  delete it.busyWith
  return answer
}

function withSlot(
  it: Supervised,
  item: DesiredItem,
  work: (slot: Slot) => Promise<RunnerAnswer>,
): Promise<RunnerAnswer> {
  const slot = it.slots.find((other) => other.item.model === item.model && isSameLoad(other.item, item))
  return slot
    ? work(slot)
    : Promise.resolve({ ok: false, code: 'runner_gone', message: 'the version is not loaded any more' })
}

const loadedOf = ({ item, servingSinceMs, shadow, pulse }: Slot, history: ServingHistory): Loaded => ({
  item,
  stats: pulse.stats,
  history: history.statsOf(item, pulse.stats),
  ...(shadow ? { shadow: { ...shadow, stats: pulse.shadow ?? NOT_COMPARED } } : {}),
  ...(servingSinceMs === undefined ? {} : { servingSinceMs }),
  ...(pulse.problem === undefined ? {} : { problem: pulse.problem }),
})

/** `host:port`, with the brackets that IPv6 needs. */
export const hostPort = ({ host, port }: Address): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

/** Where REST clients go. */
export const urlOf = (address: Address): string => `http://${hostPort(address)}`
