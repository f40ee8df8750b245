/**
 * Runner supervisor: keeps a runner running, knows its loaded versions, and reports the consequences of its end. The
 * waits before restarts grow, and are short again after a runner has lived for a while. After each start the runner is
 * empty: the reconciler loads the versions that should serve.
 */
import type { ConnectionStatus, HubQueueStatus } from '@skerry/contract/connections/connection'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Cause } from '@skerry/contract/devices/item'
import type { Serving, Shadow } from '@skerry/contract/models/serving'
import type { DeviceResidency } from '@skerry/contract/scaling/residency'
import { workerBytesOf } from '@skerry/core/device/fit'
import { isSameLoad } from '@skerry/core/device/item-life'
import { servingOf } from '@skerry/core/kinds/kinds'
import { backoffMs } from '@skerry/core/values/backoff'
import type { SourceFile } from '@skerry/inference/runtime/model-source'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { MovedVersion } from '../monitors/monitor-board.ts'
import type { Address } from '../options.ts'
import { hostPort, urlOf } from './equipment/address-text.ts'
import type { HubQuestion } from './equipment/sink-request.ts'
import type { LingerOrder } from './handover/linger.ts'
import type { Predecessor } from './handover/predecessor.ts'
import { openRunMarks, type RunMarks } from './run-marks.ts'
import type {
  GoldenFiles,
  RunnerAnswer,
  RunnerOrder,
  RunnerRequest,
  RunnerSource,
  RunnerTask,
  SlotPulse,
} from './runner-message.ts'
import { failingCause, type RunnerEnd, type RunnerProcess, startRunner } from './runner-process.ts'
import { crashOf, type Loaded, loadedOf, type RunnerSlot, type RunnerWork, takeCell } from './runner-slot.ts'
import { createServingHistory, type ServingHistory } from './serving-history.ts'
import type { SupervisorEvents } from './supervisor-events.ts'

export type RunnerSupervisor = AsyncDisposable & {
  /** Undefined while no runner is ready. */
  loaded(): readonly Loaded[] | undefined
  endpoints(): { rest?: Address; grpc?: Address }
  /** The models in memory. Undefined while no runner is ready. */
  residency(): DeviceResidency | undefined
  load(item: DesiredItem, source: RunnerSource, isolation: Serving['isolation']): Promise<RunnerAnswer>
  /** The reason why no runner can begin. Undefined if one can. */
  trouble(): Cause | undefined
  /** The version is away for now: clients get the reason. */
  expect(item: DesiredItem, reason: string): Promise<RunnerAnswer>
  golden(item: DesiredItem, files: GoldenFiles): Promise<RunnerAnswer>
  /** The version gets a copy of its model's requests. */
  mirror(item: DesiredItem, rules: Shadow, golden: SourceFile | undefined): Promise<RunnerAnswer>
  activate(item: DesiredItem): Promise<RunnerAnswer>
  unload(item: DesiredItem): Promise<RunnerAnswer>
  /** The model will not come back: clients get the answer that it is unknown. */
  forget(model: string): Promise<RunnerAnswer>
  /**
   * Leaves the runner behind, with its models, for the time until another agent takes over. False if it could not be
   * left: then it ends with this agent.
   */
  leave(wish: Omit<LingerOrder, 'kind'>, note: (runner: LeftRunner) => Promise<boolean>): Promise<boolean>
  /** Applies to the next runner: a running one keeps its log level. */
  setLogLevel(level: RunnerTask['logLevel']): void
}

export type LeftRunner = { pid: number; rest: Address; grpc: Address }

/** The sources and sinks in the runner. */
export type RunnerSources = {
  /** After its start, a runner must get the list of wanted connections again. */
  askSources(request: RunnerRequest): Promise<RunnerAnswer>
  /** The states of the connections. None while no runner is ready. */
  connectionStatuses(): ConnectionStatus[]
  /** The queue for the hub. Undefined while no runner is ready, or if nothing waits. */
  hubQueue(): HubQueueStatus | undefined
}

