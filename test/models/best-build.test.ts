/** The best build with real processes: two agents of different classes serve different builds of one version. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Build } from '@skerry/contract/builds/build'
import { InstructionSet } from '@skerry/contract/devices/device'
import { hardwareClassOf } from '@skerry/core/devices/hardware-class'
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'

const NAME = 'classifier'
const SITE = { name: 'hamburg', kind: 'edge', country: 'DE' } as const
const SPEC = { name: NAME, deployable: NAME, version: '1', probation: { seconds: 0 } }
const INPUTS = 32
const CLASSES = 256

let folder: string
let hub: HubProgram
const agents: AgentProgram[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-best-build-'))
  hub = await startHub(await newHubHome(folder))
  agents.push(await startAgent(hub, { site: SITE, device: 'press-1', folder }))
  // The second agent hides the instruction sets of this machine, so that its class differs.
  const options = ['--hardware-mask', InstructionSet.options.join(',')]
  agents.push(await startAgent(hub, { site: SITE, device: 'press-2', folder, options }))
  await pushModel(hub, { name: NAME, bytes: writeModel(classifier), golden: { cases: [1, 2, 3, 4].map(caseOf) } })
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

async function madeBuild(recipe: 'float16' | 'dynamic-int8'): Promise<Build> {
  const { client } = hub
  const { id } = await client.optimisation.start({
    name: NAME,
    version: '1',
    recipes: [recipe],
    goal: { differenceMax: 2 },
  })
  await until(async () => (await client.optimisation.get({ optimisation: id })).endedAtMs !== undefined)
  const { rows } = await client.build.list({ name: NAME, version: '1' })
  const build = rows.find((row) => row.recipe === recipe)
  if (!build) throw new Error(`no build ${recipe} was admitted`)
  return build
}

/** Waits until the device has reported its hardware, and returns its class. */
async function classOf(device: string): Promise<string> {
  let found: string | undefined
  await until(async () => {
    const { inventory } = await hub.client.device.get({ device })
    found = inventory && hardwareClassOf(inventory)
    return found !== undefined
  })
  return found ?? ''
}

/** Stores a measurement as a device of the class would report it. A masked agent measures nothing itself. */
async function measured(build: Build, device: string, speed: number): Promise<void> {
  const { id } = await hub.client.device.get({ device })
  const hardwareClass = await classOf(device)
  using database = new DatabaseSync(join(folder, 'hub', 'hub.sqlite'))
  const ratio = { low: speed - 0.02, middle: speed, high: speed + 0.02 }
  const timing = JSON.stringify({ n: 100, p50Ms: 1, p95Ms: 2, peakBytes: 1_000, speed: ratio })
  database
    .prepare(
      `insert or replace into build_measurements (version_id, digest, device_id, organisation_id, build_id, hardware_class,
         batch_id, agent, runtime, threads, timing, problem, measured_at_ms)
       select version_id, digest, ?, organisation_id, id, ?, 'bat_test', '0.2.0', '1.30.0', 1, ?, null, ?
       from builds where id = ?`,
    )
    .run(id, hardwareClass, timing, Date.now(), build.id)
}

/** Waits until the devices serve these contents, and the rollout is done. */
async function served(digests: Readonly<Record<string, string>>): Promise<void> {
  for (const [device, digest] of Object.entries(digests)) {
    await until(async () => {
      const [item] = (await hub.client.device.get({ device })).items
      if (item?.state === 'failed') throw new Error(item.cause?.message)
      return item?.state === 'active' && item.serving?.digest === digest
    })
  }
  await until(async () => (await hub.client.deployment.get({ deployment: NAME })).rolloutStatus === 'done')
}

test('two classes get different builds of one version, and a rollback returns each to exactly its own', async () => {
  const { client } = hub
  const int8 = await madeBuild('dynamic-int8')
  const half = await madeBuild('float16')
  const { digest: float } = await client.model.getVersion({ name: NAME, version: '1' })
  const [whole, masked] = [await classOf('press-1'), await classOf('press-2')]
  expect(whole).not.toBe(masked)
  expect((await client.device.get({ device: 'press-2' })).inventory?.hardware?.masked).toBe(true)

  await measured(int8, 'press-1', 1.31)
  expect(await client.build.choices({ name: NAME, version: '1' })).toMatchObject({
    rows: expect.arrayContaining([
      expect.objectContaining({ hardwareClass: whole, build: int8.id }),
      expect.not.objectContaining({ build: int8.id }),
    ]),
  })
  const plan = await client.deployment.plan({ ...SPEC, build: 'best' })
  expect(plan.forms).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ build: int8.id, devices: [expect.objectContaining({ name: 'press-1' })] }),
      expect.objectContaining({ hardwareClass: masked, devices: [expect.objectContaining({ name: 'press-2' })] }),
    ]),
  )
  await client.deployment.apply({ ...SPEC, build: 'best' })
  await served({ 'press-1': int8.digest, 'press-2': float })
  await expect(client.build.remove({ build: int8.id })).rejects.toMatchObject({ code: 'build_in_use' })

  await measured(half, 'press-2', 1.2)
  expect(await client.build.choices({ name: NAME, version: '1' })).toMatchObject({ outdated: [NAME] })
  expect(await client.deployment.explain({ deployment: NAME, device: 'press-2' })).toMatchObject({
    form: expect.stringContaining('newer measurements choose build float16'),
    next: ['skerry deploy classifier:1 --build best'],
  })
  await client.deployment.apply({ ...SPEC, build: 'best' })
  await served({ 'press-1': int8.digest, 'press-2': half.digest })
  const explained = await client.deployment.explain({ deployment: NAME, device: 'press-1' })
  expect(explained).toMatchObject({ build: { build: int8.id, hardwareClass: whole, speed: 1.31, device: 'press-1' } })
  expect(explained.form).toContain(`1.31 times as fast as the version on ${whole}, measured on press-1`)
  expect((await client.device.get({ device: 'press-1' })).items[0]?.servingBuild).toMatchObject({
    build: int8.id,
    recipe: 'dynamic-int8',
  })
  expect((await client.deployment.get({ deployment: NAME })).forms).toEqual(
    expect.arrayContaining([
      { version: 1, build: int8.id, recipe: 'dynamic-int8', devices: 1 },
      { version: 1, build: half.id, recipe: 'float16', devices: 1 },
    ]),
  )

  expect(await client.deployment.rollback({ deployment: NAME })).toMatchObject({ rollbackTo: 1 })
  await served({ 'press-1': int8.digest, 'press-2': float })

  await client.deployment.apply(SPEC)
  await served({ 'press-1': float, 'press-2': float })
  await client.deployment.rollback({ deployment: NAME })
  await served({ 'press-1': int8.digest, 'press-2': float })
})
