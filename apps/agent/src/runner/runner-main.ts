/**
 * Runner: the data plane. Holds the loaded models and answers requests over the Open Inference Protocol; does what control orders, and
 * decides nothing. A crash in native code ends this process only. When control is gone, it answers what it has and ends too: the next
 * control starts its own.
 */

import type { Golden } from '@skerry/contract/golden'
import type { Cause } from '@skerry/contract/item'
import { assertNever } from '@skerry/core/assert-never'
import { USUAL_TOLERANCE } from '@skerry/core/golden'
import { startGrpcServer } from '@skerry/inference/grpc-server'
import { createModelHost } from '@skerry/inference/model-host'
import { readSource, type SourceFile } from '@skerry/inference/model-source'
import { type OipServer, startRestServer } from '@skerry/inference/rest-server'
import { telemetryProblem } from '@skerry/inference/runtime-telemetry'
import { systemClock } from '@skerry/platform/clock'
import { systemCode } from '@skerry/platform/file-system'
import { createLog, type Log } from '@skerry/platform/log'
import type { Address } from '../options.ts'
import { type ExpectantHost, expectModels } from './expectant-host.ts'
import { type FlowBoard, UNNAMED } from './flow-board.ts'
import { inferForFlow } from './flow-infer.ts'
import { createFlowSlots, type FlowSlots } from './flow-slots.ts'
import { sinkValueOf } from './flow-value.ts'
import { checkGolden } from './golden-check.ts'
import { obeyLook } from './look-request.ts'
import { createFactsOfModels, type FactsOfModels } from './model-facts.ts'
import { markOf } from './run-marks.ts'
import {
  BEAT_INTERVAL_MS,
  type FromRunner,
  type RunnerAnswer,
  type RunnerOrder,
  type RunnerTask,
  type ToRunner,
} from './runner-message.ts'
import { createSinkFleet, type SinkFleet } from './sink-fleet.ts'
import { createHubWay, obeySinks, type Sinks } from './sink-request.ts'
import { pulseOf } from './slot-pulse.ts'
import { createSourceBoard } from './source-board.ts'
import { createSourceFleet } from './source-fleet.ts'
import { obeySources, type Sources } from './source-request.ts'
import { openTagDoor, type TagDoor } from './tag-writes.ts'

/** Requests on their way get this long after the end was decided; a restart must not take longer than people wait. */
const GRACE_MS = 2_000

/** The runner before this one may hold the port for its last two seconds. */
const BIND_WAIT_MS = 100
const BIND_TRIES_MAX = 100

/** A model that cannot answer its golden inputs within a minute would not be worth serving. */
const GOLDEN_TIMEOUT_MS = 60_000

const DONE: RunnerAnswer = { ok: true }

async function main(task: RunnerTask): Promise<void> {
  const onLine = (line: string) => tell({ kind: 'log', line })
  const log = createLog({ name: 'runner', level: task.logLevel, onLine })
  const stopping = new AbortController()
  process.once('disconnect', () => stopping.abort())
  // Control may have gone while this process was still loading, and its event with it.
  if (!process.connected) process.exit(0)
  // The terminal signals the whole group: control decides when the runner ends.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
  const host = expectModels(createModelHost({ clock: systemClock }), task.expected)
  const board = createSourceBoard()
  const fleet = createSourceFleet({ clock: systemClock, random: Math.random, board })
  const way = createHubWay(tell)
  const door = openTagDoor(fleet)
  const sinks = createSinkFleet({ clock: systemClock, random: Math.random, hub: way.hub, board, door })
  const identity = { name: 'skerry', version: task.version }
  const rest = await bind(
    (port) => startRestServer({ host, identity, address: task.rest.host, port }),
    task.rest,
    stopping.signal,
  )
  const grpc = await bind(
    (port) => startGrpcServer({ host, identity, address: bracketed(task.grpc.host), port }),
    task.grpc,
    stopping.signal,
  )
  const facts = createFactsOfModels()
  const flows = createFlowSlots({
    ...{ clock: systemClock, random: Math.random, log },
    board: flowBoardOf(board, sinks, door),
    infer: (question, signal) => inferForFlow(host, question, signal),
    factsOf: (model) => facts.of(host.find(model)?.slot),
  })
  const held: Held = { host, flows, facts, sources: { fleet, board }, sinks: { fleet: sinks, way } }
  process.on('message', (message) => void answer(message as ToRunner, held, stopping.signal, log))
  const beat = setInterval(
    () =>
      tell({
        ...{ kind: 'beat', slots: [...host.stats().map(pulseOf), ...flows.pulses()] },
        ...{
          connections: [...fleet.statuses(), ...sinks.statuses()],
          hubQueue: sinks.hubQueue(),
          tagWrites: door.take(),
        },
      }),
    BEAT_INTERVAL_MS,
  )
  tell({
    kind: 'ready',
    rest: { host: task.rest.host, port: rest.port },
    grpc: { host: task.grpc.host, port: grpc.port },
  })
  const end = () => {
    clearInterval(beat)
    void stop([rest, grpc], held)
  }
  // Or it went while the servers were opened: an event that has been is not told again.
  if (stopping.signal.aborted) end()
  else stopping.signal.addEventListener('abort', end)
}

/** What flows reach. */
const flowBoardOf = (board: Sources['board'], sinks: SinkFleet, door: TagDoor): FlowBoard => ({
  subscribe: board.subscribe,
  write: ({ flow, ...order }) => door.write({ flow }, order),
  async send(sink, output, flow) {
    const value = sinkValueOf(sink, output, flow)
    return value ? sinks.offer(sink, value, sink.priority ?? 'normal') : UNNAMED
  },
})

/** What this process holds. */
type Held = { host: ExpectantHost; flows: FlowSlots; facts: FactsOfModels; sources: Sources; sinks: Sinks }

