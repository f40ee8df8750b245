/**
 * Campaigns of real processes whose models answer with numbers: three devices with different loads learn the power of a
 * pump, two from files and one from a recording. The hub judges the weights by their mean error.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import type { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import { filesBelow } from '@skerry/testkit/files-below'
import { float32, npyOf } from '@skerry/testkit/npz'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { untrainedNetwork } from '../../examples/federated/digits.ts'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { pushModel } from '../../examples/stage/push.ts'
import { commandLine } from '../stage/command-line.ts'
import { filesWithBytes, formsOfBytes } from '../stage/planted-bytes.ts'

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
  const sets = [`loads:any=${place}`, `faults:any=${faults}`, `seen:any=captures:${MODEL}?labels=numbers`]
  const options = sets.flatMap((set) => ['--training-data', set])
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
    // A device shuffles its rows by its random id. With a third of these passes, the error was 0.1 now and then.
    training: { ...TRAINING, epochs: 24, loss: 'huber' },
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
  expect(lineage?.notes).toMatch(
    /^campaign pumps, round 4, 3 participants, \d+ rows, mean error 0\.0\d+, loss 0\.\d+, 3 data versions of 3 devices$/,
  )
  // Files and recordings identify their rows alike, and no device trained on others than before.
  const { participants } = await client.campaign.participants({ name: 'pumps', round: 4 })
  const same = { rows: ROWS, earlier: { round: 3, rows: ROWS, isSame: true } }
  for (const each of participants) expect(each.data).toMatchObject(same)
  expect(new Set(participants.map((each) => each.data?.fingerprint)).size).toBe(3)
  expect(last?.dataChanged).toBe(0)
})

test('a binary loss reads whole numbers as answers, and a device names a number that is none', async () => {
  const { client } = hub
  const training = { ...TRAINING, loss: 'binary' as const, epochs: 12 }
  await client.campaign.create({ spec: specOf({ name: 'faults', training, rounds: 10 }, 'faults') })
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

/** Rows that an application asks, of which the capture of the model keeps each one. */
async function ask(at: number, wish: { id: string; subject?: string; rows: readonly Row[] }): Promise<void> {
  const { id, subject, rows } = wish
  const x = { name: 'x', datatype: 'FP32', shape: [rows.length, FEATURES], data: rows.flatMap((row) => row.x) }
  const body = JSON.stringify({ id, parameters: subject === undefined ? {} : { subject }, inputs: [x] })
  const answer = await fetch(`${agents[at]?.restUrl}/v2/models/${MODEL}/infer`, { method: 'POST', body })
  expect(answer.status).toBe(200)
}

/** Declares the capture, and waits until the devices follow it. */
async function capture(redact: string[]): Promise<void> {
  const { client } = hub
  const rules = { sample: 1, task: 'regression' as const, purpose: 'learn from rows that people have checked', redact }
  await client.capture.set({ name: MODEL, rules })
  await until(async () => {
    const { rows } = await client.capture.devices({ name: MODEL })
    return rows.length === 3 && rows.every(({ isCurrent, isConnected }) => isCurrent && isConnected)
  })
}

const heldBy = async (at: number) => (await hub.client.capture.rows({ device: `pump-${at}`, name: MODEL })).heldCount

const heldOn = (at: number, count: number) => until(async () => (await heldBy(at)) === count)

/** A row that is asked again replaces itself. */
async function askPortions(at: number): Promise<void> {
  for (let from = 0; from < CAPTURED; from += PORTION) {
    const wish = { id: `row-${at}-${from}`, rows: rowsOf(at).slice(from, from + PORTION) }
    const isHeld = async () => {
      await ask(at, wish)
      return (await heldBy(at)) === from + PORTION
    }
    await until(isHeld, { everyMs: 1_000 })
  }
}

/** The devices that offer captured rows, with the number of their rows. */
async function offers(): Promise<Record<string, number>> {
  const { candidates } = await hub.client.campaign.create({ spec: { ...seenSpec, name: 'another' }, dryRun: true })
  return Object.fromEntries(candidates.map(({ device: name, rows }) => [name, rows]))
}

/** A device keeps at most 20 rows of a model in a second. */
const PORTION = 18

/**
 * A key of the device chooses about each tenth row, which is held out. With a few rows, sometimes none would be, or such
 * that say nothing about the others.
 */
const CAPTURED = 4 * PORTION
const SUBJECT = 'operator-schmidt'

/** Its bytes occur nowhere else by chance. */
const PLANTED = [0.27182818284, 0.31415926535, 0.5772156649]

const seenSpec = {
  ...specOf({ name: 'seen', training: { ...TRAINING, epochs: 24, loss: 'huber' as const } }, 'seen'),
  data: { name: 'seen', shape: [FEATURES], targets: [1], rowsMin: 10 },
  participants: { minimum: 2, overSelect: 0 },
  rounds: 4,
}

