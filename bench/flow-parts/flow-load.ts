/**
 * flow-load: the time from a value of the equipment to the answer of a model at the equipment, on a device that does
 * other work. A whole agent runs beside its hub, and an independent broker stands between it and the equipment. The loads
 * are versions of 64 MB that the agent pulls, detectors that it trains, and ten terminals that print all the time.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SESSION_PROTOCOL, SESSION_STREAM_PATH } from '@skerry/contract/access/access'
import { STREAM_MESSAGE_MAX } from '@skerry/contract/streams/stream'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { dialSocket } from '@skerry/platform/network/dial-socket'
import { type Mosquitto, startMosquitto } from '@skerry/testkit/peers/mosquitto'
import { until } from '@skerry/testkit/until'
import { type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'
import { pushFiles } from '../../examples/stage/push-files.ts'

const DEVICE = 'press-1'
const MODEL = new URL('../../examples/sensor-anomaly/model-v1.onnx', import.meta.url)

/** Enough for the 99th percentile. */
const ANSWERS = 600

/**
 * [mosquitto.conf(5)] Without it, the broker holds a small message back until the device has acknowledged the one before,
 * which takes up to 40 ms (RFC 896, RFC 1122 4.2.3.2).
 */
const AT_ONCE = 'set_tcp_nodelay true'
const PAUSE_MS = 20
const WINDOW = 8

/** A lost value must not hold up the benchmark. It counts as this many milliseconds. */
const ANSWER_MAX_MS = 2_000

/** Of each pull. A version that the device has is not pulled again. */
const VERSIONS = 5
const PULLS = 2
const VERSION_FLOATS = 16 * 1024 * 1024

const LEARNINGS = 4
const LEARNED_TAGS = 24
const COLLECT_SECONDS = 45

const TERMINALS = 10
const PRINTS = 'while :; do date; sleep 0.05; done'

const { signal } = new AbortController()

/** Milliseconds at p50 and p99 without load, under each load, and under all together. Takes five minutes. */
export async function latenciesUnderLoad(): Promise<object> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-load-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const broker = stack.use(await startMosquitto({ config: ['allow_anonymous true', AT_ONCE] }))
  const hub = await startHub(await newHubHome(folder))
  stack.defer(async () => void (await hub.stop()))
  const site = { name: 'bench', kind: 'edge' } as const
  const agent = await startAgent(hub, { site, device: DEVICE, folder, options: ['--allow-remote', 'shell'] })
  stack.defer(async () => void (await agent.stop()))
  await declare(hub, broker)
  for (let version = 1; version <= PULLS * VERSIONS; version += 1) await pushBig(hub, version)
  const equipment = await openEquipment(broker)
  await measured(equipment)
  const quiet = await measured(equipment)
  return {
    quiet,
    pulling: await under(equipment, [() => pull(hub, 1)]),
    terminals: await under(equipment, [() => openTerminals(hub)]),
    training: await under(equipment, [() => train(hub, 'alone')]),
    all: await under(equipment, [() => openTerminals(hub), () => train(hub, 'beside'), () => pull(hub, 2)]),
    quietAgain: await measured(equipment),
  }
}

/** The flow asks the model for each reading, and writes the score to the equipment. */
async function declare(hub: HubProgram, broker: Mosquitto): Promise<void> {
  const { client } = hub
  await client.source.set({ name: 'air', scope: `device:${DEVICE}`, spec: airAt(broker.port) })
  await client.source.set({ name: 'pump', scope: `device:${DEVICE}`, spec: PUMP })
  await pushModel(hub, { name: 'anomaly', bytes: new Uint8Array(await readFile(MODEL)) })
  await pushFiles(hub, 'scored', { 'flow.json': JSON.stringify(FLOW) })
  for (const name of ['anomaly', 'scored']) {
    await client.deployment.apply({ name, deployable: name, probation: { seconds: 0 } })
    await until(() => isActive(hub, name, 1), { what: name })
  }
}

