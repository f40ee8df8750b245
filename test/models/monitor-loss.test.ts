/** Windows over ends of a runner: the rows that devices answered are those in windows, and those that are counted as lost. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'

const NAME = 'level'
const ROWS = 200

/** Long enough that a window does not end between a request and the kill, which come some seconds apart. */
const WINDOW_SECONDS = 30

/** The device hears each second how many rows are open, and writes it to its disk every five seconds. */
const HEARD_MS = 8_000

let folder: string
let hub: HubProgram
let agent: AgentProgram
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-monitor-loss-'))
  hub = await startHub(await newHubHome(folder))
  agent = await startAgent(hub, { site: { name: 'plant', kind: 'edge' }, device: 'tank-1', folder })
  const model = buildModel({
    opsets: { 'ai.onnx': 13 },
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
    nodes: [{ operator: 'Abs', inputs: ['x'], outputs: ['y'] }],
  })
  const cases = [{ inputs: { x: floatTensor([ROWS, 1], values()) } }]
  await pushModel(hub, { name: NAME, bytes: writeModel(model), golden: { cases } })
  const { client } = hub
  await client.deployment.apply({ name: NAME, deployable: NAME, probation: { seconds: 0 } })
  await until(async () => (await client.deployment.get({ deployment: NAME })).rolloutStatus === 'done')
  await client.profile.make({ name: NAME, version: '1' })
  await client.monitor.set({ name: NAME, spec: { windowSeconds: WINDOW_SECONDS, windows: 1_000 } })
  // From the next start on, the device counts each row.
  const path = join(folder, 'tank-1', 'monitors.json')
  await until(async () => (await readFile(path, 'utf8').catch(() => '')).includes(NAME))
  await agent.stop()
  agent = await agent.again()
})
afterAll(async () => {
  await agent?.stop()
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const values = () => Float32Array.from({ length: ROWS }, (_, at) => (at * 0.6180339887) % 1)

async function ask(): Promise<number> {
  const body = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [ROWS, 1], data: [...values()] }] })
  await until(async () => {
    const sent = fetch(`${agent.restUrl}/v2/models/${NAME}/infer`, { method: 'POST', body })
    const answer = await sent.catch(() => undefined)
    await answer?.arrayBuffer()
    return answer?.status === 200
  })
  return ROWS
}

/** A runner ends by itself when control is gone. */
function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

async function counted(): Promise<{ rows: number; lost: number }> {
  const { versions } = await hub.client.monitor.get({ name: NAME })
  const [version] = versions
  return { rows: (version?.rows ?? 0) + (version?.uncounted ?? 0), lost: version?.lost ?? 0 }
}

test(
  'the open window is sent when an agent stops, and a killed runner counts it as lost',
  deep('a kill, and windows of half a minute; the counter itself is tested in the quick tier'),
  async () => {
    let asked = await ask()
    await agent.stop()
    agent = await agent.again()
    await until(async () => (await counted()).rows === asked)
    expect((await counted()).lost).toBe(0)

    asked += await ask()
    await sleep(HEARD_MS)
    const { runnerPid } = await agent.waitFor('runner_ready')
    process.kill(Number(runnerPid), 'SIGKILL')
    asked += await ask()
    await until(async () => {
      const { rows, lost } = await counted()
      return rows + lost === asked
    })
    const { lost: lostBefore } = await counted()

    // All processes of the device end at once.
    asked += await ask()
    await sleep(HEARD_MS)
    const ready = await agent.waitFor('runner_ready')
    await agent.kill()
    killIfAlive(Number(ready.runnerPid))
    agent = await agent.again()
    asked += await ask()
    await until(async () => {
      const { rows, lost } = await counted()
      return rows + lost === asked && lost > lostBefore
    })
  },
)

test(
  'the requests that a device answers become the traffic of its model, with their latency',
  deep('the hub adds up the reports once a minute; a quick test of the hub shows each sum'),
  async () => {
    const traffic = () => hub.client.traffic.model({ name: NAME, over: 'day' })
    const total = async () => (await traffic()).points.reduce((sum, { requests }) => sum + requests, 0)
    const before = await total()
    const asked = 5
    for (let at = 0; at < asked; at += 1) await ask()
    await until(async () => (await total()) >= before + asked, { patienceMs: 240_000 })
    const [version] = (await traffic()).versions
    expect(version).toMatchObject({ version: 1, failures: 0, dropped: 0 })
    expect(version?.p50Us).toBeGreaterThan(0)
    expect(version?.p95Us).toBeGreaterThanOrEqual(version?.p50Us ?? 0)
    const { points } = await hub.client.traffic.device({ device: 'tank-1', name: NAME, over: 'day' })
    expect(points.reduce((sum, { requests }) => sum + requests, 0)).toBe(await total())
  },
)
