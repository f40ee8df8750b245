/**
 * Runner: the data plane. It holds the loaded models, answers requests over the Open Inference Protocol, carries out
 * control's orders, and decides nothing. A crash in native code ends this process only. When control is gone, it
 * answers its pending requests and ends too: the next control starts its own. If control told it to linger, it serves
 * until the runner of the next control takes over.
 */
import { randomUUID } from 'node:crypto'
import type { Cause } from '@skerry/contract/devices/item'
import type { Priority, SinkValue } from '@skerry/contract/sinks/sink-value'
import { assertNever } from '@skerry/core/values/assert-never'
import { openDataTables, selectedFolder } from '@skerry/flows/data-tables'
import { startGrpcServer } from '@skerry/inference/grpc/grpc-server'
import { createModelHost, type ModelHost } from '@skerry/inference/host/model-host'
import type { PortUse } from '@skerry/inference/rest/listen'
import { startRestServer } from '@skerry/inference/rest/rest-server'
import { telemetryProblem } from '@skerry/inference/runtime/runtime-telemetry'
import { createResidency } from '@skerry/inference/scale/residency'
import { systemClock } from '@skerry/platform/process/clock'
import { type LeaseGate, openLeaseGate } from '@skerry/platform/process/lease-gate'
import { createLog, type Log } from '@skerry/platform/process/log'
import { type CaptureBoard, createCaptureBoard, obeyCaptures } from '../captures/capture-board.ts'
import { chatSlotHost } from '../kinds/chat/slot-host.ts'
import { flowSlotHost } from '../kinds/flow/slot-host.ts'
import { createLanguagePart, type LanguagePart } from '../kinds/gguf/slot-host.ts'
import { modelSlotHost } from '../kinds/model/slot-host.ts'
import { servedSlotHost } from '../kinds/served/slot-host.ts'
import { createSlotHosts, type SlotHosts } from '../kinds/slot-hosts.ts'
import { languageDoor } from '../language-models/language-door.ts'
import { createMonitorBoard, type MonitorBoard, obeyMonitors } from '../monitors/monitor-board.ts'
import { movedNotes } from '../monitors/moved-notes.ts'
import { sendWindows } from '../monitors/send-windows.ts'
import { createWriteHolds, heldDoor, type WriteHolds } from '../monitors/write-holds.ts'
import { programRunner } from '../system/run-program.ts'
import { followAccelerators } from './accelerators/accelerator-series.ts'
import { readAccelerators } from './accelerators/read-accelerators.ts'
import { type ExpectantHost, expectModels } from './equipment/expectant-host.ts'
import { obeyLook } from './equipment/look-request.ts'
import { createSinkFleet, type SinkFleet } from './equipment/sink-fleet.ts'
import { createHubWay, obeySinks, type Sinks } from './equipment/sink-request.ts'
import { createSourceBoard } from './equipment/source-board.ts'
import { createSourceFleet } from './equipment/source-fleet.ts'
import { obeySources, type Sources } from './equipment/source-request.ts'
import { openTagDoor, type TagDoor } from './equipment/tag-writes.ts'
import { type FlowBoard, UNNAMED } from './flows/flow-board.ts'
import { askForFlow, inferForFlow } from './flows/flow-infer.ts'
import { createFlowSlots, type FlowSlots, type FlowSlotsDeps } from './flows/flow-slots.ts'
import { sinkValueOf } from './flows/flow-value.ts'
import { createFactsOfModels } from './flows/model-facts.ts'
import { type LingerOrder, lingerEnd } from './handover/linger.ts'
import { residencyOf } from './residency-view.ts'
import {
  BEAT_INTERVAL_MS,
  type FromRunner,
  type RunnerAnswer,
  type RunnerOrder,
  type RunnerTask,
  type ToRunner,
} from './runner-message.ts'
import { openRunnerPorts, type RunnerPorts } from './runner-ports.ts'
import { createScheduledMin } from './scheduled-min.ts'

/** In milliseconds, for pending requests after the decision to end. A restart must not take longer than people wait. */
const GRACE_MS = 2_000

/** In milliseconds, for clients with open connections to learn that a successor serves. */
const DRAIN_MS = 5_000

const DONE: RunnerAnswer = { ok: true }

