/**
 * Campaigns with real processes: three devices with different digits train one network, and the hub never sees a digit.
 * The result is a version with its lineage, which a deployment rolls out.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Digits,
  PIXELS,
  readDigits,
  rowsOfClasses,
  untrainedNetwork,
  writeIdx,
} from '../../examples/federated/digits.ts'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'

const MODEL = 'digits'
const SITE = { name: 'hamburg', kind: 'onprem', country: 'DE', clearance: 'confidential' } as const

/** Bytes that occur nowhere else by chance, in a row of the first device. */
const PLANTED = Buffer.from('this row never leaves the device')

let folder: string
let hub: HubProgram
let agents: AgentProgram[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-campaigns-'))
  hub = await startHub(await newHubHome(folder))
  const all = await readDigits(6_000)
  const first = rowsOfClasses(all, [0, 1, 2, 3], 180)
  first.images.set(PLANTED, 5 * PIXELS)
  agents = await Promise.all([
    device('ward-1', first),
    device('ward-2', rowsOfClasses(all, [3, 4, 5, 6], 180, 180)),
    device('ward-3', rowsOfClasses(all, [6, 7, 8, 9], 180, 360)),
  ])
  const golden = { cases: [{ inputs: { x: floatTensor([1, PIXELS], new Float32Array(PIXELS).fill(0.5)) } }] }
  await pushModel(hub, { name: MODEL, bytes: untrainedNetwork(7), golden })
  const { client } = hub
  await client.deployment.apply({ name: MODEL, deployable: MODEL, version: '1', probation: { seconds: 0 } })
  await until(async () => (await client.deployment.get({ deployment: MODEL })).rolloutStatus === 'done')
})

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()))
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function device(name: string, rows: Digits): Promise<AgentProgram> {
  const path = join(folder, `${name}-rows`)
  await writeIdx(path, rows)
  const options = ['--training-data', `digits:any=${path}`]
  return startAgent(hub, { site: SITE, device: name, folder, options })
}

const SPEC = {
  model: MODEL,
  version: '1',
  data: { name: 'digits', type: 'uint8', scale: 1 / 255, shape: [PIXELS], classes: 10 },
  participants: { minimum: 3, overSelect: 0, dataClass: 'confidential', residency: ['EU'] },
  deadlineSeconds: 60,
  training: { epochs: 2, batchSize: 10, learningRate: 0.1 },
  seed: 1,
} as const

const ended = async (name: string) => {
  await until(async () => {
    const { campaign } = await hub.client.campaign.get({ name })
    return ['done', 'failed', 'stopped'].includes(campaign.phase)
  })
  return hub.client.campaign.get({ name })
}

test('three devices with different digits learn one network, which is rolled out, and no row leaves them', async () => {
  const { client } = hub
  const wish = { name: 'ward', rounds: 5, ...SPEC, result: { alias: 'federated', deploy: MODEL, accuracyMin: 0.5 } }
  await until(async () => (await client.campaign.create({ spec: wish, dryRun: true })).eligible === 3)
  await client.campaign.create({ spec: wish })
  const { campaign, rounds } = await ended('ward')
  console.log(rounds.map(({ accuracy, loss, trainLoss }) => [accuracy, loss, trainLoss]), campaign.reason)
  expect(campaign).toMatchObject({ phase: 'done', round: 5, resultVersion: 2, parameters: 199_210 })
  expect(rounds.map(({ round, counted }) => [round, counted])).toEqual([
    [0, 0],
    [1, 3],
    [2, 3],
    [3, 3],
    [4, 3],
    [5, 3],
  ])
  const [base, , , , , last] = rounds
  expect(base?.accuracy).toBeLessThan(0.25)
  expect(last?.accuracy).toBeGreaterThan(0.6)

  const version = await client.model.version({ name: MODEL, version: '@federated' })
  expect(version).toMatchObject({ version: 2, labels: { campaign: 'ward', 'campaign-round': '5' } })
  await until(async () => (await client.deployment.get({ deployment: MODEL })).rolloutStatus === 'done')
  expect(await client.deployment.get({ deployment: MODEL })).toMatchObject({ version: 2, activeDevices: 3 })
  expect(await filesWith(join(folder, 'hub'), PLANTED)).toEqual([])
  expect(await filesWith(join(folder, 'ward-1-rows'), PLANTED)).toHaveLength(1)
})

async function filesWith(root: string, needle: Buffer): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    if ((await readFile(path)).includes(needle)) found.push(path)
  }
  return found
}
