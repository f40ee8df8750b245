/**
 * Three real agents train on captured rows that people label, while one program after the other is killed: an agent, or the
 * hub. Labels arrive meanwhile, and subjects are erased meanwhile. The fingerprint of each training is one that this test
 * computes from the rows that the device had at some time, and no round that began after an erasure has an erased row.
 *
 * @module-tag deep A campaign of a dozen rounds with as many kills takes minutes; numbers.test.ts erases once, without kills
 */
import { createHmac } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CampaignParticipant } from '@skerry/contract/campaigns/campaign'
import { isHeldOut } from '@skerry/core/captures/training-row'
import { digestOfSet } from '@skerry/inference/train/set-digest'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fingerprintWith } from '../../apps/agent/src/campaigns/data-fingerprint.ts'
import { untrainedNetwork } from '../../examples/federated/digits.ts'
import {
  type AgentProgram,
  type HubHome,
  type HubProgram,
  newHubHome,
  startAgent,
  startHub,
} from '../../examples/stage/fleet.ts'
import { pushModel } from '../../examples/stage/push.ts'
import { filesWithBytes, formsOfBytes } from '../stage/planted-bytes.ts'

const MODEL = 'power'
const FEATURES = 3
const DEVICES = ['pump-1', 'pump-2', 'pump-3']
const ROUNDS = 14
/** Rows with a label from the beginning, about no subject. */
const BASE = 16
/** Rows of each subject, and rows that get their labels in a later batch. */
const GROUP = 3
const SUBJECTS = 4
const BATCHES = 5
/** Another seed kills other programs at other times. */
const SEED = Number(process.env.SKERRY_TEST_SEED ?? 58)

let folder: string
let home: HubHome
let hub: HubProgram
const agents: AgentProgram[] = []

type Row = { request: string; x: readonly number[]; label: string; batch: number; subject?: number }

/** A wave with an irrational step gives each row its own numbers. */
const numbersOf = (device: number, place: number) =>
  [0.618_034, 0.414_214, 0.732_051].map((step) => ((place + 1) * step + device * 0.37) % 1)

/** Bytes that occur nowhere else by chance, in the rows of the first subject. */
const plantedOf = (device: number) => [0.27182818284 + device / 7, 0.31415926535, 0.5772156649]

const labelOf = ([flow = 0, head = 0, speed = 0]: readonly number[]) => (2 * flow * head - speed ** 2 + 0.5).toFixed(9)

/** The groups of rows that an application asks at once: the base, each subject, and each batch. */
function groupsOf(device: number): { id: string; subject?: number; rows: Row[] }[] {
  const group = (id: string, size: number, facts: { batch: number; subject?: number }, from: number) => ({
    id,
    ...(facts.subject !== undefined && { subject: facts.subject }),
    rows: Array.from({ length: size }, (_, at): Row => {
      const x = facts.subject === 0 && at === 0 ? plantedOf(device) : numbersOf(device, from + at)
      return { request: `${id}#${at}`, x, label: labelOf(x), ...facts }
    }),
  })
  const people = Array.from({ length: SUBJECTS }, (_, subject) =>
    group(`person-${device}-${subject}`, GROUP, { batch: 0, subject }, BASE + subject * GROUP),
  )
  const late = Array.from({ length: BATCHES }, (_, at) =>
    group(`late-${device}-${at}`, GROUP, { batch: at + 1 }, BASE + (SUBJECTS + at) * GROUP),
  )
  return [group(`base-${device}`, BASE, { batch: 0 }, 0), ...people, ...late]
}

const subjectName = (subject: number) => `operator-number-${subject}-of-the-plant`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-captured-kills-'))
  home = await newHubHome(folder)
  hub = await startHub(home)
  for (const device of DEVICES) {
    const options = ['--training-data', `seen:any=captures:${MODEL}?labels=numbers`]
    agents.push(await startAgent(hub, { site: { name: 'hamburg', kind: 'onprem' }, device, folder, options }))
  }
  await pushModel(hub, { name: MODEL, bytes: untrainedNetwork(3, 16, { features: FEATURES, classes: 1 }) })
  const { client } = hub
  await client.deployment.apply({ name: MODEL, deployable: MODEL, version: '1', probation: { seconds: 0 } })
  await until(async () => (await client.deployment.get({ deployment: MODEL })).rolloutStatus === 'done')
  const rules = { sample: 1, task: 'regression' as const, purpose: 'learn from rows that people have checked' }
  await client.capture.set({ name: MODEL, rules })
  await until(async () => {
    const { rows } = await client.capture.devices({ name: MODEL })
    return rows.length === DEVICES.length && rows.every(({ isCurrent, isConnected }) => isCurrent && isConnected)
  })
  await Promise.all(DEVICES.map((_, device) => keepRows(device)))
})

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()))
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** The device answers its rows, keeps them, and gets the first labels. */
async function keepRows(device: number): Promise<void> {
  let kept = 0
  let second = 0
  for (const { id, subject, rows } of groupsOf(device)) {
    // [capture-board.ts] A device keeps at most 20 rows of a model in one second.
    await until(() => Math.floor(Date.now() / 1_000) !== second)
    second = Math.floor(Date.now() / 1_000)
    const x = { name: 'x', datatype: 'FP32', shape: [rows.length, FEATURES], data: rows.flatMap((row) => row.x) }
    const parameters = subject === undefined ? {} : { subject: subjectName(subject) }
    const body = JSON.stringify({ id, parameters, inputs: [x] })
    const url = `${agents[device]?.restUrl}/v2/models/${MODEL}/infer`
    expect((await fetch(url, { method: 'POST', body })).status).toBe(200)
    kept += rows.length
    const wish = { device: DEVICES[device] ?? '', name: MODEL }
    await until(async () => (await hub.client.capture.rows(wish)).heldCount === kept)
  }
  await labelBatch(device, 0)
}

