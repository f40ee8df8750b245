/** Measurements with real processes: two devices measure a version and its builds, and leave nothing behind. */
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BatchId } from '@skerry/contract/values/ids'
import { sessionsFor } from '@skerry/core/builds/session-settings'
import { hardwareClassOf } from '@skerry/core/devices/hardware-class'
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { processesWith } from '@skerry/testkit/processes'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type AgentProgram,
  type HubHome,
  type HubProgram,
  newHubHome,
  startAgent,
  startHub,
} from '../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'
import { commandLine } from '../stage/command-line.ts'

const NAME = 'classifier'
const SITE = { name: 'hamburg', kind: 'edge', country: 'DE' } as const
const INPUTS = 1024
const CLASSES = 2048

let folder: string
let home: HubHome
let hub: HubProgram
const agents: AgentProgram[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-bench-'))
  home = await newHubHome(folder)
  hub = await startHub(home)
  for (const device of ['press-1', 'press-2']) agents.push(await startAgent(hub, { site: SITE, device, folder }))
  await pushModel(hub, { name: NAME, bytes: writeModel(classifier), golden: { cases: [1, 2, 3, 4].map(caseOf) } })
  await optimise()
})
afterAll(async () => {
  for (const agent of agents) await agent.stop()
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const wave = (length: number, seed: number) =>
  Float32Array.from({ length }, (_, index) => Math.sin(index * 0.7 + seed) * 0.8)

const classifier = buildModel({
  opsets: { 'ai.onnx': 13 },
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1, INPUTS] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [1, CLASSES] }],
  initialisers: [float32Tensor('m', [INPUTS, CLASSES], wave(INPUTS * CLASSES, 3))],
  nodes: [{ operator: 'MatMul', inputs: ['x', 'm'], outputs: ['y'] }],
})

const caseOf = (seed: number) => ({ inputs: { x: floatTensor([1, INPUTS], wave(INPUTS, seed)) } })

async function optimise(): Promise<void> {
  const goal = { differenceMax: 2 }
  const { client } = hub
  const started = await client.optimisation.start({ name: NAME, version: '1', recipes: ['dynamic-int8'], goal })
  await until(async () => (await client.optimisation.get({ optimisation: started.id })).endedAtMs !== undefined)
}

const candidates = () => processesWith('candidate-child', folder)

const measuringOn = (device: string) => processesWith('candidate-child', join(folder, device))

/** A device measures for half a minute, and a loaded machine needs some time before. */
const TIMEOUT_SECONDS = 120
const WAIT = { patienceMs: 240_000 }

const isAlive = (id: number) => existsSync(`/proc/${id}`)

/** The model files on the disk of the device. */
const blobsOf = async (device: string) =>
  (await readdir(join(folder, device, 'blobs'), { recursive: true })).filter((name) => /[0-9a-f]{60}/.test(name))

/** Sends the command to one device. */
async function send(device: string, seconds: number): Promise<BatchId> {
  const { client } = hub
  const command = await client.build.benchCommand({ name: NAME, version: '1', seconds, cpuPercent: 100 })
  const { id } = await client.batch.create({ command, selector: `device.name == "${device}"` })
  await client.batch.sign({ batch: id })
  await client.batch.send({ batch: id })
  return id
}

async function ended(batch: BatchId) {
  await until(async () => (await hub.client.batch.get({ batch })).status === 'ended')
  return (await hub.client.batch.devices({ batch })).rows[0]
}