const BACKOFF = { baseMs: 250, maxMs: 30_000 }

/** In milliseconds. A runner that lived for this time did not die of its start. */
const SETTLED_MS = 60_000

const UNREADY: RunnerAnswer = { ok: false, code: 'runner_gone', message: 'the runner is starting' }

type Supervised = {
  task: Omit<RunnerTask, 'expected'>
  deps: { clock: Clock; random: () => number; log: Log }
  events: SupervisorEvents
  stopping: AbortController
  process?: RunnerProcess
  startedAtMs: number
  isReady: boolean
  endsInARow: number
  slots: RunnerSlot[]
  connections: ConnectionStatus[]
  hubQueue?: HubQueueStatus | undefined
  residency?: DeviceResidency | undefined
  slotsEver: number
  history: ServingHistory
  busyWith?: RunnerWork | undefined
  marks: RunMarks | undefined
  trouble?: Cause
}

/** Starts and supervises the first runner. */
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
    marks: openRunMarks(),
  }
  start(it)
  return {
    loaded: () => (it.isReady ? it.slots.map((slot) => loadedOf(slot, it.history)) : undefined),
    endpoints: () => (it.isReady ? { rest: it.task.rest, grpc: it.task.grpc } : {}),
    residency: () => (it.isReady ? it.residency : undefined),
    trouble: () => it.trouble,
    load: (item, source, isolation) => load(it, item, { source, isolation }),
    expect: (item, reason) => order(it, { kind: 'expect', model: expectedOf(item, reason) }),
    golden: (item, files) =>
      withSlot(it, item, ({ name: slot, cell }) =>
        busy(it, cell === undefined ? cell : { item }, { kind: 'golden', slot, files }),
      ),
    mirror: (item, rules, golden) => withSlot(it, item, (slot) => mirror(it, slot, { rules, golden })),
    activate: (item) => withSlot(it, item, (slot) => activate(it, slot)),
    unload: (item) => withSlot(it, item, (slot) => unload(it, slot)),
    forget: (name) => {
      it.history.forget(name)
      return order(it, { kind: 'deactivate', name })
    },
    askSources: (request) => ask(it, request),
    connectionStatuses: () => (it.isReady ? it.connections : []),
    hubQueue: () => (it.isReady ? it.hubQueue : undefined),
    leave: (wish, note) => leave(it, wish, note),
    setLogLevel(logLevel) {
      it.task = { ...it.task, logLevel }
    },
    async [Symbol.asyncDispose]() {
      it.stopping.abort()
      await closeWindows(it)
      await it.process?.stop()
      it.marks?.[Symbol.dispose]()
    },
  }
}

async function leave(
  it: Supervised,
  wish: Omit<LingerOrder, 'kind'>,
  note: (runner: LeftRunner) => Promise<boolean>,
): Promise<boolean> {
  const { process: runner, task } = it
  if (runner?.pid === undefined || !it.isReady) return false
  if (!(await note({ pid: runner.pid, rest: task.rest, grpc: task.grpc }))) return false
  it.stopping.abort()
  const answer = await runner.order({ kind: 'linger', ...wish })
  if (!answer.ok) return false
  delete it.process
  runner.leave()
  return true
}