test('devices learn from captured rows that people labelled, and an erased or redacted row trains nothing', async () => {
  const { client } = hub
  await client.deployment.apply({ name: MODEL, deployable: MODEL, version: '1', probation: { seconds: 0 } })
  await until(async () => (await client.deployment.get({ deployment: MODEL })).rolloutStatus === 'done')
  await capture([])
  await Promise.all([0, 1].map(askPortions))
  for (const at of [0, 1]) {
    await ask(at, { id: `person-${at}`, subject: SUBJECT, rows: [{ x: PLANTED, y: 0 }] })
    await heldOn(at, CAPTURED + 1)
  }
  await capture(['x[1]'])
  await ask(0, { id: 'hidden', rows: rowsOf(0).slice(0, 1) })
  await heldOn(0, CAPTURED + 2)
  // The rule that came with the redaction made the devices look at their rows.
  await until(async () => {
    const { candidates } = await client.campaign.create({ spec: seenSpec, dryRun: true })
    const reason = candidates.find(({ device: name }) => name === 'pump-0')?.reason
    return reason && /none of the \d+ captured rows of power can train: \d+ have no label$/.test(reason)
  })

  for (const at of [0, 1]) {
    const known = rowsOf(at).slice(0, CAPTURED)
    const labels = known.map(({ y }, row) => ({
      request: `row-${at}-${row - (row % PORTION)}#${row % PORTION}`,
      label: String(y),
    }))
    const others = [
      { request: `person-${at}`, label: '0.5' },
      ...(at === 0 ? [{ request: 'hidden', label: '0.5' }] : []),
    ]
    const wish = { device: `pump-${at}`, name: MODEL, labels: [...labels, ...others] }
    expect(await client.capture.label(wish)).toMatchObject({ unmatched: [] })
  }
  // The redacted row has a label, and does not count.
  await until(async () => {
    const { 'pump-0': one, 'pump-1': other } = await offers()
    return one === CAPTURED + 1 && other === CAPTURED + 1
  })
  expect((await client.campaign.create({ spec: seenSpec, dryRun: true })).candidates).toMatchObject([
    { device: 'pump-0', source: 'captures', leftOut: { redacted: 1, unlabelled: 0 }, isEligible: true },
    { device: 'pump-1', source: 'captures', leftOut: { redacted: 0, unlabelled: 0 }, isEligible: true },
    { device: 'pump-2', source: 'captures', isEligible: false },
  ])
  await client.campaign.create({ spec: seenSpec })
  // The subject is erased between two rounds.
  await until(async () => (await client.campaign.get({ name: 'seen' })).rounds[1]?.endedAtMs)
  await client.campaign.pause({ name: 'seen', reason: 'erase a subject' })
  const found = await filesWithBytes(folder, formsOfBytes(new Uint8Array(Float32Array.from(PLANTED).buffer)))
  expect(found).toMatchObject({ paths: [] })
  expect((await client.capture.erase({ subject: SUBJECT })).labels).toBe(2)
  await until(async () => {
    const { 'pump-0': one, 'pump-1': other } = await offers()
    return one === CAPTURED && other === CAPTURED
  })
  await heldOn(0, CAPTURED + 1)
  await client.campaign.resume({ name: 'seen' })
  await expectChangedOnce()
})

/** Each device trained on one row more before the pause, and the hub knows the round from which it did not. */
async function expectChangedOnce(): Promise<void> {
  const { client } = hub
  const { campaign, rounds } = await ended('seen')
  expect(campaign, campaign.reason).toMatchObject({ phase: 'done', resultVersion: expect.any(Number) })
  expect(rounds.at(-1)).toMatchObject({ round: 4, counted: 2 })
  expect(rounds.at(-1)?.error).toBeLessThan(rounds[0]?.error ?? 0)
  expect(rounds.map(({ dataChanged = 0 }) => dataChanged).toSorted((a, b) => a - b)).toEqual([0, 0, 0, 0, 2])
  const at = rounds.findIndex(({ dataChanged }) => dataChanged === 2)
  const { participants } = await client.campaign.participants({ name: 'seen', round: at })
  const earlier = { round: at - 1, rows: CAPTURED + 1, isSame: false }
  const last = participants.filter(({ attempt }) => attempt === rounds[at]?.attempts)
  expect(last).toMatchObject([{ data: { rows: CAPTURED, earlier } }, { data: { rows: CAPTURED, earlier } }])
  const shown = await commandLine(hub, folder)('campaign', 'show', 'seen', '--devices', '--round', String(at))
  expect(shown).toMatch(new RegExp(`${at} .* 2 devices +\\d`))
  expect(shown).toMatch(new RegExp(`pump-0 .*, changed since round ${at - 1}: ${CAPTURED + 1} rows, now ${CAPTURED}`))
  const { lineage } = await client.model.getVersion({ name: MODEL, version: String(campaign.resultVersion) })
  expect(lineage?.notes).toMatch(/, 4 data versions of 2 devices$/)
}

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
  for await (const { path, bytes } of filesBelow(join(folder, 'hub'))) {
    const isIndex = basename(path).startsWith('chunks-')
    if (!isIndex && path.includes(digest.replace(/^sha256:/, ''))) return new Float32Array(new Uint8Array(bytes).buffer)
  }
  throw new Error(`the hub has not the weights ${digest}`)
}