test('two devices measure a version and its builds, and the CLI shows how fast each is', async () => {
  const cli = commandLine(hub, folder)
  const bench = ['model', 'bench', NAME, '--devices', 'true', '--seconds', '60', '--cpu', '100']
  expect(await cli(...bench, '--dry-run')).toContain('the version, dynamic-int8')
  expect(await cli(...bench, '--sessions', '--dry-run')).toContain('2 and 4 threads')
  const out = await cli(...bench, '--watch')
  expect(out).toContain('2 succeeded')
  const { rows } = await hub.client.build.measurements({ name: NAME, version: '1' })
  expect(rows).toHaveLength(4)
  const { inventory } = await hub.client.device.get({ device: 'press-1' })
  for (const { hardwareClass, timing, problem, build } of rows) {
    expect(problem).toBeUndefined()
    expect(hardwareClass).toBe(inventory && hardwareClassOf(inventory))
    expect(timing?.n).toBeGreaterThan(20)
    expect(timing?.peakBytes).toBeGreaterThan(30_000_000)
    expect(timing?.speed === undefined).toBe(build === undefined)
  }
  expect(out).toContain('the version')
  expect(await cli('build', 'measurements', NAME)).toMatch(/press-2 .* dynamic-int8 .*x \(/)
  expect(await cli('device', 'classes')).toContain('press-1, press-2')
  expect(await candidates()).toEqual([])
  for (const device of ['press-1', 'press-2']) {
    expect(await readdir(join(folder, device)), 'no folder of links is left').not.toContain('bench')
    expect(await blobsOf(device)).toEqual([])
  }
})

test(
  'with --sessions a device tries more threads with the fastest build, as far as it has cores',
  deep('a search over sessions takes a minute and a half of an idle device'),
  async () => {
    const cli = commandLine(hub, folder)
    const where = ['--devices', 'device.name == "press-1"']
    const bench = ['model', 'bench', NAME, ...where, '--seconds', '90', '--cpu', '100', '--sessions']
    expect(await cli(...bench, '--dry-run')).toContain('2 and 4 threads')
    await cli(...bench, '--watch')
    const { rows } = await hub.client.build.measurements({ name: NAME, version: '1' })
    const measured = rows.filter(({ device }) => device === 'press-1')
    const build = measured.find((row) => row.build !== undefined)
    const isFaster = (build?.timing?.speed?.low ?? 0) > 1
    expect(build?.sessions?.map(({ threads }) => threads) ?? []).toEqual(
      isFaster ? sessionsFor(availableParallelism(), { sessions: true }).map(({ threads }) => threads) : [],
    )
    for (const { timing, problem } of build?.sessions ?? []) {
      expect(problem).toBeUndefined()
      expect(timing?.n).toBeGreaterThan(0)
    }
    if (isFaster) expect(await cli('build', 'measurements', NAME)).toMatch(/dynamic-int8, 2 threads that spin/)
    expect(await candidates()).toEqual([])
  },
)

test('an agent that hides instruction sets has another class, and measures nothing', async () => {
  const options = ['--hardware-mask', 'amx,vnni,avx512']
  agents.push(await startAgent(hub, { site: SITE, device: 'press-3', folder, options }))
  const hardware = await until(async () => (await hub.client.device.get({ device: 'press-3' })).inventory?.hardware)
  expect(hardware).toMatchObject({ masked: true })
  expect(hardware.instructions).not.toContain('avx512')
  expect(await ended(await send('press-3', 60))).toMatchObject({ outcome: 'failed', code: 'bench_masked' })
  expect(await blobsOf('press-3')).toEqual([])
})

test(
  'after a kill of the agent in the middle, no process is left, and the device measures again',
  deep('a second measurement takes half a minute'),
  async () => {
    const batch = await send('press-2', 60)
    const before = await until(async () => {
      const running = await candidates()
      return running.length > 0 ? running : undefined
    })
    const [, agent] = agents
    await agent?.kill()
    await until(() => Promise.resolve(before.every((id) => !isAlive(id))))
    if (agent) agents[1] = await agent.again()
    expect(await ended(batch)).toMatchObject({ outcome: 'succeeded' })
    expect(await candidates()).toEqual([])
    expect(await blobsOf('press-2')).toEqual([])
  },
)

test(
  'a device that stops, or whose line falls silent in the middle, ends as timed out, and the figures of others count',
  deep('it waits for the time of a batch'),
  async () => {
    const { client } = hub
    agents.push(await startAgent(hub, { site: SITE, device: 'press-4', folder }))
    const [, stopped] = agents
    const command = await client.build.benchCommand({ name: NAME, version: '1', seconds: 30, cpuPercent: 100 })
    const selector = 'device.name in ["press-1", "press-2", "press-4"]'
    const { id: batch } = await client.batch.create({ command, selector, timeoutSeconds: TIMEOUT_SECONDS })
    await client.batch.sign({ batch })
    await client.batch.send({ batch })
    await until(async () => {
      const running = await Promise.all(['press-2', 'press-4'].map((device) => measuringOn(device)))
      return running.every((found) => found.length > 0)
    })
    // The kernel of a frozen agent keeps its connection open, and nothing comes over it any more.
    const [silent = 0] = await processesWith(join(folder, 'press-4'), process.pid)
    process.kill(silent, 'SIGSTOP')
    await stopped?.stop()
    expect(await measuringOn('press-2'), 'an agent that stops takes its measurement with it').toEqual([])

    await until(async () => (await client.batch.get({ batch })).status === 'ended', WAIT)
    const { counts } = await client.batch.get({ batch })
    expect(counts).toMatchObject({ succeeded: 1, 'timed-out': 2, failed: 0, told: 0, waiting: 0 })
    const rowsOf = async () => {
      const { rows } = await client.build.measurements({ name: NAME, version: '1' })
      return rows.filter(({ batchId }) => batchId === batch)
    }
    const rows = await rowsOf()
    expect(rows.map(({ device, problem, timing }) => [device, problem, timing !== undefined])).toEqual([
      ['press-1', undefined, true],
      ['press-1', undefined, true],
    ])
    const { rows: choices } = await client.build.choices({ name: NAME, version: '1' })
    const [own] = rows
    const choice = choices.find(({ hardwareClass }) => hardwareClass === own?.hardwareClass)
    expect(choice?.candidates.map(({ reason }) => reason)).not.toContain('unmeasured')
    const cli = commandLine(hub, folder)
    expect(await cli('batch', 'show', batch)).toMatch(/2 timed.out/)

    process.kill(silent, 'SIGCONT')
    if (stopped) agents[1] = await stopped.again()
    await until(async () => (await rowsOf()).some(({ device }) => device === 'press-4'), WAIT)
    await until(async () => (await candidates()).length === 0, WAIT)
    for (const device of ['press-2', 'press-4']) expect(await blobsOf(device)).toEqual([])
  },
)

test(
  'a hub that is killed in the middle of a measurement gets the figures that the device has measured meanwhile',
  deep('a second measurement takes half a minute'),
  async () => {
    const { client } = hub
    const newestOf = async () => {
      const { rows } = await hub.client.build.measurements({ name: NAME, version: '1' })
      return rows.filter(({ device, batchId }) => device === 'press-2' && batchId === batch)
    }
    const batch = await send('press-2', 60)
    const running = await until(async () => {
      const found = await candidates()
      return found.length > 0 ? found : undefined
    })
    expect((await client.batch.get({ batch })).status).toBe('running')
    await hub.kill()
    // The device goes on without the hub.
    expect(running.some(isAlive)).toBe(true)
    hub = await startHub(home)
    expect(await ended(batch)).toMatchObject({ outcome: 'succeeded' })
    expect((await newestOf()).map(({ problem, timing }) => [problem, timing !== undefined])).toEqual([
      [undefined, true],
      [undefined, true],
    ])
    expect(await candidates()).toEqual([])
    expect(await blobsOf('press-2')).toEqual([])
  },
)

test(
  'a device whose model gets requests all the time measures nothing, and keeps serving',
  deep('it deploys, and waits for the time of a measurement'),
  async () => {
    const { client } = hub
    const [agent] = agents
    await client.deployment.apply({
      name: NAME,
      deployable: NAME,
      version: '1',
      selector: 'device.name == "press-1"',
      probation: { seconds: 0 },
    })
    await until(async () => (await client.device.get({ device: 'press-1' })).items[0]?.state === 'active')
    const { x } = caseOf(1).inputs
    const body = JSON.stringify({
      inputs: [{ name: 'x', datatype: 'FP32', shape: x.shape, data: [...wave(INPUTS, 1)] }],
    })
    let isOver = false
    const asking = (async () => {
      while (!isOver) {
        const answer = await fetch(`${agent?.restUrl}/v2/models/${NAME}/infer`, { method: 'POST', body })
        expect(answer.status).toBe(200)
        await answer.arrayBuffer()
        await sleep(200)
      }
    })()
    expect(await ended(await send('press-1', 6))).toMatchObject({ outcome: 'failed', code: 'bench_busy' })
    isOver = true
    await asking
    expect((await blobsOf('press-1')).length, 'the files of the version that serves stay').toBeGreaterThan(0)
  },
)
