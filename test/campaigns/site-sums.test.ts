/**
 * Sums of a site with real processes: three devices of one site give their updates to one of them, and the hub receives
 * one body. Each update counts once, also if the device that sums is killed.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@skerry/testkit/free-port'
import { deep, strict } from '@skerry/testkit/tier'
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
import { pushModel } from '../../examples/stage/push.ts'
import { sendAsDevice } from './hostile-device.ts'

const MODEL = 'digits'
const SITE = { name: 'hamburg', kind: 'onprem', country: 'DE' } as const
const WEIGHTS = 199_210

let folder: string
let hub: HubProgram
let agents: AgentProgram[] = []
let address: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-sums-'))
  const all = await readDigits(6_000)
  hub = await startHub(await newHubHome(folder))
  address = `127.0.0.1:${await freePort()}`
  agents = await Promise.all([
    device('ward-1', rowsOfClasses(all, [0, 1, 2, 3], 100), ['--site-cache', address]),
    device('ward-2', rowsOfClasses(all, [3, 4, 5, 6], 60, 180)),
    device('ward-3', rowsOfClasses(all, [6, 7, 8, 9], 80, 360)),
  ])
  await pushModel(hub, { name: MODEL, bytes: untrainedNetwork(7) })
  const { client } = hub
  await client.settings.set({ settings: `site:${SITE.name}`, spec: { siteCaches: [`ward-1=${address}`] } })
  await agents[0]?.waitFor('site_cache_listens')
  await until(async () => (await client.campaign.create({ spec: specOf('first'), dryRun: true })).eligible === 3)
})

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()))
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function device(name: string, rows: Digits, more: readonly string[] = []): Promise<AgentProgram> {
  const path = join(folder, `${name}-rows`)
  await writeIdx(path, rows)
  return startAgent(hub, {
    site: SITE,
    device: name,
    folder,
    options: ['--training-data', `digits:any=${path}`, ...more],
  })
}

const specOf = (name: string, more: object = {}) => ({
  name,
  model: MODEL,
  version: '1',
  data: { name: 'digits', type: 'uint8' as const, scale: 1 / 255, shape: [PIXELS], classes: 10 },
  participants: { minimum: 3, overSelect: 0 },
  rounds: 1,
  deadlineSeconds: 120,
  training: { epochs: 1, batchSize: 10, learningRate: 0.1 },
  seed: 1,
  ...more,
})

const ended = async (name: string) => {
  await until(async () => {
    const { campaign } = await hub.client.campaign.get({ name })
    return ['done', 'failed', 'stopped'].includes(campaign.phase)
  })
  return hub.client.campaign.get({ name })
}

async function ran(name: string, more: object) {
  await hub.client.campaign.create({ spec: specOf(name, more) })
  const { campaign, rounds } = await ended(name)
  expect(campaign, campaign.reason).toMatchObject({ phase: 'done' })
  return rounds
}

/** The weights of a round, as the hub stores them. */
async function weightsOf(digest = ''): Promise<Float32Array> {
  const entries = await readdir(join(folder, 'hub'), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('chunks-'))
  const file = files.find(({ name }) => name.includes(digest.replace(/^sha256:/, '')))
  if (!file) throw new Error(`the hub has not the weights ${digest}`)
  return new Float32Array(new Uint8Array(await readFile(join(file.parentPath, file.name))).buffer)
}

type Rounds = { weights?: string | undefined }[]

/** How much each weight of the last round differs. */
async function differences(...rounds: Rounds[]): Promise<Float32Array> {
  const [one, other] = await Promise.all(rounds.map((all) => weightsOf(all.at(-1)?.weights)))
  expect(one).toHaveLength(WEIGHTS)
  return (one ?? new Float32Array()).map((value, at) => Math.abs(value - (other?.[at] ?? Number.NaN)))
}

const largestDifference = async (...rounds: Rounds[]) =>
  (await differences(...rounds)).reduce((most, value) => Math.max(most, value), 0)

