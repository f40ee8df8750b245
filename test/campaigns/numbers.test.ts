/**
 * Campaigns of real processes whose models answer with numbers: three devices with different loads learn the power of a
 * pump, two from files and one from a recording. The hub judges the weights by their mean error.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import { float32, npyOf } from '@skerry/testkit/npz'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { untrainedNetwork } from '../../examples/federated/digits.ts'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { pushModel } from '../../examples/stage/push.ts'

const MODEL = 'power'
const HIDDEN = 16
const FEATURES = 3
const ROWS = 200

let folder: string
let hub: HubProgram
let agents: AgentProgram[] = []

type Row = { x: number[]; y: number }

/** Each device sees another part of the loads. A wave with an irrational step fills each part evenly. */
const rowsOf = (device: number): Row[] =>
  Array.from({ length: ROWS }, (_, row) => {
    const share = (factor: number) => (row * factor + device * 0.37) % 1
    const [flow, head, speed] = [(device + share(0.618_034)) / 3, share(0.414_214), share(0.732_051)]
    return { x: [flow, head, speed], y: 2 * flow * head - speed ** 2 + 0.5 }
  })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-campaign-numbers-'))
  hub = await startHub(await newHubHome(folder))
  agents = await Promise.all([device(0), device(1), device(2)])
  await pushModel(hub, { name: MODEL, bytes: untrainedNetwork(3, HIDDEN, { features: FEATURES, classes: 1 }) })
})

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()))
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** The last device has its rows in a recording. Whole numbers of another set say if the power is over the limit. */
async function device(at: number): Promise<AgentProgram> {
  const rows = rowsOf(at)
  const name = `pump-${at}`
  const files = join(folder, `rows-${at}`)
  const faults = join(folder, `faults-${at}`)
  for (const path of [files, faults]) await mkdir(path)
  const data = npyOf(float32([ROWS, FEATURES], ...rows.flatMap(({ x }) => x)))
  await writeFile(join(files, 'data.npy'), data)
  await writeFile(join(faults, 'data.npy'), data)
  await writeFile(join(files, 'labels.npy'), npyOf(float32([ROWS, 1], ...rows.map(({ y }) => y))))
  const over = Uint8Array.from(rows, ({ y }) => Number(y > 0.5))
  await writeFile(join(faults, 'labels.npy'), npyOf({ descr: '|u1', shape: [ROWS], data: over }))
  if (at === 2) await record(name, rows)
  const place = at === 2 ? 'recording:plant?target=power&tag=flow&tag=head&tag=speed' : files
  const options = ['--training-data', `loads:any=${place}`, '--training-data', `faults:any=${faults}`]
  return startAgent(hub, { site: { name: 'hamburg', kind: 'onprem' }, device: name, folder, options })
}

async function record(name: string, rows: readonly Row[]): Promise<void> {
  const csv = join(folder, 'plant.csv')
  const lines = rows.map(({ x, y }, at) => [1_700_000_000 + at, ...x, y].join(','))
  await writeFile(csv, ['timestamp,flow,head,speed,power', ...lines].join('\n'))
  const program = join(import.meta.dirname, '../../apps/agent/src/main.ts')
  const words = ['--data', join(folder, name), '--import-history', 'plant', '--csv', csv]
  await promisify(execFile)(process.execPath, [program, ...words])
}

const specOf = (parts: Partial<CampaignSpec> & Pick<CampaignSpec, 'name' | 'training'>, data = 'loads') => ({
  model: MODEL,
  version: '1',
  data: { name: data, shape: [FEATURES], targets: [1] },
  participants: { minimum: 3, overSelect: 0 },
  rounds: 4,
  seed: 1,
  ...parts,
})

const TRAINING = { epochs: 8, batchSize: 10, learningRate: 0.05, momentum: 0.9 }

async function ended(name: string) {
  await until(async () => ['done', 'failed'].includes((await hub.client.campaign.get({ name })).campaign.phase))
  return hub.client.campaign.get({ name })
}