function start(it: Supervised): void {
  it.startedAtMs = it.deps.clock.monotonicMs()
  it.marks?.reset()
  const predecessor = it.events.predecessor()
  if (predecessor) it.task = placedAs(it.task, predecessor)
  it.process = startRunner(
    { ...it.task, expected: it.events.expected(), predecessor },
    {
      marks: it.marks?.descriptor,
      events: {
        onReady({ rest, grpc }) {
          // The next runner gets the same port, even if the first one was picked freely. So clients still find it.
          it.task = { ...it.task, rest, grpc }
          it.isReady = true
          delete it.trouble
          it.deps.log.info('runner_ready', { rest: urlOf(rest), grpc: hostPort(grpc), runnerPid: it.process?.pid })
          it.events.onReady()
        },
        onRefused: (cause) => noteTrouble(it, cause),
        onLog: it.events.onLog,
        onCaptured: it.events.onCaptured,
        onTelemetry: (question) => void passOn(it, question),
        onBeat({ slots, connections, hubQueue, tagWrites, openRows, moved, residency }) {
          it.connections = connections
          it.residency = residency
          it.hubQueue = hubQueue
          const scaled = slots.map((pulse) => {
            const slot = it.slots.find(({ name }) => name === pulse.slot)
            return slot !== undefined && hear(it, slot, withMoved(pulse, slot, moved))
          })
          it.events.onBeat(tagWrites, openRows)
          if (scaled.includes(true)) it.events.onScaled()
        },
        onEnd: (end) => void restart(it, end),
      },
    },
    it.deps.log,
  )
}

/** A port that the predecessor picked freely stays. */
const placedAs = (task: Supervised['task'], { rest, grpc }: Predecessor): Supervised['task'] => ({
  ...task,
  rest: task.rest.port === 0 ? { ...task.rest, port: rest.port } : task.rest,
  grpc: task.grpc.port === 0 ? { ...task.grpc, port: grpc.port } : task.grpc,
})

function noteTrouble(it: Supervised, cause: Cause): void {
  it.trouble = cause
  it.events.onRefused(cause)
}

async function restart(it: Supervised, end: RunnerEnd): Promise<void> {
  const crash = crashOf(it, end)
  const wasReady = it.isReady
  it.isReady = false
  it.slots = []
  it.connections = []
  it.hubQueue = undefined
  it.residency = undefined
  if (it.stopping.signal.aborted) return
  it.history.ended(crash.running)
  it.events.onEnd(crash)
  const { clock, random } = it.deps
  const hasSettled = clock.monotonicMs() - it.startedAtMs > SETTLED_MS
  it.endsInARow = hasSettled ? 1 : it.endsInARow + 1
  if (!wasReady && end.kind !== 'refused') noteTrouble(it, failingCause(end))
  // The first restart is at once, because clients miss the served models.
  const waitMs = it.endsInARow === 1 ? 0 : backoffMs(it.endsInARow - 2, BACKOFF, random())
  await clock.sleep(waitMs, it.stopping.signal).catch(() => {})
  if (!it.stopping.signal.aborted) start(it)
}

/** The answer goes to the runner that sent the batch, because the next one counts its batches from zero. */
async function passOn(it: Supervised, { id, batch }: HubQuestion): Promise<void> {
  const runner = it.process
  const answer = await it.events.onTelemetry(batch)
  await runner?.order({ kind: 'hub-answer', batch: id, answer })
}

const order = async (it: Supervised, work: RunnerOrder): Promise<RunnerAnswer> =>
  (await it.process?.order(work)) ?? UNREADY

const ask = async (it: Supervised, request: RunnerRequest): Promise<RunnerAnswer> =>
  it.process && it.isReady ? it.process.order(request) : UNREADY

/** A runner that hangs must not hold up the end. */
const CLOSE_MS = 2_000

/** If the runner does not answer, the rows of its open windows count as lost. */
async function closeWindows(it: Supervised): Promise<void> {
  const end = new AbortController()
  const late = it.deps.clock.sleep(CLOSE_MS, end.signal).then(
    () => UNREADY,
    () => UNREADY,
  )
  const { ok } = await Promise.race([ask(it, { kind: 'close-windows' }), late])
  end.abort()
  if (ok) it.events.onBeat([], [])
}

