/**
 * Ranges from devices, with real processes: a flow maps the tags of a machine to the inputs of a model, a capture keeps
 * them on the device, and builds get their ranges from there. No row is on the hub.
 */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Build, Optimisation, OptimisationPlan } from '@skerry/contract/builds/build'
import { RangesReport } from '@skerry/contract/builds/device-ranges'
import type { BatchId } from '@skerry/contract/values/ids'
import { filesBelow } from '@skerry/testkit/files-below'
import { processesWith } from '@skerry/testkit/processes'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CommandLine } from '../../examples/stage/command-line.ts'
import {
  type AgentProgram,
  type HubHome,
  type HubProgram,
  newHubHome,
  startAgent,
  startHub,
} from '../../examples/stage/fleet.ts'
import { pushModel } from '../../examples/stage/push.ts'
import { commandLine } from '../stage/command-line.ts'
import { caseOf, classifier, INPUTS } from './classifier.ts'

const NAME = 'classifier'

/** Between the other values, so that it is no bound of a range; its bytes occur nowhere else by chance. */
const PLANTED = 29.30718281828

/** The mapping of the flow. */
const SCALE = 0.5

const SOURCE = `name: press
protocol: simulator
connection: { seed: 7 }
groups:
  - name: fast
    everyMs: 100
    tags: [{ name: temperature, signal: { kind: sine, mean: 60, amplitude: 4, periodSeconds: 4 } }]
`

const FLOW = `name: watch
inputs: [{ name: celsius, source: press, tag: temperature }]
steps:
  - { name: mapped, kind: convert, from: celsius, scale: ${SCALE} }
  - { name: row, kind: window, by: count, from: mapped, samples: ${INPUTS}, every: 4 }
  - { name: answer, kind: model, model: ${NAME}, from: [row], inputs: [x], output: { index: 0 } }
sinks: [{ name: answers, kind: hub, from: answer }]
`

let folder: string
let home: HubHome
let hub: HubProgram
let agent: AgentProgram
let skerry: CommandLine
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-device-ranges-'))
  home = await newHubHome(folder)
  hub = await startHub(home)
  skerry = commandLine(hub, folder)
  agent = await startAgent(hub, { site: { name: 'hamburg', kind: 'edge', country: 'DE' }, device: 'press-1', folder })
  await pushModel(hub, { name: NAME, bytes: classifier, golden: { cases: [1, 2].map(caseOf) } })
  await hub.client.deployment.apply({ name: NAME, deployable: NAME, probation: { seconds: 0 } })
  await until(async () => (await hub.client.deployment.get({ deployment: NAME })).rolloutStatus === 'done')
})
afterAll(async () => {
  await agent?.stop()
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const heldCount = async () => (await hub.client.capture.rows({ device: 'press-1', name: NAME })).heldCount

async function ask(values: readonly number[]): Promise<void> {
  const body = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, INPUTS], data: values }] })
  const answer = await fetch(`${agent.restUrl}/v2/models/${NAME}/infer`, { method: 'POST', body })
  expect(answer.status).toBe(200)
}

/** A row with the planted value in its middle. */
const row = (at: number) =>
  Array.from({ length: INPUTS }, (_, index) => (index === 9 ? PLANTED : 28 + ((index + at) % 5)))

async function capture(): Promise<void> {
  await hub.client.capture.set({ name: NAME, rules: { sample: 1, purpose: 'ranges of builds' } })
  await until(async () => {
    const { rows } = await hub.client.capture.devices({ name: NAME })
    return rows.length === 1 && rows.every(({ isCurrent, isConnected }) => isCurrent && isConnected)
  })
}

/** The batch of the newest calibration. */
async function newestBatch(): Promise<BatchId> {
  const [batch] = (await hub.client.batch.list({ kind: 'calibrate-model' })).rows
  if (!batch) throw new Error('no batch was created')
  return batch.id
}

/** A calibration in the middle of its work. On a busy machine one can be over before somebody sees its process. */
async function runningCalibration(): Promise<{ batch: BatchId; processes: number[] }> {
  for (let attempt = 1; attempt <= 5; attempt++) {
    await calibrate()
    const batch = await newestBatch()
    const processes = await until(async () => {
      const found = await processesWith('build-child', folder)
      const { status } = await hub.client.batch.get({ batch })
      return status === 'ended' || found.length > 0 ? found : undefined
    })
    if (processes.length > 0) return { batch, processes }
  }
  throw new Error('each of five calibrations was over before its process was seen')
}

const calibrate = (...words: string[]) => skerry('model', 'calibrate', `${NAME}:1`, '--devices', 'true', ...words)

test('a device without captured rows says so, and nothing can be optimised by its batch', async () => {
  expect(await calibrate('--dry-run')).toContain('256 a device at most')
  await calibrate('--watch')
  const batch = await newestBatch()
  const [device] = (await hub.client.batch.devices({ batch })).rows
  expect(device).toMatchObject({ outcome: 'failed', code: 'calibration_rows_missing' })
  await expect(skerry('model', 'optimise', `${NAME}:1`, '--calibration-batch', batch)).rejects.toThrow(
    /no device of .* has answered with ranges/,
  )
})