/** Gives the labels of a batch, as often as it takes: the device or the hub may be away. */
async function labelBatch(device: number, batch: number): Promise<void> {
  const rows = groupsOf(device).flatMap((group) => group.rows.filter((row) => row.batch === batch))
  const labels = rows.map(({ request, label }) => ({ request, label }))
  await until(async () => {
    const wish = { device: DEVICES[device] ?? '', name: MODEL, labels }
    const done = await hub.client.capture.label(wish).catch(() => undefined)
    return done?.unmatched.length === 0
  })
}

type State = { batches: number; erased: number; rows: number }

/** Each state that the data of a device can have, by its fingerprint. */
async function statesOf(device: number): Promise<Map<string, State>> {
  const key = await readFile(join(folder, DEVICES[device] ?? '', 'store-key'))
  const fingerprint = fingerprintWith(key)
  const all = groupsOf(device)
    .flatMap(({ rows }) => rows)
    .map((row) => ({ ...row, digest: createHmac('sha256', key).update(`captured request\0${row.request}`).digest() }))
    .toSorted((a, b) => Buffer.compare(a.digest, b.digest))
  const states = new Map<string, State>()
  for (let batches = 0; batches <= BATCHES; batches += 1)
    for (let erased = 0; erased <= SUBJECTS; erased += 1) {
      const rows = all.filter(({ batch, subject = SUBJECTS }) => batch <= batches && subject >= erased)
      const digest = digestOfSet({
        rows: rows.length,
        type: 'float32',
        shape: [FEATURES],
        classes: 0,
        targets: [1],
        data: Float32Array.from(rows.flatMap(({ x }) => x)),
        labels: Float32Array.from(rows, ({ label }) => Number(label)),
        held: Uint8Array.from(rows, (row) => Number(isHeldOut(row.digest))),
      })
      states.set(fingerprint(digest.toString('hex')), { batches, erased, rows: rows.length })
    }
  expect(states.size).toBe((BATCHES + 1) * (SUBJECTS + 1))
  return states
}

const specOf = (name: string, rounds: number) => ({
  name,
  model: MODEL,
  version: '1',
  data: { name: 'seen', shape: [FEATURES], targets: [1], rowsMin: 10 },
  participants: { minimum: DEVICES.length, overSelect: 0 },
  rounds,
  deadlineSeconds: 600,
  training: { epochs: 8, batchSize: 5, learningRate: 0.05, loss: 'huber' as const },
  seed: 1,
})

const campaignNow = (name: string) => hub.client.campaign.get({ name })

async function ended(name: string) {
  const isOver = async () => ['done', 'failed', 'stopped'].includes((await campaignNow(name)).campaign.phase)
  await until(isOver, { patienceMs: 4 * PATIENCE_MS })
  const { campaign, rounds } = await campaignNow(name)
  expect(campaign, campaign.reason).toMatchObject({ phase: 'done' })
  return rounds
}

/** [mulberry32] */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Kills one program, and starts it again after some work. */
async function killOne(victim: number, meanwhile: (victim: number) => Promise<void>): Promise<void> {
  const agent = agents[victim]
  if (agent) {
    await agent.kill()
    await meanwhile(victim)
    agents[victim] = await agent.again()
    return
  }
  await hub.kill()
  hub = await startHub(home)
  await meanwhile(victim)
}

/** The time at which each erasure had ended. */
const erasedAtMs: number[] = []

/** The hub records the erasure while one of the devices is dead. It takes part again when it has erased the rows. */
async function eraseNext(victim: number): Promise<void> {
  const { client } = hub
  await client.capture.erase({ subject: subjectName(erasedAtMs.length) })
  erasedAtMs.push(Date.now())
  const { candidates } = await client.campaign.create({ spec: specOf('another', 1), dryRun: true })
  const dead = candidates.find(({ device }) => device === DEVICES[victim])
  expect(dead).toMatchObject({ isEligible: false, reason: expect.stringContaining('has not yet erased the rows') })
}

let labelled = 0