async function load(
  it: Supervised,
  item: DesiredItem,
  { source, isolation }: { source: RunnerSource; isolation: Serving['isolation'] },
): Promise<RunnerAnswer> {
  const name = `${item.name}/${item.version}/${++it.slotsEver}`
  const settings = { ...servingOf(item), isolation }
  // A slot itself reports the crash of its own process: only threads need a mark.
  const cell = isolation === 'shared' ? takeCell(it) : undefined
  const marked = cell === undefined ? {} : { cell }
  const workerBytes = workerBytesOf(item, isolation)
  const loading = { kind: 'load' as const, slot: name, source, settings, workerBytes, ...(it.marks ? marked : {}) }
  const answer = await busy(it, cell === undefined ? cell : { item, cell }, loading)
  if (answer.ok) it.slots.push({ name, cell, item, pulse: { slot: name, stats: { requests: 0, failures: 0 } } })
  return answer
}

const expectedOf = ({ name: model, version }: DesiredItem, reason: string) => ({
  name: model,
  version: String(version),
  reason,
})

async function activate(it: Supervised, slot: RunnerSlot): Promise<RunnerAnswer> {
  const { name: model, version } = slot.item
  const activation = { kind: 'activate' as const, slot: slot.name, name: model, version: String(version) }
  const answer = await order(it, activation)
  if (!answer.ok) return answer
  for (const other of it.slots) {
    if (other.item.name !== model) continue
    delete other.servingSinceMs
    delete other.shadow
  }
  slot.servingSinceMs = it.deps.clock.monotonicMs()
  it.history.activated(slot.item)
  return answer
}

async function mirror(
  it: Supervised,
  slot: RunnerSlot,
  { rules, golden }: { rules: Shadow; golden: SourceFile | undefined },
): Promise<RunnerAnswer> {
  const mirroring = { kind: 'mirror' as const, slot: slot.name, name: slot.item.name, rules, golden }
  const answer = await order(it, mirroring)
  if (!answer.ok) return answer
  // Earlier comparisons do not count any more. The next beat has the new ones.
  delete slot.pulse.shadow
  slot.shadow = { sinceMs: it.deps.clock.monotonicMs(), rules }
  return answer
}

function withMoved(pulse: SlotPulse, { item }: RunnerSlot, moved: readonly MovedVersion[]): SlotPulse {
  const found = moved.find(({ model, version }) => model === item.name && version === String(item.version))
  return found?.failsProbation ? { ...pulse, moved: found.text } : pulse
}

/** Returns whether the scale of the slot has changed. */
function hear(it: Supervised, slot: RunnerSlot, pulse: SlotPulse): boolean {
  const { scale } = slot.pulse
  slot.pulse = pulse
  if (slot.servingSinceMs !== undefined) it.history.heard(slot.item, pulse.stats)
  return scale?.count !== pulse.scale?.count || scale?.wanted !== pulse.scale?.wanted
}

async function unload(it: Supervised, slot: RunnerSlot): Promise<RunnerAnswer> {
  const { process: runner } = it
  if (!runner) return UNREADY
  if (slot.servingSinceMs !== undefined) await runner.order({ kind: 'deactivate', name: slot.item.name })
  const answer = await runner.order({ kind: 'unload', slot: slot.name })
  if (slot.pulse.problem !== undefined) it.history.broke(slot.item)
  // Whether the slot ended well or is stuck, it answers nobody any more.
  it.slots = it.slots.filter((other) => other !== slot)
  if (!answer.ok && answer.code === 'slot_stuck') runner.kill(answer.message, 'refused')
  return answer
}

async function busy(it: Supervised, busyWith: Supervised['busyWith'], work: RunnerOrder): Promise<RunnerAnswer> {
  if (!it.process || !it.isReady) return UNREADY
  it.busyWith = busyWith
  const answer = await it.process.order(work)
  delete it.busyWith
  return answer
}

function withSlot(
  it: Supervised,
  item: DesiredItem,
  work: (slot: RunnerSlot) => Promise<RunnerAnswer>,
): Promise<RunnerAnswer> {
  const slot = it.slots.find((other) => other.item.name === item.name && isSameLoad(other.item, item))
  return slot
    ? work(slot)
    : Promise.resolve({ ok: false, code: 'runner_gone', message: 'the version is not loaded any more' })
}