const airAt = (port: number) => ({
  name: 'air',
  protocol: 'mqtt' as const,
  connection: { host: '127.0.0.1', port },
  groups: [
    {
      name: 'all',
      everyMs: 1_000,
      tags: [
        { name: 'humidity', topic: 'air', path: 'humidity' },
        { name: 'temperature', topic: 'air', path: 'temperature' },
        {
          name: 'score',
          topic: 'score',
          write: { perMinute: 6_000, verify: false },
          command: { topic: 'score/set', payload: '{{value}}' },
        },
      ],
    },
  ],
})

const PUMP = {
  name: 'pump',
  protocol: 'simulator' as const,
  connection: { seed: 1 },
  groups: [
    {
      name: 'process',
      everyMs: 100,
      tags: Array.from({ length: LEARNED_TAGS }, (_, at) => ({
        name: `tag${at}`,
        signal: { kind: 'sine' as const, mean: 80 + at, amplitude: 4, periodSeconds: 4 },
      })),
    },
  ],
}

const FLOW = {
  name: 'scored',
  inputs: ['humidity', 'temperature'].map((tag) => ({ name: tag, source: 'air', tag })),
  steps: [
    { name: 'reading', kind: 'align', from: ['humidity', 'temperature'], maxAgeMs: 60_000 },
    { name: 'readings', kind: 'window', by: 'count', from: 'reading', samples: WINDOW },
    { name: 'score', kind: 'model', model: 'anomaly', from: ['readings'], inputs: ['window'] },
  ],
  sinks: [{ name: 'out', kind: 'tag', source: 'air', tag: 'score', from: 'score', onChange: false }],
}

async function isActive({ client }: HubProgram, name: string, version: number): Promise<boolean> {
  const { items } = await client.device.get({ device: DEVICE })
  return items.some((item) => item.name === name && item.state === 'active' && item.serving?.version === version)
}

const BIG = 'big'

/** y = Σ x·w with weights that no compression makes smaller. */
async function pushBig(hub: HubProgram, version: number): Promise<void> {
  const weights = new Float32Array(VERSION_FLOATS)
  let state = version
  for (let at = 0; at < weights.length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    weights[at] = state / 2 ** 32
  }
  const bytes = writeModel(
    buildModel({
      opsets: { 'ai.onnx': 13 },
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [1] }],
      initialisers: [{ name: 'w', datatype: 'FP32', shape: [VERSION_FLOATS], data: new Uint8Array(weights.buffer) }],
      nodes: [
        { operator: 'Mul', inputs: ['x', 'w'], outputs: ['products'] },
        { operator: 'ReduceSum', inputs: ['products'], outputs: ['y'] },
      ],
    }),
  )
  await pushModel(hub, { name: BIG, bytes, golden: { cases: [{ inputs: { x: floatTensor([1], [1]) } }] } })
}

type Equipment = { say(at: number): Promise<number> }

/** An independent program publishes the reading, and another one hears the written score. */
async function openEquipment(broker: Mosquitto): Promise<Equipment> {
  let heard: (() => void) | undefined
  await broker.listen('score/set', () => heard?.())
  const air = broker.publisher('air')
  return {
    async say(at) {
      const answered = new Promise<void>((resolve) => {
        heard = resolve
      })
      const fromMs = performance.now()
      air.say(JSON.stringify({ humidity: 44 + Math.sin(at / 7) / 10, temperature: 30 + Math.sin(at / 7 + 1) / 10 }))
      await Promise.race([answered, sleep(ANSWER_MAX_MS, undefined, { ref: false })])
      return Math.min(performance.now() - fromMs, ANSWER_MAX_MS)
    },
  }
}

type Load = { ready: Promise<unknown>; isOver(): boolean; end(): Promise<void> }

/** Starts one load after the other, the one that lasts longest first. */
async function under(equipment: Equipment, starts: readonly (() => Load)[]) {
  const loads: Load[] = []
  for (const start of starts) {
    const load = start()
    loads.push(load)
    await load.ready
  }
  const result = await measured(equipment, () => loads.some((load) => load.isOver()))
  await Promise.all(loads.map((load) => load.end()))
  return result
}

