/**
 * Campaigns with real processes: three devices with different digits train one network, and the hub never sees a digit.
 * The result is a version with its lineage, which a deployment rolls out.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseAnalyses } from '@skerry/core/analysis/analysis-text'
import { filesBelow, filesWith } from '@skerry/testkit/files-below'
import { deep } from '@skerry/testkit/tier'
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
import { openSiteTest, type SiteTest } from '../../examples/federated/site-test.ts'
import {
  type AgentProgram,
  type HubHome,
  type HubProgram,
  newHubHome,
  startAgent,
  startHub,
} from '../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'
import { sendAsDevice } from './hostile-device.ts'

const MODEL = 'digits'
const EVERY_CLASS = Array.from({ length: 10 }, (_, label) => label)
const SITE = { name: 'hamburg', kind: 'onprem', country: 'DE', clearance: 'confidential' } as const

/** Bytes that occur nowhere else by chance, in a row of the first device. */
const PLANTED = Buffer.from('this row never leaves the device')

let folder: string
let home: HubHome
let hub: HubProgram
let judge: SiteTest
let agents: AgentProgram[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-campaigns-'))
  const all = await readDigits(6_000)
  judge = await openSiteTest(MODEL, rowsOfClasses(all, EVERY_CLASS, 6, 540), () => agents)
  home = { ...(await newHubHome(folder)), args: ['--webhook-allow', new URL(judge.url).host] }
  hub = await startHub(home)
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
  judge?.[Symbol.dispose]()
  await rm(folder, { recursive: true, force: true })
})

async function device(name: string, rows: Digits): Promise<AgentProgram> {
  const path = join(folder, `${name}-rows`)
  await writeIdx(path, rows)
  const flipped = name === 'ward-1' ? rows.labels : rows.labels.map((label) => (label + 5) % 10)
  await writeIdx(`${path}-flipped`, { ...rows, labels: flipped })
  const options = ['--training-data', `digits:any=${path}`, '--training-data', `flipped:poisoned=${path}-flipped`]
  return startAgent(hub, { site: SITE, device: name, folder, options })
}

const SPEC = {
  model: MODEL,
  version: '1',
  data: { name: 'digits', type: 'uint8' as const, scale: 1 / 255, shape: [PIXELS], classes: 10 },
  participants: { minimum: 3, overSelect: 0, dataClass: 'confidential' as const, residency: ['EU'] },
  deadlineSeconds: 60,
  training: { epochs: 2, batchSize: 10, learningRate: 0.1 },
  seed: 1,
}

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

  const version = await client.model.getVersion({ name: MODEL, version: '@federated' })
  expect(version).toMatchObject({ version: 2, labels: { campaign: 'ward', 'campaign-round': '5' } })
  await until(async () => (await client.deployment.get({ deployment: MODEL })).rolloutStatus === 'done')
  expect(await client.deployment.get({ deployment: MODEL })).toMatchObject({ version: 2, devices: { healthy: 3 } })
  const { lineage } = version
  expect(lineage?.parents).toMatchObject([{ name: MODEL, version: 1 }])
  expect(lineage?.notes).toMatch(/^campaign ward, round 5, 3 participants, \d+ rows, accuracy 0\.\d+, loss/)
  expect(await filesWith(join(folder, 'hub'), PLANTED)).toEqual([])
  // The base and the sum of each round. The updates of single devices are gone.
  expect(await filesOfSize(join(folder, 'hub'), 199_210 * 4)).toBe(6)
  expect(await filesWith(join(folder, 'ward-1-rows'), PLANTED)).toHaveLength(1)
})

test('masked updates give the weights of plain updates, although a device is killed in the round', async () => {
  const { client } = hub
  const spec = { ...SPEC, rounds: 1 }
  await client.campaign.create({ spec: { ...spec, name: 'plain' } })
  const plain = await ended('plain')
  const all = await readDigits(6_000)
  // It trains far longer than the others, and is gone before it ends.
  const slow = await device('ward-4', rowsOfClasses(all, EVERY_CLASS, 500))
  const masked = { ...spec, name: 'masked', participants: { minimum: 3, overSelect: 0.4 }, privacy: { masks: {} } }
  await until(async () => (await client.campaign.create({ spec: masked, dryRun: true })).eligible === 4)
  await client.campaign.create({ spec: masked })
  await until(async () => (await client.campaign.get({ name: 'masked' })).campaign.stage === 'update')
  await slow.kill()
  const { campaign, rounds } = await ended('masked')
  expect(campaign, campaign.reason).toMatchObject({ phase: 'done', resultVersion: expect.any(Number) })
  expect(rounds.at(-1)).toMatchObject({ round: 1, attempts: 1, selected: 4, counted: 3, dropped: 1 })
  const [one, other] = await Promise.all([plain, { rounds }].map((each) => weightsOf(each.rounds.at(-1)?.weights)))
  expect(one).toHaveLength(199_210)
  // A step of the words is 16 / 2^29 here, and three of them are rounded.
  expect(largestDifference(one, other)).toBeLessThan(1e-6)
  // No masked update is left, and no message of its round.
  expect(await filesOfSize(join(folder, 'hub'), 199_211 * 4)).toBe(0)
})