async function storm(random: () => number): Promise<number> {
  let kills = 0
  for (let round = 1; round < ROUNDS - 2; round += 1) {
    await until(async () => (await campaignNow('storm')).campaign.round >= round, { patienceMs: 2 * PATIENCE_MS })
    const isErasing = round % 2 === 0 && erasedAtMs.length < SUBJECTS
    const victim = Math.floor(random() * (DEVICES.length + (isErasing ? 0 : 1)))
    await sleep(1_500 * random())
    await killOne(victim, isErasing ? eraseNext : async () => {})
    kills += 1
    if (round % 2 === 1 && labelled < BATCHES) {
      labelled += 1
      await Promise.all(DEVICES.map((_, device) => labelBatch(device, labelled)))
    }
  }
  return kills
}

/** All participants of all rounds, by device. */
async function trainingsIn(name: string, rounds: number): Promise<CampaignParticipant[][]> {
  const all: CampaignParticipant[] = []
  for (let round = 1; round <= rounds; round += 1)
    all.push(...(await hub.client.campaign.participants({ name, round })).participants)
  return DEVICES.map((device) => all.filter((one) => one.device === device && one.data !== undefined))
}

test('each training of a campaign with kills is on rows that the device had, and on no row erased before', async () => {
  const spec = specOf('storm', ROUNDS)
  await until(async () => (await hub.client.campaign.create({ spec, dryRun: true })).eligible === DEVICES.length)
  await hub.client.campaign.create({ spec })
  const kills = await storm(randomOf(SEED))
  const rounds = await ended('storm')
  expect(kills).toBeGreaterThan(8)
  expect(erasedAtMs).toHaveLength(SUBJECTS)
  expect(labelled).toBe(BATCHES)
  for (const { counted } of rounds.slice(1)) expect(counted, JSON.stringify(rounds)).toBe(DEVICES.length)
  let versions = 0
  for (const [device, trainings] of (await trainingsIn('storm', ROUNDS)).entries()) {
    const states = await statesOf(device)
    let before: State = { batches: 0, erased: 0, rows: 0 }
    for (const { data, round, rows = 0, state: outcome } of trainings) {
      const facts = JSON.stringify({ seed: SEED, device, round, outcome, data, rounds, erasedAtMs })
      const state = states.get(data?.fingerprint ?? '')
      if (!state || !data) throw new Error(`no rows of the device have this fingerprint: ${facts}`)
      expect(data.rows, facts).toBe(state.rows)
      expect(rows, facts).toBeLessThanOrEqual(state.rows)
      // Data never becomes an earlier version of itself: neither a kill nor the repeated labels bring a row back.
      expect(state.batches, facts).toBeGreaterThanOrEqual(before.batches)
      expect(state.erased, facts).toBeGreaterThanOrEqual(before.erased)
      const startedAtMs = rounds[round]?.startedAtMs ?? 0
      expect(state.erased, facts).toBeGreaterThanOrEqual(erasedAtMs.filter((atMs) => atMs < startedAtMs).length)
      before = state
    }
    versions += new Set(trainings.map(({ data }) => data?.fingerprint)).size
  }
  expect(versions).toBeGreaterThan(4 * DEVICES.length)
  expect(rounds.reduce((sum, { dataChanged = 0 }) => sum + dataChanged, 0)).toBeGreaterThan(3 * DEVICES.length)
})

test('after the kills each device trains on all labelled rows that nobody erased, and no plain value is on a disk', async () => {
  const spec = specOf('calm', 1)
  const last = BASE + BATCHES * GROUP
  await until(async () => {
    const { candidates } = await hub.client.campaign.create({ spec, dryRun: true })
    return (
      candidates.length === DEVICES.length && candidates.every(({ rows, isEligible }) => isEligible && rows === last)
    )
  })
  await hub.client.campaign.create({ spec })
  await ended('calm')
  for (const [device, [training]] of (await trainingsIn('calm', 1)).entries()) {
    const states = await statesOf(device)
    const expected = { batches: BATCHES, erased: SUBJECTS, rows: last }
    expect(states.get(training?.data?.fingerprint ?? '')).toEqual(expected)
  }
  const { lineage } = await hub.client.model.getVersion({ name: MODEL, version: 'latest' })
  expect(lineage?.notes).toMatch(/^campaign calm, .*, 3 data versions of 3 devices$/)
  for (const [device, name] of DEVICES.entries()) {
    const bytes = [plantedOf(device), numbersOf(device, 0)].map((row) => new Uint8Array(Float32Array.from(row).buffer))
    const words = [`base-${device}#0`, subjectName(0), labelOf(numbersOf(device, 0))]
    const forms = [...bytes.flatMap(formsOfBytes), ...words.map((word) => Buffer.from(word))]
    expect(await filesWithBytes(join(folder, name), forms), name).toMatchObject({ paths: [] })
    expect(await filesWithBytes(join(folder, 'hub'), bytes.flatMap(formsOfBytes))).toMatchObject({ paths: [] })
  }
})