/** A weight of the network is below 2, and float32 then has steps of 2^-23. */
const ROUNDING = 2 ** -23

const devicesOf = async (name: string, round: number) => {
  const { participants } = await hub.client.campaign.participants({ name, round })
  return participants.map(({ device: of, state, bytes, summedBy }) => [of, state, bytes, summedBy])
}

test('three devices of a site send one body a round, and the weights are those of three bodies', async () => {
  const direct = await ran('direct', {})
  expect(direct.at(-1)).toMatchObject({ counted: 3, rows: 864, bytesUp: 3 * 4 * WEIGHTS })
  expect(direct.at(-1)?.summed).toBeUndefined()
  const summed = await ran('summed', { aggregate: 'site' })
  expect(summed.at(-1)).toMatchObject({ counted: 3, summed: 3, rows: 864, bytesUp: 4 * WEIGHTS })
  expect(await largestDifference(direct, summed)).toBeLessThanOrEqual(ROUNDING)
  const shown = await devicesOf('summed', 1)
  expect(shown.map(([of, state, , by]) => [of, state, by])).toEqual([
    ['ward-1', 'counted', 'ward-1'],
    ['ward-2', 'counted', 'ward-1'],
    ['ward-3', 'counted', 'ward-1'],
  ])
  expect(shown.map(([, , bytes]) => Number(bytes)).toSorted()).toEqual([0, 0, 4 * WEIGHTS])
})

test(
  'masked updates of a site are one body, and the hub can take the masks out of it',
  deep('runs another campaign; unit tests show that the sum of masked words is exact'),
  async () => {
    const masked = await ran('masked', { aggregate: 'site', privacy: { masks: {} } })
    expect(masked.at(-1)).toMatchObject({ counted: 3, summed: 3, bytesUp: 4 * (WEIGHTS + 1) })
    const direct = await ran('unmasked', {})
    expect(await largestDifference(direct, masked)).toBeLessThan(1e-6)
  },
)

test(
  'compressed updates of a site are one body, and devices keep what rounding took',
  deep('runs two campaigns of two rounds; unit tests show the sum of compressed steps'),
  async () => {
    const spec = { rounds: 2, compression: 'int8' }
    const direct = await ran('small', spec)
    const summed = await ran('small-summed', { ...spec, aggregate: 'site' })
    expect(summed.slice(1)).toMatchObject([
      { counted: 3, summed: 3, bytesUp: 4 * WEIGHTS },
      { counted: 3, summed: 3, bytesUp: 4 * WEIGHTS },
    ])
    expect(direct.at(-1)?.bytesUp).toBeGreaterThan(3 * WEIGHTS)
    // A weight at the edge of two whole numbers may fall to either side. Lost rounding would move a quarter of all weights.
    const moved = (await differences(direct, summed)).filter((value) => !(value < 1e-6))
    expect(moved.length).toBeLessThan(0.02 * WEIGHTS)
  },
)

test('a campaign whose strategy needs single updates is refused with its reason', async () => {
  const strategy = { kind: 'median' as const }
  const spec = { ...specOf('ranked', { strategy }), aggregate: 'site' as const }
  await expect(hub.client.campaign.create({ spec, dryRun: true })).rejects.toMatchObject({
    code: 'campaign_refused',
    message: expect.stringContaining('median needs the update of each device'),
  })
})

/** The updates that the aggregator has added since it started. */
const heldUpdates = async () =>
  (await readFile(join(folder, 'ward-1.log'), 'utf8')).split('campaign_update_held').length - 1

/** It trains far longer than the others, so the sum of the site stays open. */
async function startSlowDevice(): Promise<void> {
  if (agents.length > 3) return
  const rows = rowsOfClasses(await readDigits(6_000), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 400)
  agents.push(await device('ward-4', rows))
}

const FOUR = {
  aggregate: 'site',
  participants: { minimum: 3, overSelect: 0.3 },
  training: { epochs: 3, batchSize: 10, learningRate: 0.1 },
}