test('noise is added to the masked sum, and the campaign ends before it spends more than its budget', async () => {
  const { client } = hub
  // With a larger bound, the noise would be larger than the weights, and the training would diverge now and then.
  const noise = { bound: 0.01, multiplier: 4, delta: 1e-5, epsilonMax: 2 }
  const spec = { ...SPEC, name: 'noisy', rounds: 9, privacy: { masks: { clip: 1 }, noise } }
  const tried = await client.campaign.create({ spec, dryRun: true })
  await client.campaign.create({ spec })
  const { campaign, rounds } = await ended('noisy')
  expect(campaign).toMatchObject({ phase: 'done', reason: 'another round would spend more than ε 2' })
  const last = rounds.at(-1)
  // All three devices take part in each round: Gaussian noise without sampling.
  expect(rounds.map(({ epsilon }) => epsilon?.toFixed(3))).toEqual([undefined, ...GAUSSIAN])
  expect(campaign.epsilon).toBe(last?.epsilon)
  expect(tried.epsilon).toBeGreaterThan(2)
  const [before, after] = await Promise.all(rounds.slice(-2).map(({ weights }) => weightsOf(weights)))
  // 0.01 · 4 / 3 is the deviation of the noise. A step without it has a length of 0.01 at most.
  expect(100 * deviationOf(before, after)).toBeCloseTo(4 / 3, 1)
  const { lineage } = await client.model.getVersion({ name: MODEL, version: String(campaign.resultVersion) })
  expect(lineage?.notes).toContain(`masked updates, ε ${GAUSSIAN.at(-1)} at δ 0.00001`)
})

/** [Mironov 2017; Canonne 2020] The least over α of rounds · α / 2σ² and the conversion, at σ 4 and δ 1e-5. */
const GAUSSIAN = ['1.013', '1.478', '1.847']

const deviationOf = (one: Float32Array = new Float32Array(), other: Float32Array = new Float32Array()) =>
  Math.sqrt(one.reduce((sum, value, at) => sum + (value - (other[at] ?? Number.NaN)) ** 2, 0) / one.length)

/** The weights of a round, as the hub stores them. */
async function weightsOf(digest = ''): Promise<Float32Array> {
  // The index of its chunks stands beside a file.
  for await (const { path, bytes } of filesBelow(join(folder, 'hub'))) {
    const isIndex = basename(path).startsWith('chunks-')
    if (!isIndex && path.includes(digest.replace(/^sha256:/, ''))) return new Float32Array(new Uint8Array(bytes).buffer)
  }
  throw new Error(`the hub has not the weights ${digest}`)
}

const largestDifference = (one: Float32Array = new Float32Array(), other: Float32Array = new Float32Array()) =>
  one.reduce((most, value, at) => Math.max(most, Math.abs(value - (other[at] ?? Number.NaN))), 0)

