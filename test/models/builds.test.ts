/** Builds with real processes: a device serves a build of a version, and goes back to exactly what it had. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Build } from '@skerry/contract/builds/build'
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { pushModel } from '../../examples/stage/push.ts'
import { caseOf, INPUTS, wave } from './classifier.ts'

const NAME = 'classifier'
const SITE = { name: 'hamburg', kind: 'edge', country: 'DE' } as const

const CHANNELS = 512
const CLASSES = 256
const SHARED_BYTES = CHANNELS * CHANNELS * Float32Array.BYTES_PER_ELEMENT

/** Dynamic int8 keeps the convolutions, whose weights are a megabyte, and rewrites the product. */
const model = writeModel(
  buildModel({
    opsets: { 'ai.onnx': 13 },
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, INPUTS] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [1, CLASSES] }],
    initialisers: [
      { name: 'shape', datatype: 'INT64', shape: [4], data: new Uint8Array(BigInt64Array.of(1n, 32n, 1n, 1n).buffer) },
      float32Tensor('narrow', [CHANNELS, INPUTS, 1, 1], wave(CHANNELS * INPUTS, 1)),
      float32Tensor('wide', [CHANNELS, CHANNELS, 1, 1], wave(CHANNELS * CHANNELS, 2)),
      float32Tensor('classes', [CHANNELS, CLASSES], wave(CHANNELS * CLASSES, 3)),
    ],
    nodes: [
      { operator: 'Reshape', inputs: ['x', 'shape'], outputs: ['image'] },
      { operator: 'Conv', inputs: ['image', 'narrow'], outputs: ['a'] },
      { operator: 'Conv', inputs: ['a', 'wide'], outputs: ['b'] },
      { operator: 'Flatten', inputs: ['b'], outputs: ['c'] },
      { operator: 'MatMul', inputs: ['c', 'classes'], outputs: ['y'] },
    ],
  }),
)

let folder: string
let hub: HubProgram
let agent: AgentProgram
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-builds-'))
  hub = await startHub(await newHubHome(folder))
  agent = await startAgent(hub, { site: SITE, device: 'press-1', folder })
  await pushModel(hub, { name: NAME, bytes: model, golden: { cases: [1, 2, 3, 4].map(caseOf) } })
})
afterAll(async () => {
  await agent?.stop()
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function optimised(): Promise<readonly Build[]> {
  const { client } = hub
  const started = await client.optimisation.start({
    name: NAME,
    version: '1',
    recipes: ['dynamic-int8'],
    goal: { differenceMax: 2 },
  })
  await until(async () => {
    const { endedAtMs } = await client.optimisation.get({ optimisation: started.id })
    return endedAtMs !== undefined
  })
  return (await client.build.list({ name: NAME, version: '1' })).rows
}

/** Waits until the device serves the files of this digest, and the rollout is done. */
async function served(digest: string): Promise<void> {
  await until(async () => {
    const { items } = await hub.client.device.get({ device: 'press-1' })
    const [item] = items
    if (item?.state === 'failed') throw new Error(item.cause?.message)
    const { rolloutStatus } = await hub.client.deployment.get({ deployment: NAME })
    return item?.state === 'active' && item.serving?.digest === digest && rolloutStatus === 'done'
  })
}

/** The report of the device about a file of this size that it fetched by chunks. */
async function byChunks(sizeBytes: number): Promise<{ copiedBytes: number }> {
  const text = await readFile(join(folder, 'press-1.log'), 'utf8')
  const line = text
    .split('\n')
    .find((each) => each.includes('"delta_fetched"') && each.includes(`"sizeBytes":${sizeBytes},`))
  if (line === undefined) throw new Error(`no file of ${sizeBytes} bytes came by chunks`)
  return JSON.parse(line)
}

test('a device serves the build that its deployment names, and a rollback returns to exactly that build', async () => {
  const { client } = hub
  const builds = await optimised()
  const chosen = builds.find(({ recipe }) => recipe === 'dynamic-int8')
  if (!chosen) throw new Error('no build was admitted')
  const spec = { name: NAME, deployable: NAME, version: '1', probation: { seconds: 0 } }
  await client.deployment.apply({ ...spec, build: 'dynamic-int8' })
  await served(chosen.digest)
  expect(await client.model.serving({ name: NAME })).toEqual({ rows: [{ version: 1, devices: 1 }] })
  expect((await client.model.getVersion({ name: NAME, version: '1' })).servingCount).toBe(1)

  await expect(client.build.remove({ build: chosen.id })).rejects.toMatchObject({ code: 'build_in_use' })
  await expect(client.deployment.apply({ ...spec, build: 'static-int8-minmax', name: 'other' })).rejects.toMatchObject({
    code: 'build_unknown',
  })

  const { digest, sizeBytes } = await client.model.getVersion({ name: NAME, version: '1' })
  const plan = await client.deployment.plan(spec)
  expect(plan).toMatchObject({ change: 'update', bytesPerDevice: sizeBytes })
  expect(sizeBytes - plan.bytes, 'the plan knows the chunks that the build shares').toBeGreaterThan(0.9 * SHARED_BYTES)
  await client.deployment.apply(spec)
  await served(digest)
  // The version comes after its build, so the device has the chunks of the convolutions already.
  const { copiedBytes } = await byChunks(model.length)
  expect(copiedBytes).toBeGreaterThan(0.9 * SHARED_BYTES)
  const back = await client.deployment.plan({ ...spec, build: 'dynamic-int8' })
  expect(back.bytesPerDevice).toBe(chosen.sizeBytes)
  expect(chosen.sizeBytes - back.bytes).toBeGreaterThan(0.9 * SHARED_BYTES)
  const { deployment } = await client.deployment.rollback({ deployment: NAME })
  expect(deployment.spec.build).toBe(chosen.id)
  await served(chosen.digest)
})