test(
  'an update that comes by itself is counted once, and the sum that names it is refused',
  deep('starts a slow device; unit tests show the verdict on such a sum'),
  async () => {
    await startSlowDevice()
    const spec = specOf('twice', FOUR)
    await until(async () => (await hub.client.campaign.create({ spec, dryRun: true })).eligible === 4)
    const before = await heldUpdates()
    const { campaign } = await hub.client.campaign.create({ spec })
    await until(async () => (await heldUpdates()) === before + 3)
    const weights = new Float32Array(WEIGHTS)
    const sent = await sendAsDevice(join(folder, 'ward-2'), { campaign: campaign?.id ?? '', round: 1, weights })
    expect(sent.text).toContain('"counted":true')
    const { rounds } = await ended('twice')
    expect(rounds.at(-1)).toMatchObject({ attempts: 1, counted: 4 })
    expect(rounds.at(-1)?.summed).toBeUndefined()
    const counted = 4 * WEIGHTS
    expect(await devicesOf('twice', 1)).toEqual(
      ['ward-1', 'ward-2', 'ward-3', 'ward-4'].map((name) => [name, 'counted', counted, undefined]),
    )
    expect(await readFile(join(folder, 'hub.log'), 'utf8')).toContain('"code":"sum_stale"')
  },
)

const KILLS = deep('kills a device up to six times; a quick test kills it once')

test('kills of the device that sums at any moment lose no update, and count none twice', {
  tags: [...KILLS.tags, ...strict('a repeated run would hide an update that counted twice').tags],
}, async () => {
  await startSlowDevice()
  const spec = { ...FOUR, rounds: 3, participants: { minimum: 4, overSelect: 0 }, deadlineSeconds: 600 }
  await until(
    async () => (await hub.client.campaign.create({ spec: specOf('calm', spec), dryRun: true })).eligible === 4,
  )
  const calm = await ran('calm', { ...spec, aggregate: undefined })
  await hub.client.campaign.create({ spec: specOf('torn', spec) })
  let isOver = false
  const over = ended('torn').finally(() => {
    isOver = true
  })
  for (let kill = 0; kill < 6 && !isOver; kill += 1) {
    await sleep(500 + Math.random() * 4_000)
    await agents[0]?.kill()
    agents[0] = (await agents[0]?.again()) ?? raise()
    await agents[0].waitFor('site_cache_listens')
  }
  const { campaign, rounds } = await over
  expect(campaign, campaign.reason).toMatchObject({ phase: 'done' })
  expect(rounds.slice(1).map(({ attempts, counted }) => [attempts, counted])).toEqual([1, 2, 3].map(() => [1, 4]))
  // Rounding of one round moves the next ones. An update that counted twice would move weights by 0.01 and more.
  expect(await largestDifference(calm, rounds)).toBeLessThan(1e-4)
})

function raise(): never {
  throw new Error('the device that sums is missing')
}

test('the device that sums is killed in a round: the others send their updates, and each counts once', async () => {
  await startSlowDevice()
  const spec = specOf('killed', FOUR)
  await until(async () => (await hub.client.campaign.create({ spec, dryRun: true })).eligible === 4)
  const before = await heldUpdates()
  await hub.client.campaign.create({ spec })
  await until(async () => (await heldUpdates()) > before + 1)
  await agents[0]?.kill()
  const { campaign, rounds } = await ended('killed')
  expect(campaign, campaign.reason).toMatchObject({ phase: 'done' })
  const last = rounds.at(-1)
  expect(last).toMatchObject({ attempts: 1, counted: 3, dropped: 1 })
  expect(last?.summed).toBeUndefined()
  const shown = await devicesOf('killed', 1)
  expect(shown.filter(([, state]) => state === 'counted').map(([of, , bytes]) => [of, bytes])).toEqual([
    ['ward-2', 4 * WEIGHTS],
    ['ward-3', 4 * WEIGHTS],
    ['ward-4', 4 * WEIGHTS],
  ])
})