test('a device that sends NaN, a huge step or foreign weights is named, and does not decide', async () => {
  const { client } = hub
  const training = { ...SPEC.training, epochs: 40 }
  const participants = { minimum: 2, overSelect: 0.5 }
  const strategy = { kind: 'norm-bound', bound: 5 } as const
  const spec = { name: 'hostile', rounds: 2, ...SPEC, training, participants, strategy }
  const { campaign } = await client.campaign.create({ spec })
  const data = join(folder, 'ward-3')
  const send = (round: number, weights: Float32Array) =>
    sendAsDevice(data, { campaign: campaign?.id ?? '', round, weights })
  await untilTraining(spec.name, 1)
  expect(await send(1, new Float32Array(199_210).fill(Number.NaN))).toMatchObject({ status: 200 })
  expect((await send(1, new Float32Array(3))).text).toContain('already reported')
  await untilTraining(spec.name, 2)
  expect((await send(2, new Float32Array(199_210).fill(1e6))).text).toContain('"counted":true')
  expect((await send(7, new Float32Array(199_210))).text).toContain('not selected')
  const { rounds } = await ended(spec.name)
  expect(rounds).toMatchObject([{}, { counted: 2, rejected: 1 }, { counted: 3, bounded: 1 }])
  const named = async (round: number) => {
    const { participants: all } = await client.campaign.participants({ name: spec.name, round })
    return all.flatMap(({ device: name, state, code }) => (code === undefined ? [] : [[name, state, code]]))
  }
  expect(await named(1)).toEqual([['ward-3', 'rejected', 'not_finite']])
  expect(await named(2)).toContainEqual(['ward-3', 'bounded', 'norm_bounded'])
})

const untilTraining = (name: string, round: number) =>
  until(async () => {
    const { campaign } = await hub.client.campaign.get({ name })
    return campaign.phase === 'train' && campaign.round === round
  })

test('a result that fails a gate of its rollout is rolled back', async () => {
  const { client } = hub
  const before = (await client.deployment.get({ deployment: MODEL })).version
  const analysis = parseAnalyses(`site: webhook ${judge.url} \`result.accuracy > 0.6\` every 1s x2 bears 0`) ?? []
  // The killed device would never answer as the canary: an offline device has a day.
  const canary = { name: 'canary', selector: 'device.name != "ward-4"', limit: 1, analysis }
  const strategy = { waves: [canary], onFailure: 'rollback-all' as const }
  await client.deployment.apply({
    name: MODEL,
    deployable: MODEL,
    version: String(before),
    probation: { seconds: 0 },
    strategy,
  })
  // Two of three devices learn wrong labels.
  const spec = {
    ...SPEC,
    name: 'poisoned',
    rounds: 1,
    data: { ...SPEC.data, name: 'flipped' },
    result: { deploy: MODEL },
  }
  await client.campaign.create({
    spec: { ...spec, version: String(before), training: { ...SPEC.training, epochs: 8 } },
  })
  const { campaign } = await ended('poisoned')
  expect(campaign.phase).toBe('done')
  const rolloutEnd = async () => {
    const { rolloutStatus, version } = await client.deployment.get({ deployment: MODEL })
    const isOfResult = rolloutStatus !== 'done' || version !== before
    return isOfResult && rolloutStatus !== 'rolling' ? rolloutStatus : undefined
  }
  await until(rolloutEnd)
  expect(await rolloutEnd(), `accuracies: ${judge.accuracies.join(', ')}`).toBe('rolled-back')
  expect(judge.accuracies.at(-1)).toBeLessThan(0.6)
})

test(
  'with a buffer, fast devices do not wait for a slow one, and its old update still counts',
  deep('trains twelve rounds with one more device; unit tests show the buffer on a clock'),
  async () => {
    const { client } = hub
    const all = await readDigits(6_000)
    const slow = await device('ward-9', rowsOfClasses(all, EVERY_CLASS, 450))
    const strategy = { kind: 'fedbuff', staleMax: 9 } as const
    const spec = {
      ...{ ...SPEC, name: 'buffered', rounds: 12, strategy },
      participants: { minimum: 2, overSelect: 1, selector: 'device.name != "ward-4"' },
      training: { ...SPEC.training, epochs: 6 },
    }
    await until(async () => (await client.campaign.create({ spec, dryRun: true })).eligible === 4)
    await client.campaign.create({ spec })
    const { campaign, rounds } = await ended('buffered')
    await slow.stop()
    expect(campaign, campaign.reason).toMatchObject({ phase: 'done', round: 12 })
    for (const { counted, attempts } of rounds.slice(1)) {
      expect(counted).toBeGreaterThanOrEqual(2)
      expect(attempts).toBe(1)
    }
    expect(rounds.at(-1)?.accuracy).toBeGreaterThan(0.6)
    const parts = await Promise.all(
      rounds.slice(1).map(({ round }) => client.campaign.participants({ name: 'buffered', round })),
    )
    const shown = parts.flatMap(({ participants }) => participants)
    expect(shown.some(({ device: name, code }) => name === 'ward-9' && code === 'stale')).toBe(true)
    // No update is counted twice, and none is left.
    expect(shown.filter(({ norm }) => norm !== undefined).length).toBe(
      rounds.reduce((sum, { counted }) => sum + counted, 0),
    )
    expect(shown.filter(({ state }) => state === 'asked')).toEqual([])
  },
)