test('ranges come from inputs that a flow mapped on the device, a build has them, and no row is on the hub', async () => {
  await capture()
  await writeFile(join(folder, 'press.yaml'), SOURCE)
  await writeFile(join(folder, 'watch.yaml'), FLOW)
  await skerry('source', 'set', 'press.yaml', '--scope', 'device:press-1')
  await skerry('flow', 'push', 'watch.yaml')
  await hub.client.deployment.apply({ name: 'watch', deployable: 'watch', probation: { seconds: 0 } })
  await until(async () => (await heldCount()) >= 10)
  for (const at of [0, 1, 2]) await ask(row(at))
  await calibrate('--watch')
  const batch = await newestBatch()
  const { output } = await hub.client.batch.output({ batch, device: 'press-1' })
  const report = RangesReport.parse(JSON.parse(output ?? ''))
  expect(report.rows).toBeGreaterThanOrEqual(13)
  expect(Object.keys(report.ranges).toSorted()).toEqual(['x', 'y'])
  // A tag is between 56 and 64, and the model gets the half of it.
  const [[low, high]] = report.ranges.x ?? [[0, 0]]
  expect([low >= 28 && low < 29, high > 31 && high <= 32]).toEqual([true, true])

  const words = ['--calibration-batch', batch, '--recipe', 'static-int8-minmax', '--goal', 'difference <= 10']
  const plan: OptimisationPlan = JSON.parse(
    await skerry('model', 'optimise', `${NAME}:1`, ...words, '--dry-run', '--json'),
  )
  expect(plan).toMatchObject({ gateCases: 2, calibration: { rows: report.rows, origin: 'devices' } })
  const watched = await skerry('model', 'optimise', `${NAME}:1`, ...words, '--watch', '--json')
  const done: Optimisation = JSON.parse(watched.trim().split('\n').at(-1) ?? '')
  expect(done).toMatchObject({ status: 'done', calibration: plan.calibration, results: [{ outcome: 'admitted' }] })
  const [build]: Build[] = JSON.parse(await skerry('build', 'ls', `${NAME}:1`, '--json'))
  expect(build?.calibration).toEqual(plan.calibration)
  expect(await skerry('build', 'show', build?.id ?? '')).toMatch(
    /ranges from +\d+ rows of sha256:.*, which devices keep/,
  )

  expect(await processesWith('build-child', folder)).toEqual([])
  expect(await readdir(join(folder, 'press-1'))).not.toContain('bench')
  await expectNoRow(join(folder, 'hub'), JSON.stringify(report.ranges.y?.[0][0]))
})

/** The search finds a bound of a range, so it would find a value of a row. */
async function expectNoRow(place: string, bound: string): Promise<void> {
  // With the value after it: four bytes occur by chance in some megabytes of random ones.
  const floats = [0, 1, 2, 3, 4].map((at) => Buffer.from(Float32Array.from(row(at).slice(9, 11)).buffer))
  // Nine values are 36 bytes, so base64 begins anew at the planted one.
  const parts = [0, 1, 2].map((at) => Buffer.from(Float32Array.from(row(at).slice(9, 15)).buffer).toString('base64'))
  const texts = [String(PLANTED), String(Math.fround(PLANTED)), ...floats.map((float) => float.toString('hex'))]
  const needles = [...floats, ...texts, ...parts]
  let found = 0
  for await (const { path, bytes } of filesBelow(place)) {
    if (bytes.includes(bound)) found += 1
    for (const needle of needles) expect([path, bytes.includes(needle)]).toEqual([path, false])
  }
  expect(found).toBeGreaterThan(0)
}

test('an optimisation takes ranges from one place only', async () => {
  const calibration = (await hub.client.model.getVersion({ name: NAME, version: '1' })).digest
  const calibrationBatch = await newestBatch()
  await expect(
    hub.client.optimisation.plan({ name: NAME, version: '1', calibration, calibrationBatch }),
  ).rejects.toMatchObject({ code: 'calibration_invalid' })
})

test(
  'an agent that is killed in the middle of a calibration leaves no process, and does it again',
  deep('it kills and starts an agent'),
  async () => {
    await capture()
    for (const at of Array.from({ length: 12 }).keys()) await ask(row(at))
    await until(async () => (await heldCount()) >= 12)
    const { batch, processes: running } = await runningCalibration()
    await agent.kill()
    await until(async () => (await processesWith('build-child', folder)).every((id) => !running.includes(id)))
    agent = await agent.again()
    await until(async () => (await hub.client.batch.get({ batch })).status === 'ended')
    expect((await hub.client.batch.devices({ batch })).rows).toMatchObject([{ outcome: 'succeeded' }])
  },
)

test(
  'a hub that is killed in the middle of a calibration takes the ranges that the device has computed meanwhile',
  deep('it kills and starts a hub'),
  async () => {
    await capture()
    for (const at of Array.from({ length: 12 }).keys()) await ask(row(at))
    await until(async () => (await heldCount()) >= 12)
    const { batch } = await runningCalibration()
    await hub.kill()
    hub = await startHub(home)
    skerry = commandLine(hub, folder)
    await until(async () => (await hub.client.batch.get({ batch })).status === 'ended')
    expect((await hub.client.batch.devices({ batch })).rows).toMatchObject([{ outcome: 'succeeded' }])
    const plan: OptimisationPlan = JSON.parse(
      await skerry('model', 'optimise', `${NAME}:1`, '--calibration-batch', batch, '--dry-run', '--json'),
    )
    expect(plan.calibration).toMatchObject({ origin: 'devices' })
    expect(await processesWith('build-child', folder)).toEqual([])
  },
)