/** What was decided is done even when a run never gives its thread back. */
async function stop(servers: readonly OipServer[], { host, flows, sources, sinks }: Held): Promise<void> {
  setTimeout(() => process.exit(0), GRACE_MS)
  await flows.close()
  await Promise.all([sources, sinks].map(({ fleet }) => fleet[Symbol.asyncDispose]()))
  await Promise.all(servers.map((server) => server.close(GRACE_MS)))
  await host.close()
  process.exit(0)
}

async function bind(
  start: (port: number) => Promise<OipServer>,
  address: Address,
  signal: AbortSignal,
): Promise<OipServer> {
  for (let tries = 1; ; tries++) {
    try {
      return await start(address.port)
    } catch (error) {
      const code = systemCode(error)
      if (code === 'EACCES' || code === 'EADDRNOTAVAIL') return refuse(addressRefused(address, code))
      if (!isTaken(error)) throw error
      if (tries === BIND_TRIES_MAX) return refuse(portInUse(address))
      await systemClock.sleep(BIND_WAIT_MS, signal)
    }
  }
}

/** Ends once control has heard why. */
function refuse(cause: Cause): Promise<never> {
  if (!process.connected) throw new Error(cause.message)
  const refused: FromRunner = { kind: 'refused', cause }
  return new Promise(() => process.send?.(refused, () => process.exit(1)))
}

const portInUse = ({ host, port }: Address): Cause => ({
  code: 'port_in_use',
  message: `another program listens on ${host}:${port}; end it, or give this agent other addresses (--listen, --grpc)`,
})

const addressRefused = ({ host, port }: Address, why: string): Cause => ({
  code: 'address_refused',
  message: `this machine does not let the agent listen on ${host}:${port} (${why}); give it other addresses (--listen, --grpc), or the right to`,
})

const isTaken = (error: unknown) =>
  systemCode(error) === 'EADDRINUSE' || (error instanceof Error && error.message.includes('EADDRINUSE'))

async function answer({ id, order }: ToRunner, held: Held, signal: AbortSignal, log: Log): Promise<void> {
  const outcome = await obey(order, held, signal).catch((error: unknown): RunnerAnswer => {
    log.error('order_failed', { order: order.kind, error })
    return { ok: false, code: 'order_failed', message: error instanceof Error ? error.message : String(error) }
  })
  tell({ kind: 'answer', id, answer: outcome })
}

async function obey(order: RunnerOrder, held: Held, signal: AbortSignal): Promise<RunnerAnswer> {
  const { host, flows, facts } = held
  switch (order.kind) {
    case 'load':
      return load(order, held, signal)
    case 'golden':
      return golden(order, held, signal)
    case 'mirror': {
      const { slot, name, rules } = order
      const golden = rules.tolerance || order.golden === undefined ? undefined : readGolden(order.golden)
      const tolerance = rules.tolerance ?? golden?.tolerance ?? USUAL_TOLERANCE
      return host.mirror({ slot, name, share: rules.share, tolerance })
    }
    case 'activate':
      return flows.has(order.slot) ? flows.activate(order) : activateModel(order, held)
    case 'deactivate':
      await flows.deactivate(order.name)
      host.deactivate(order.name)
      return DONE
    case 'expect':
      host.expect(order.model)
      return DONE
    case 'unload':
      facts.forget(order.slot)
      return flows.has(order.slot) ? flows.unload(order.slot) : host.unload(order.slot)
    case 'sources':
    case 'tags':
    case 'write-tag':
    case 'browse-source':
    case 'test-source':
    case 'restart-source':
      return obeySources(order, held.sources)
    case 'sinks':
    case 'hub-answer':
      return obeySinks(order, held.sinks)
    case 'look':
      return obeyLook(order, { clock: systemClock, flows, sources: held.sources, sinks: held.sinks.fleet })
    default:
      return assertNever(order)
  }
}

type OrderOf<Kind extends RunnerOrder['kind']> = Extract<RunnerOrder, { kind: Kind }>

async function load(
  { slot, settings, source, cell }: OrderOf<'load'>,
  { host, flows, facts }: Held,
  signal: AbortSignal,
) {
  if ('flow' in source) return flows.load(slot, source.flow)
  const loaded = await host.load({
    ...source,
    slot,
    settings,
    mark: cell === undefined ? undefined : markOf(cell),
    signal,
  })
  if (!loaded.ok) return loaded
  facts.note(slot, source)
  return DONE
}

function activateModel(order: OrderOf<'activate'>, { host, flows }: Held): RunnerAnswer {
  const activated = host.activate(order)
  if (activated.ok) flows.modelChanged()
  return activated
}

async function golden({ slot, files }: OrderOf<'golden'>, { host, flows }: Held, signal: AbortSignal) {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(GOLDEN_TIMEOUT_MS)])
  const { golden: file, recording } = files
  if (recording) return flows.golden(slot, { golden: file, recording }, limited)
  return checkGolden(readGolden(file), (cases) => host.golden(slot, cases, limited))
}

/** The hub's parser wrote it, the hub signed it, and control has checked its digest: parsing it again would only cost 8 MB of zod. */
const readGolden = (file: SourceFile): Golden => JSON.parse(Buffer.from(readSource(file)).toString('utf8'))

const bracketed = (host: string) => (host.includes(':') ? `[${host}]` : host)

/** A control that is gone hears nothing; the disconnect ends this process. */
function tell(message: FromRunner): void {
  if (process.connected) process.send?.(message, () => {})
}

const problem = telemetryProblem(process.env)
if (problem !== undefined) await refuse({ code: 'runtime_telemetry_on', message: problem })
await main(JSON.parse(process.argv[2] ?? ''))