test(
  'Krum leaves out the update of a device that sends foreign weights, and names it',
  deep('starts two more devices; quick tests show the choice on stored updates'),
  async () => {
    const { client } = hub
    const all = await readDigits(6_000)
    await using more = new AsyncDisposableStack()
    for (const [at, name] of ['ward-5', 'ward-6'].entries()) {
      const agent = await device(name, rowsOfClasses(all, EVERY_CLASS, 40, 40 * at))
      more.defer(() => agent.stop())
    }
    const strategy = { kind: 'krum', attackers: 1 } as const
    const participants = {
      minimum: 5,
      overSelect: 0,
      selector: 'device.name in ["ward-1", "ward-2", "ward-3", "ward-5", "ward-6"]',
    }
    const training = { ...SPEC.training, epochs: 40 }
    const spec = { ...SPEC, name: 'krum', rounds: 1, strategy, participants, training }
    await until(async () => (await client.campaign.create({ spec, dryRun: true })).eligible === 5)
    const { campaign } = await client.campaign.create({ spec })
    await untilTraining('krum', 1)
    const foreign = { campaign: campaign?.id ?? '', round: 1, weights: new Float32Array(199_210).fill(0.5) }
    expect((await sendAsDevice(join(folder, 'ward-6'), foreign)).text).toContain('"counted":true')
    const { rounds } = await ended('krum')
    expect(rounds.at(-1)).toMatchObject({ counted: 4, rejected: 1 })
    expect(rounds.at(-1)?.accuracy).toBeGreaterThan(0.4)
    const { participants: shown } = await client.campaign.participants({ name: 'krum', round: 1 })
    expect(shown.filter(({ state }) => state === 'rejected')).toMatchObject([{ device: 'ward-6', code: 'krum_far' }])
  },
)

test(
  'a hub that is killed in each stage of a masked round ends the campaign',
  deep('kills a hub four times; the quick tests show masks'),
  async () => {
    const spec = { ...SPEC, name: 'torn', rounds: 4, privacy: { masks: {} } }
    await hub.client.campaign.create({ spec: { ...spec, training: { ...SPEC.training, epochs: 20 } } })
    for (const stage of ['keys', 'shares', 'update', 'reveal'] as const) {
      await until(async () => {
        const { campaign } = await hub.client.campaign.get({ name: 'torn' })
        return campaign.stage === stage || campaign.phase === 'done'
      })
      await hub.kill()
      hub = await startHub(home)
    }
    const { campaign, rounds } = await ended('torn')
    expect(campaign, campaign.reason).toMatchObject({ phase: 'done', round: 4 })
    expect(rounds.slice(1).every(({ counted }) => counted === 3)).toBe(true)
  },
)

test(
  'a hub and a device that are killed in a round end the campaign with the same model',
  deep('kills a hub and a device; the quick tests show campaigns'),
  async () => {
    // A device that misses a deadline of 60 s on a busy machine would repeat the round, and add in another order.
    const spec = { ...SPEC, rounds: 3, deadlineSeconds: 600, training: { ...SPEC.training, epochs: 20 } }
    await hub.client.campaign.create({ spec: { ...spec, name: 'calm' } })
    const calm = await ended('calm')
    await hub.client.campaign.create({ spec: { ...spec, name: 'stormy' } })
    for (const round of [1, 2, 3]) {
      await untilTraining('stormy', round)
      const [agent] = agents
      if (round === 2) {
        await hub.kill()
        hub = await startHub(home)
      } else if (agent) {
        await agent.kill()
        agents[0] = await agent.again()
      }
    }
    const stormy = await ended('stormy')
    expect(stormy.campaign.phase).toBe('done')
    const attemptsOf = ({ rounds }: typeof calm) => rounds.map(({ attempts }) => attempts)
    expect(attemptsOf(stormy)).toEqual(attemptsOf(calm))
    // The same seed, rows and order of updates: one processor computes the same bits.
    expect(stormy.rounds.at(-1)?.weights).toBe(calm.rounds.at(-1)?.weights)
  },
)

async function filesOfSize(root: string, size: number): Promise<number> {
  let count = 0
  for await (const { bytes } of filesBelow(root)) if (bytes.length === size) count += 1
  return count
}