/** Ends early when a load has no work left, so that each answer counts that had the load beside it. */
async function measured(equipment: Equipment, isOver = () => false) {
  for (let at = 0; at < WINDOW; at += 1) await equipment.say(at)
  const taken: number[] = []
  while (taken.length < ANSWERS && !isOver()) {
    taken.push(await equipment.say(taken.length))
    await sleep(PAUSE_MS)
  }
  const sorted = taken.toSorted((a, b) => a - b)
  const quantile = (share: number) => Number((sorted[Math.ceil(share * sorted.length) - 1] ?? 0).toFixed(2))
  return { answers: sorted.length, p50: quantile(0.5), p99: quantile(0.99), max: quantile(1) }
}

/** The versions come one after the other until the end. */
function pull(hub: HubProgram, round: number): Load {
  let isOver = false
  let isWanted = true
  const begun = Promise.withResolvers<void>()
  const work = async () => {
    const first = (round - 1) * VERSIONS + 1
    for (let version = first; version < first + VERSIONS && isWanted; version += 1) {
      await hub.client.deployment.apply({
        name: `${BIG}-${round}`,
        deployable: BIG,
        version: String(version),
        probation: { seconds: 0 },
      })
      begun.resolve()
      await until(() => isActive(hub, BIG, version), { what: `version ${version}` })
    }
    isOver = true
    await hub.client.deployment.remove({ deployment: `${BIG}-${round}` })
  }
  const working = work()
  return {
    ready: Promise.race([begun.promise, working]),
    isOver: () => isOver,
    async end() {
      isWanted = false
      await working
    },
  }
}

/** The device trains one detector after the other. */
function train({ client }: HubProgram, round: string): Load {
  const names = Array.from({ length: LEARNINGS }, (_, at) => `${round}-${at}`)
  const tags = PUMP.groups[0]?.tags.map(({ name }) => name) ?? []
  let inTraining = 0
  const look = async () => {
    const phases = await Promise.all(names.map(async (name) => (await client.learning.get({ name })).phase))
    inTraining = phases.filter((phase) => phase === 'train').length
  }
  const ready = async () => {
    for (const name of names)
      await client.learning.start({
        spec: {
          name,
          device: DEVICE,
          source: 'pump',
          tags,
          everyMs: 100,
          seconds: COLLECT_SECONDS,
          falseAlarmDays: 0.01,
          shadowSeconds: 0,
        },
      })
    await until(async () => {
      await look()
      return inTraining > 0
    })
  }
  let looking: NodeJS.Timeout | undefined
  return {
    ready: ready().then(() => {
      looking = setInterval(() => void look().catch(() => undefined), 500)
    }),
    isOver: () => inTraining === 0,
    async end() {
      await until(async () => {
        await look()
        return inTraining === 0
      })
      clearInterval(looking)
    },
  }
}

function openTerminals({ client, url }: HubProgram): Load {
  const opened: { destroy(): void }[] = []
  const ready = async () => {
    const grant = await client.access.request({ device: DEVICE, kinds: ['shell'], reason: 'a benchmark' })
    for (let count = 0; count < TERMINALS; count += 1) {
      const wish = { kind: 'shell' as const, command: PRINTS, terminal: { columns: 80, rows: 24 } }
      const { session, ticket } = await client.access.open({ device: DEVICE, wish })
      const protocols = [SESSION_PROTOCOL, ticket]
      const address = `${url}${SESSION_STREAM_PATH}/${session.id}`
      const dialled = await dialSocket(address, { protocols, messageBytesMax: STREAM_MESSAGE_MAX }, signal)
      if (!dialled.ok) throw new Error(`${dialled.code}: ${dialled.message}`)
      const { socket } = dialled
      opened.push({ destroy: () => socket.terminate() })
    }
    return grant.id
  }
  const grant = ready()
  return {
    ready: grant,
    isOver: () => false,
    async end() {
      for (const one of opened) one.destroy()
      await client.access.revoke({ device: DEVICE, grant: await grant, reason: 'measured' })
    },
  }
}