async function main(task: RunnerTask): Promise<void> {
  const onLine = (line: string) => tell({ kind: 'log', line })
  const log = createLog({ name: 'runner', level: task.logLevel, onLine })
  const stopping = new AbortController()
  const stay: Stay = {}
  obeyOnlyControl(stay, stopping)
  const monitors = createMonitorBoard({ clock: systemClock })
  const captures = createCaptureBoard({
    clock: systemClock,
    random: Math.random,
    newId: randomUUID,
    send: (picked) => tell({ kind: 'captured', ...picked }),
  })
  const residency = createResidency(task.modelMemoryBytes)
  const host = expectModels(
    createModelHost({
      clock: systemClock,
      residency,
      scheduledMin: createScheduledMin(),
      watch: monitors,
      capture: captures,
    }),
    task.expected,
  )
  const board = createSourceBoard()
  const gate = openLeaseGate()
  const { memory } = gate
  const fleet = createSourceFleet({ clock: systemClock, random: Math.random, board, gate: memory })
  const way = createHubWay(tell)
  const door = openTagDoor(fleet)
  const sinks = createSinkFleet({
    clock: systemClock,
    random: Math.random,
    hub: way.hub,
    board,
    gate: memory,
    door,
    sourceOf: fleet.source,
  })
  const language = createLanguagePart(systemClock)
  const starts = startsOf(task, host, language)
  const ports = await openRunnerPorts({ task, starts, refuse, log }, stopping.signal)
  const writeHolds = createWriteHolds()
  const tables = tablesOf(task)
  const { hosts, flows } = openHosts(
    host,
    language,
    flowBoardOf({ board, sinks, door: heldDoor(door, writeHolds), captures }),
    { log, sourceOf: fleet.source, tableOf: tables?.tableOf },
  )
  const parts = { hosts, models: host, flows, sources: { fleet, board }, sinks: { fleet: sinks, way } }
  const all: Held = { ...parts, monitors, captures, writeHolds, gate, ports, stay, series: new AbortController() }
  process.on('message', (message) => void answer(message as ToRunner, all, stopping.signal, log))
  const noted = movedNotes(log)
  const beat = setInterval(() => {
    monitors.sample(board.newest)
    void sendWindows(monitors.take(), sinks, monitors)
    if (tables?.haveMoved()) flows.modelChanged()
    tell({
      kind: 'beat',
      slots: hosts.pulses(),
      connections: [...fleet.statuses(), ...sinks.statuses()],
      hubQueue: sinks.hubQueue(),
      tagWrites: door.take(),
      openRows: monitors.openRows(),
      moved: noted(monitors.moved()),
      residency: residencyOf(residency.view(), task.modelMemoryBytes),
    })
  }, BEAT_INTERVAL_MS)
  tell({ kind: 'ready', ...ports.places })
  startSeries(all, log)
  followControl(all, beat, stopping.signal)
}

/** The tables of the data that the agent lays on this device. */
const tablesOf = ({ dataFolder }: RunnerTask) =>
  dataFolder === undefined ? undefined : openDataTables((data) => selectedFolder(dataFolder, data))

/** Sends the figures of the accelerators of this machine to the hub. */
function startSeries({ sinks, series }: Held, log: Log): void {
  const ground = {
    root: '/',
    run: programRunner(process.env),
    nowMs: systemClock.monotonicMs,
    energy: new Map(),
    told: {},
    onTrouble: (error: unknown) => log.warn('accelerators_unread', { program: 'nvidia-smi', error }),
  }
  const read = () => readAccelerators(ground)
  const offer = (value: SinkValue, priority: Priority) => sinks.fleet.offer({ kind: 'hub' }, value, priority)
  void followAccelerators({ clock: systemClock, log, read, offer }, series.signal)
}

function obeyOnlyControl(stay: Stay, stopping: AbortController): void {
  process.once('disconnect', () => stay.order ?? stopping.abort())
  // Control may have ended while this process was still loading. Then its event was missed.
  if (!process.connected) process.exit(0)
  // The terminal signals the whole process group, but control decides when the runner ends.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
}

/** The runner ends with its control, or when its time without control is over. */
function followControl(held: Held, beat: NodeJS.Timeout, signal: AbortSignal): void {
  const end = () => {
    clearInterval(beat)
    void stop(held)
  }
  // Control may also have ended while the servers were opened: a past event is not repeated.
  if (signal.aborted) {
    end()
    return
  }
  signal.addEventListener('abort', end)
  process.once('disconnect', () => {
    clearInterval(beat)
    if (held.stay.order) void lingerEnd(held.stay.order, systemClock).then(() => leave(held))
  })
}

/** At the start nothing is loaded in them. */
function openHosts(
  host: ExpectantHost,
  language: LanguagePart,
  board: FlowBoard,
  { log, sourceOf, tableOf }: Pick<FlowSlotsDeps, 'log' | 'sourceOf' | 'tableOf'>,
): { hosts: SlotHosts; flows: FlowSlots } {
  const facts = createFactsOfModels()
  const flows = createFlowSlots({
    clock: systemClock,
    random: Math.random,
    log,
    board,
    sourceOf,
    tableOf,
    infer: (question, signal) =>
      question.ask ? askForFlow(language.host(), question, question.ask, signal) : inferForFlow(host, question, signal),
    factsOf: (model) => facts.of(host.find(model)?.slot),
  })
  const model = modelSlotHost({ host, facts, onActivated: flows.modelChanged })
  const served = servedSlotHost(host, model)
  const table = { model, flow: flowSlotHost(flows), gguf: language.slots, served, chat: chatSlotHost(language) }
  return { hosts: createSlotHosts(table), flows }
}

type FlowParts = {
  board: Sources['board']
  sinks: SinkFleet
  door: Pick<TagDoor, 'write'>
  captures: CaptureBoard
}

