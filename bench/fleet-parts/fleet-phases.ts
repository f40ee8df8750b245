/**
 * fleet, its phases: the steps of the benchmark on a hub with a fleet, and how long each takes. Times of devices are
 * the simulator's own.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WatchingFigures } from '@skerry/agent/simulator/fake-monitors'
import type { DeviceTruth } from '@skerry/agent/simulator/fleet'
import type { SkerryClient } from '@skerry/client/client'
import type { SimulationCensus, SimulationFigures } from '@skerry/contract/devices/simulation'
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import type { HubProgram } from '../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'
import { cpuMs, rssMb } from '../usage/process-use.ts'
import type { Order } from './fleet-simulator.ts'

export type Simulator = Disposable & {
  ask<Answer>(order: Order): Promise<Answer>
  census(sinceMs: number): Promise<SimulationCensus>
  figures(): Promise<SimulationFigures>
  /** The simulator's own clock, by which its figures are. */
  now(): Promise<number>
  pid: number
}

/** How often the fleet is checked: finer than the measured times, and a thousandth of the simulator's time. */
const LOOK_MS = 50

/** A phase that takes longer has failed; the benchmark then reports its progress. */
const PHASE_MAX_MS = 600_000

export const MODEL = 'fleet'

export type JobFigure = SimulationFigures['jobs'][string]

/** Starts one; one order is under way at a time. */
export async function startSimulator(): Promise<Simulator> {
  const child = fork(new URL('./fleet-simulator.ts', import.meta.url))
  await heard(child)
  let last: Promise<unknown> = Promise.resolve()
  const ask = <Answer>(order: Order): Promise<Answer> => {
    const answer = last.then(() => {
      child.send(order)
      return heard<Answer>(child)
    })
    last = answer.catch(() => undefined)
    return answer
  }
  return {
    ask,
    census: (sinceMs) => ask({ kind: 'census', sinceMs }),
    figures: () => ask({ kind: 'figures' }),
    now: () => ask({ kind: 'now' }),
    pid: child.pid ?? 0,
    [Symbol.dispose]: () => child.disconnect(),
  }
}

/**
 * The time in which the same devices connect to a bare server and receive an echo, and the cost for both sides. The
 * server's memory while all are connected is the least that a hub can need.
 */
export async function measureBaseline(simulator: Simulator, authorityPath: string, atOnce: number) {
  const child = fork(new URL('./fleet-bare-server.ts', import.meta.url), [authorityPath])
  const pid = child.pid ?? 0
  const server = await heard<{ url: string; ca: string }>(child)
  const startMs = await cpuMs(pid)
  const simulatorStartMs = await cpuMs(simulator.pid)
  const startMb = await rssMb(pid)
  const elapsedMs = await simulator.ask<number>({ kind: 'baseline', ...server, atOnce })
  const usedMs = (await cpuMs(pid)) - startMs
  const simulatorUsedMs = (await cpuMs(simulator.pid)) - simulatorStartMs
  const usedMb = (await rssMb(pid)) - startMb
  await simulator.ask({ kind: 'leave' })
  child.disconnect()
  return { elapsedMs, usedMs, simulatorUsedMs, usedMb }
}

/** The time in which the same devices on a bare server receive one request each, and answer. */
export async function measureBareRound(simulator: Simulator, authorityPath: string, atOnce: number) {
  const child = fork(new URL('./fleet-bare-server.ts', import.meta.url), [authorityPath])
  const server = await heard<{ url: string; ca: string }>(child)
  await simulator.ask({ kind: 'stay', ...server, atOnce })
  const startCpuMs = await cpuMs(child.pid ?? 0)
  const startMs = performance.now()
  child.send('ask')
  await heard(child)
  const elapsedMs = performance.now() - startMs
  const usedMs = (await cpuMs(child.pid ?? 0)) - startCpuMs
  await simulator.ask({ kind: 'leave' })
  child.disconnect()
  return { elapsedMs, usedMs }
}

type Reply = { answer?: unknown; problem?: string }

function heard<Answer>(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('a part of the benchmark ended early; what it printed says why'))
    child.once('exit', ended)
    child.once('message', (reply: Reply) => {
      child.off('exit', ended)
      if (reply.problem !== undefined) reject(new Error(reply.problem))
      else resolve(reply.answer as Answer)
    })
  })
}