test('devices learn numbers from files and a recording, and the hub knows the mean error of each round', async () => {
  const { client } = hub
  const spec = specOf({
    name: 'pumps',
    training: { ...TRAINING, loss: 'huber' },
    result: { errorMax: 0.15, labels: {} },
  })
  await until(async () => (await client.campaign.create({ spec, dryRun: true })).eligible === 3)
  const wide = { ...spec, data: { ...spec.data, targets: [2] } }
  await expect(client.campaign.create({ spec: wide, dryRun: true })).rejects.toThrow(
    'the model answers a row with the shape [1], and data.targets is [2]',
  )
  await client.campaign.create({ spec })
  const { campaign, rounds } = await ended('pumps')
  expect(campaign, campaign.reason).toMatchObject({ phase: 'done', resultVersion: 2 })
  const [base, last] = [rounds[0], rounds.at(-1)]
  expect(last).toMatchObject({ round: 4, counted: 3, evaluatedRows: 60 })
  expect(last?.accuracy).toBeUndefined()
  expect(campaign.error).toBe(last?.error)
  // The reported errors are those of the weights, computed here by another program.
  expect(base?.error).toBeCloseTo(await errorOf(base?.weights), 5)
  expect(last?.error).toBeCloseTo(await errorOf(last?.weights), 5)
  expect(base?.error).toBeGreaterThan(0.2)
  expect(last?.error).toBeLessThan(0.1)
  const { lineage } = await client.model.getVersion({ name: MODEL, version: '2' })
  expect(lineage?.notes).toMatch(/^campaign pumps, round 4, 3 participants, \d+ rows, mean error 0\.0\d+, loss/)
})

test('a binary loss reads whole numbers as answers, and a device names a number that is none', async () => {
  const { client } = hub
  const training = { ...TRAINING, loss: 'binary' as const, epochs: 24 }
  await client.campaign.create({ spec: specOf({ name: 'faults', training }, 'faults') })
  const { campaign, rounds } = await ended('faults')
  expect(campaign, campaign.reason).toMatchObject({ phase: 'done' })
  expect(rounds.at(-1)?.accuracy).toBeGreaterThan(0.85)
  expect(rounds.at(-1)?.error).toBeUndefined()

  await client.campaign.create({ spec: specOf({ name: 'wrong', training, rounds: 1 }) })
  expect((await ended('wrong')).campaign.reason).toContain('round 1 got 0 of 3 updates in 3 attempts')
  const { participants } = await client.campaign.participants({ name: 'wrong', round: 1 })
  expect(participants.at(-1)).toMatchObject({ state: 'failed', code: 'training_refused' })
  expect(participants.at(-1)?.message).toMatch(/^a label is .*, and a binary loss needs numbers from 0 to 1$/)
})

/** The mean distance on the held-out rows of all devices, with the weights that the hub stores. */
async function errorOf(digest = ''): Promise<number> {
  const line = await weightsOf(digest)
  let at = 0
  const layer = (from: number, to: number) => {
    const [w, b] = [line.subarray(at, at + from * to), line.subarray(at + from * to, at + from * to + to)]
    at += from * to + to
    return (x: readonly number[]) =>
      Array.from(b, (bias, out) => x.reduce((sum, value, index) => sum + value * (w[index * to + out] ?? 0), bias))
  }
  const [first, second, third] = [layer(FEATURES, HIDDEN), layer(HIDDEN, HIDDEN), layer(HIDDEN, 1)]
  const relu = (values: readonly number[]) => values.map((value) => Math.max(0, value))
  const held = [0, 1, 2].flatMap((one) => rowsOf(one).filter((_, row) => row % 10 === 9))
  const distances = held.map(({ x, y }) => Math.abs((third(relu(second(relu(first(x)))))[0] ?? 0) - y))
  return distances.reduce((sum, value) => sum + value, 0) / held.length
}

async function weightsOf(digest: string): Promise<Float32Array> {
  const entries = await readdir(join(folder, 'hub'), { recursive: true, withFileTypes: true })
  const file = entries.find(({ name }) => !name.startsWith('chunks-') && name.includes(digest.replace(/^sha256:/, '')))
  if (!file) throw new Error(`the hub has not the weights ${digest}`)
  return new Float32Array(new Uint8Array(await readFile(join(file.parentPath, file.name))).buffer)
}
