/**
 * Values of a flow over a power cut: the rows that a flow gave to its model are those in windows, and those that are
 * counted as lost. The flow sends each answer to the hub, so that the test knows their number from another way.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commandLine } from '../../examples/stage/command-line.ts'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'

const NAME = 'level'
const DEVICE = 'tank-1'
const ROWS = 200

/** A window is open at nearly every time. */
const WINDOW_SECONDS = 120

/** The device hears each second how many rows are open, and writes it to its disk every five seconds. */
const HEARD_MS = 8_000

/** Rows come in the first half of each period, so that a kill in the other half interrupts none. */
const PERIOD_SECONDS = 40

const SOURCE = `name: tank
protocol: simulator
connection: { seed: 7 }
groups:
  - name: fast
    everyMs: 100
    tags: [{ name: level, signal: { kind: ramp, from: 0, to: 1, periodSeconds: ${PERIOD_SECONDS} } }]
`

const FLOW = `name: watch
inputs: [{ name: level, source: tank, tag: level }]
steps:
  - { name: low, kind: filter, from: level, where: value < 0.5 }
  - { name: row, kind: window, by: count, from: low, samples: 1, every: 1 }
  - { name: answer, kind: model, model: ${NAME}, from: [row], inputs: [x] }
sinks: [{ name: answers, kind: hub, from: answer }]
`

let folder: string
let hub: HubProgram
let agent: AgentProgram
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-flow-loss-'))
  hub = await startHub(await newHubHome(folder))
  agent = await startAgent(hub, { site: { name: 'plant', kind: 'edge' }, device: DEVICE, folder })
  const model = buildModel({
    opsets: { 'ai.onnx': 13 },
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
    nodes: [{ operator: 'Abs', inputs: ['x'], outputs: ['y'] }],
  })
  const values = Float32Array.from({ length: ROWS }, (_, at) => (at * 0.6180339887) % 1)
  const golden = { cases: [{ inputs: { x: floatTensor([ROWS, 1], values) } }] }
  await pushModel(hub, { name: NAME, bytes: writeModel(model), golden })
  const { client } = hub
  await client.deployment.apply({ name: NAME, deployable: NAME, probation: { seconds: 0 } })
  await until(async () => (await client.deployment.get({ deployment: NAME })).rolloutStatus === 'done')
  await client.profile.make({ name: NAME, version: '1' })
  await client.monitor.set({ name: NAME, spec: { windowSeconds: WINDOW_SECONDS, windows: 1_000 } })
  await until(async () =>
    (await readFile(join(folder, DEVICE, 'monitors.json'), 'utf8').catch(() => '')).includes(NAME),
  )
  // From the next start on, the device counts each row.
  await agent.stop()
  agent = await agent.again()
  const skerry = commandLine(hub, folder)
  await writeFile(join(folder, 'tank.yaml'), SOURCE)
  await writeFile(join(folder, 'watch.yaml'), FLOW)
  await skerry('source', 'set', 'tank.yaml', '--scope', `device:${DEVICE}`)
  await skerry('flow', 'push', 'watch.yaml')
  await client.deployment.apply({ name: 'watch', deployable: 'watch', probation: { seconds: 0 } })
})
afterAll(async () => {
  await agent?.stop()
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** The answers that the flow has sent to the hub. */
async function observed(): Promise<number> {
  const { rows } = await hub.client.telemetry.signals({ device: DEVICE })
  const [signal] = rows.filter((row) => row.signal.includes('answer'))
  if (!signal) return 0
  const span = { fromMs: Date.now() - 3_000_000, toMs: Date.now() + 1_000, buckets: 1 }
  const { buckets } = await hub.client.telemetry.query({ device: DEVICE, signal: signal.signal, ...span })
  return buckets.reduce((sum, { count }) => sum + count, 0)
}

/** The number once no more rows come, which lasts half of a period. */
async function observedInQuiet(above: number): Promise<number> {
  return until(async () => {
    const before = await observed()
    await sleep(HEARD_MS)
    return before > above && (await observed()) === before ? before : undefined
  })
}

async function counted(): Promise<{ rows: number; lost: number }> {
  const { versions } = await hub.client.monitor.get({ name: NAME })
  const [version] = versions
  return { rows: (version?.rows ?? 0) + (version?.uncounted ?? 0), lost: version?.lost ?? 0 }
}

/** A runner ends by itself when control is gone. */
function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

test(
  'the rows of a flow are in windows or counted as lost, also if all processes of the device are killed twice',
  deep('it waits for half of a period before each kill'),
  async () => {
    let seen = 0
    for (const _ of [1, 2]) {
      seen = await observedInQuiet(seen)
      const ready = await agent.waitFor('runner_ready')
      await agent.kill()
      killIfAlive(Number(ready.runnerPid))
      agent = await agent.again()
    }
    await observedInQuiet(seen)
    // Without the flow no more rows come. An agent that stops sends its open window.
    await hub.client.deployment.remove({ deployment: 'watch' })
    await until(async () => (await hub.client.device.get({ device: DEVICE })).items.every(({ name }) => name === NAME))
    await sleep(HEARD_MS)
    const all = await observed()
    expect(all).toBeGreaterThan(ROWS)
    await agent.stop()
    agent = await agent.again()
    await until(async () => {
      const { rows, lost } = await counted()
      return rows + lost === all && lost > 0
    })
  },
)