/** The functions through which flows reach other parts. */
const flowBoardOf = ({ board, sinks, door, captures }: FlowParts): FlowBoard => ({
  subscribe: board.subscribe,
  told: captures.told,
  write: ({ flow, ...order }) => door.write({ flow }, order),
  async send(sink, output, from) {
    const value = sinkValueOf(sink, output, from)
    return value ? sinks.offer(sink, value, sink.priority ?? 'normal') : UNNAMED
  },
})

/** The parts that this process holds. */
type Held = {
  hosts: SlotHosts
  models: ExpectantHost
  flows: FlowSlots
  sources: Sources
  sinks: Sinks
  monitors: MonitorBoard
  captures: CaptureBoard
  writeHolds: WriteHolds
  gate: LeaseGate
  ports: RunnerPorts
  stay: Stay
  /** Aborted before the queue for the hub ends: a value after that would open it again. */
  series: AbortController
}

function startsOf(task: RunnerTask, host: ModelHost, language: LanguagePart) {
  const identity = { name: 'skerry', version: task.version }
  const beside = languageDoor(language)
  return {
    rest: (port: number, use: PortUse) =>
      startRestServer({ host, identity, address: task.rest.host, port, use, beside }),
    grpc: (port: number, use: PortUse) =>
      startGrpcServer({ host, identity, address: bracketed(task.grpc.host), port, use }),
  }
}

/** The order to serve on without control, once control has given it. */
type Stay = { order?: LingerOrder }

/** The process ends even if a run never gives its thread back. */
async function stop(held: Held): Promise<void> {
  setTimeout(() => process.exit(0), GRACE_MS)
  await endEquipment(held)
  await held.ports.close(GRACE_MS)
  await endModels(held)
}

/** The successor serves already. */
async function leave(held: Held): Promise<void> {
  setTimeout(() => process.exit(0), DRAIN_MS + GRACE_MS)
  await held.ports.drain(DRAIN_MS)
  await endModels(held)
}

/** The parts that only one runner may have: queues on the disk, and connections to equipment. */
async function endEquipment({ hosts, sources, sinks, monitors, series }: Held): Promise<void> {
  series.abort()
  await hosts.close('flow')
  // A sink that ends takes no more values.
  await sendWindows(monitors.last(), sinks.fleet, monitors)
  await Promise.all([sources, sinks].map(({ fleet }) => fleet[Symbol.asyncDispose]()))
}

async function endModels({ hosts }: Held): Promise<void> {
  await Promise.all([hosts.close('model'), hosts.close('gguf')])
  process.exit(0)
}

/** Ends after control has received the reason. */
function refuse(cause: Cause): Promise<never> {
  if (!process.connected) throw new Error(cause.message)
  const refused: FromRunner = { kind: 'refused', cause }
  return new Promise(() => process.send?.(refused, () => process.exit(1)))
}

async function answer({ id, order }: ToRunner, held: Held, signal: AbortSignal, log: Log): Promise<void> {
  const outcome = await obey(order, held, signal).catch((error: unknown): RunnerAnswer => {
    log.error('order_failed', { order: order.kind, error })
    return { ok: false, code: 'order_failed', message: error instanceof Error ? error.message : String(error) }
  })
  if (outcome.ok) held.ports.obeyed(order)
  tell({ kind: 'answer', id, answer: outcome })
}

async function obey(order: RunnerOrder, held: Held, signal: AbortSignal): Promise<RunnerAnswer> {
  switch (order.kind) {
    case 'load':
    case 'golden':
    case 'mirror':
    case 'activate':
    case 'deactivate':
    case 'unload':
      return held.hosts.obey(order, signal)
    case 'expect':
      held.models.expect(order.model)
      return DONE
    case 'linger':
      await endEquipment(held)
      held.stay.order = order
      return DONE
    case 'sources':
    case 'tags':
    case 'write-tag':
    case 'browse-source':
    case 'test-source':
    case 'restart-source':
      return obeySources(order, held.sources)
    case 'sinks':
    case 'hub-answer':
    case 'test-sink':
      return obeySinks(order, held.sinks)
    case 'monitors':
      return obeyMonitors(order, held)
    case 'close-windows':
      await sendWindows(held.monitors.close(), held.sinks.fleet, held.monitors)
      return DONE
    case 'captures':
      return obeyCaptures(order, held.captures)
    case 'lease':
      held.gate.become(order.lease)
      return DONE
    case 'look':
      return obeyLook(order, { ...held, clock: systemClock, sinks: held.sinks.fleet })
    default:
      return assertNever(order)
  }
}

const bracketed = (host: string) => (host.includes(':') ? `[${host}]` : host)

/** If control is gone, the message is lost, and the disconnect ends this process. */
function tell(message: FromRunner): void {
  if (process.connected) process.send?.(message, () => {})
}

const problem = telemetryProblem(process.env)
if (problem !== undefined) await refuse({ code: 'runtime_telemetry_on', message: problem })
await main(JSON.parse(process.argv[2] ?? '')).catch((error: unknown) => {
  // Control ended before the servers were open, such as while a port was taken. Nothing runs yet that would have to end.
  if (!process.connected) process.exit(0)
  throw error
})