/** Golden inputs of four columns: with the outputs, they are the eight features of a monitor. */
const GOLDEN = {
  cases: [
    {
      inputs: {
        x: floatTensor(
          [100, 4],
          Float32Array.from({ length: 400 }, (_, at) => (at * 0.618) % 1),
        ),
      },
    },
  ],
}

const PUSH_TRIES_MAX = 5

/** Pushes a small model that differs from the others; gives its version. */
export async function pushVersion(hub: HubProgram, seed: number): Promise<number> {
  const built = buildModel({
    nodes: [{ operator: 'Mul', inputs: ['x', 'w'], outputs: ['y'] }],
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 4] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 4] }],
    initialisers: [float32Tensor('w', [4], Float32Array.of(seed, 1, 2, 3))],
  })
  const bytes = new Uint8Array(writeModel(built))
  for (let tries = 1; ; tries++) {
    try {
      return (await pushModel(hub, { name: MODEL, bytes, golden: GOLDEN })).version.version
    } catch (error) {
      // The hub tries each model in a process of low priority, which a busy machine may not run for half a minute.
      if (tries === PUSH_TRIES_MAX || Object(error).code !== 'model_load_timeout') throw error
    }
  }
}

export type Rollout = { version: number; rollout: Parameters<SkerryClient['rollout']['get']>[0]['rollout'] }

/** Deploys the version to every device, in waves of these sizes. */
export async function deploy({ client }: HubProgram, version: number, waves: readonly string[] = []): Promise<Rollout> {
  const reply = await client.deployment.apply({
    name: MODEL,
    deployable: MODEL,
    version: String(version),
    probation: { seconds: 0 },
    strategy: { waves: waves.map((limit, index) => ({ name: `w${index}`, limit })) },
  })
  return { version, rollout: reply.deployment.rolloutId }
}

/** The figures of the version once every device has it; throws if that takes too long. */
export async function untilActive(simulator: Simulator, version: number, devices: number) {
  return until(async () => {
    const figure = (await simulator.figures()).versions[`${MODEL}:${version}`]
    return figure && figure.active >= devices ? figure : undefined
  }, `version ${version} on every device`)
}

/** A monitor of eight features on every device; gives the milliseconds until the last device holds it. */
export async function monitor({ client }: HubProgram, simulator: Simulator, watched: Watched): Promise<number> {
  await client.profile.make({ name: MODEL, version: String(watched.version) })
  const startedMs = await simulator.now()
  await client.monitor.set({ name: MODEL, spec: { windowSeconds: WINDOW_SECONDS } })
  return until(async () => {
    const { watching, lastTakenMs } = await simulator.ask<WatchingFigures>({ kind: 'watching' })
    return watching >= watched.devices ? lastTakenMs - startedMs : undefined
  }, 'every device holds its monitor')
}

type Watched = { version: number; devices: number }

/** A window as often as a report. The default of a monitor is five times as long. */
const WINDOW_SECONDS = 60

/** Resolves when this number of devices has been offered the version. */
export async function untilOffered(simulator: Simulator, version: number, devices: number): Promise<void> {
  await until(async () => {
    const figure = (await simulator.figures()).versions[`${MODEL}:${version}`]
    return figure && figure.offered >= devices ? true : undefined
  }, `version ${version} was offered`)
}

/** Resolves when this number of devices follows the hub's newest document. */
export async function untilAgreed(simulator: Simulator, devices: number, sinceMs = 0): Promise<void> {
  await until(
    async () => ((await simulator.census(sinceMs)).agreed >= devices ? true : undefined),
    'every device agrees',
  )
}

export async function until<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
  const overMs = performance.now() + PHASE_MAX_MS
  while (performance.now() < overMs) {
    const seen = await look()
    if (seen !== undefined) return seen
    await sleep(LOOK_MS)
  }
  throw new Error(`it took longer than ${PHASE_MAX_MS / 1_000} s until ${what}`)
}

/** Devices for which the hub's record differs from the device's state. */
export async function countLost({ client }: HubProgram, simulator: Simulator): Promise<number> {
  const truth = await simulator.ask<DeviceTruth[]>({ kind: 'truth' })
  const known = new Map<string, number>()
  for (let after: string | undefined; ; ) {
    const page = await client.device.list({ limit: 500, ...(after === undefined ? {} : { after }) })
    for (const { id, observedGeneration, liveness } of page.rows)
      if (liveness === 'online') known.set(id, observedGeneration)
    if (page.next === undefined) break
    after = page.next
  }
  return truth.filter(({ deviceId, generation, isConnected }) => !isConnected || known.get(deviceId) !== generation)
    .length
}
