/**
 * A campaign of four devices with different classes, whose links to the hub are slow and break every few seconds. Its loss is
 * compared with the same campaign over good links, and with one training on all rows in one place.
 *
 * @module-tag deep Two campaigns of ten rounds over slow lines take minutes; campaigns.test.ts shows one over good lines
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import { bytesOfWeights } from '@skerry/core/campaigns/weights'
import { trainModel } from '@skerry/inference/train/train-model'
import { type ConnectProxy, startConnectProxy } from '@skerry/testkit/connect-proxy'
import { randomOf } from '@skerry/testkit/faults/garbling-way'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeTrainingModels } from '../../apps/hub/src/campaigns/training-models.ts'
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

const MODEL = 'digits'
const SITE = { name: 'hamburg', kind: 'onprem' } as const
const CLASSES = [
  [0, 1, 2],
  [3, 4, 5],
  [6, 7],
  [8, 9],
]
const ROUNDS = 10
const EPOCHS = 2

/** An update of 220 kB takes two seconds. */
const LINE = { delayMs: 100, bytesPerSecond: 128 * 1_024 }

let folder: string
let hub: HubProgram
let agents: AgentProgram[] = []
let proxies: ConnectProxy[] = []
/** While it is true, the lines of a device carry nothing, and its connections are refused. */
const isDown = CLASSES.map(() => false)
const network = untrainedNetwork(7, 64)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-broken-links-'))
  hub = await startHub(await newHubHome(folder))
  const all = await readDigits(6_000)
  const rows = CLASSES.map((classes) => rowsOfClasses(all, classes, 100))
  agents = await Promise.all(rows.map(device))
  await writeIdx(join(folder, 'rows-central'), joined(rows))
  proxies = await Promise.all(CLASSES.map((_, at) => startConnectProxy(() => !isDown[at], LINE)))
  await pushModel(hub, { name: MODEL, bytes: network })
})

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()))
  for (const proxy of proxies) await proxy[Symbol.asyncDispose]()
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function device(rows: Digits, at: number): Promise<AgentProgram> {
  const path = join(folder, `rows-${at}`)
  await writeIdx(path, rows)
  const options = ['--training-data', `digits:any=${path}`]
  return startAgent(hub, { site: SITE, device: `ward-${at}`, folder, options })
}

/** Each device has a multiple of ten rows, so the held-out rows are the same in one place. */
const joined = (parts: readonly Digits[]): Digits => ({
  images: Buffer.concat(parts.map(({ images }) => images)),
  labels: Buffer.concat(parts.map(({ labels }) => labels)),
})

const specOf = (name: string) => ({
  name,
  model: MODEL,
  version: '1',
  data: { name: 'digits', type: 'uint8' as const, scale: 1 / 255, shape: [PIXELS], classes: 10 },
  participants: { minimum: CLASSES.length, overSelect: 0 },
  rounds: ROUNDS,
  deadlineSeconds: 300,
  training: { epochs: EPOCHS, batchSize: 10, learningRate: 0.1 },
  seed: 1,
})

async function trained(name: string) {
  const spec = specOf(name)
  await until(async () => (await hub.client.campaign.create({ spec, dryRun: true })).eligible === CLASSES.length)
  await hub.client.campaign.create({ spec })
  const isOver = async () => ['done', 'failed'].includes((await hub.client.campaign.get({ name })).campaign.phase)
  await until(isOver, { patienceMs: 4 * PATIENCE_MS })
  return hub.client.campaign.get({ name })
}

/** Each device uses its own line from now on. */
async function useSlowLines(): Promise<void> {
  for (const [at, proxy] of proxies.entries()) {
    const settings = `device:ward-${at}`
    await hub.client.settings.set({ settings, spec: { proxy: proxy.address } })
    await until(() => proxy.targets().length > 0)
  }
}

/** Cuts the line of one device after the other, sometimes for seconds. The number of connections that were cut. */
async function breakLines(signal: AbortSignal): Promise<number> {
  const random = randomOf(11)
  let cut = 0
  while (!signal.aborted) {
    const at = Math.floor(random() * CLASSES.length)
    isDown[at] = random() < 0.3
    cut += proxies[at]?.cut() ?? 0
    await sleep(500 + 2_500 * random())
    isDown[at] = false
  }
  return cut
}

test('a campaign over slow and broken links learns as over good ones, and its loss is near that of one place', async () => {
  const good = await trained('good')
  await useSlowLines()
  const stop = new AbortController()
  const breaking = breakLines(stop.signal)
  const begunMs = performance.now()
  const broken = await trained('broken').finally(() => stop.abort())
  const seconds = (performance.now() - begunMs) / 1_000
  const cut = await breaking
  const central = await trainedInOnePlace()
  for (const { campaign, rounds } of [good, broken]) {
    expect(campaign, campaign.reason).toMatchObject({ phase: 'done', round: ROUNDS })
    for (const { counted, attempts } of rounds.slice(1)) expect([counted, attempts]).toEqual([CLASSES.length, 1])
  }
  const [one, other] = [good.rounds.at(-1), broken.rounds.at(-1)]
  const untrained = good.rounds[0]
  const shown = {
    untrained: [untrained?.loss, untrained?.accuracy],
    goodLinks: [one?.loss, one?.accuracy],
    brokenLinks: [other?.loss, other?.accuracy],
    onePlace: [central.loss, central.accuracy],
    cut,
    connections: proxies.reduce((sum, proxy) => sum + proxy.targets().length, 0),
    seconds: Math.round(seconds),
  }
  process.stdout.write(`${JSON.stringify(shown)}\n`)
  expect(cut).toBeGreaterThan(20)
  // The same devices, rows and seed: a broken link costs time, and changes no weight.
  expect(other?.weights).toBe(one?.weights)
  expect(central.accuracy).toBeGreaterThan(0.85)
  expect(other?.loss).toBeLessThan((untrained?.loss ?? 0) / 2)
  // The order of the rows depends on the id of the device, so both figures of the campaign differ from run to run.
  expect(other?.loss).toBeLessThan(central.loss + 0.5)
  expect(other?.accuracy).toBeGreaterThan(central.accuracy - 0.25)
})

/** The same passes over the rows of all devices together, and the loss on the same held-out rows. */
async function trainedInOnePlace(): Promise<{ loss: number; accuracy: number }> {
  const { training, evaluation, parameters, weights } = makeTrainingModels(
    network,
    CampaignSpec.parse(specOf('central')),
  )
  const fileOf = async (name: string, bytes: Uint8Array) => {
    const path = join(folder, name)
    await writeFile(path, bytes)
    return { name, path, seal: undefined }
  }
  const outPath = join(folder, 'central-weights')
  const order = {
    rows: { folder: join(folder, 'rows-central') },
    trainingModel: await fileOf('central-training', training),
    evaluationModel: await fileOf('central-evaluation', evaluation),
    parameters,
    row: { shape: [PIXELS], classes: 10 },
    epochs: ROUNDS * EPOCHS,
    batchSize: 10,
    learningRate: 0.1,
    seed: 1,
    outPath,
  }
  const run = async (kind: 'train' | 'evaluate', line: Uint8Array) => {
    const limits = { timeMs: 600_000, memoryBytes: 2 * 1024 ** 3 }
    const given = { ...order, kind, weights: await fileOf(`central-${kind}`, line) }
    const result = await trainModel(given, limits, AbortSignal.timeout(600_000))
    if (!result.ok) throw new Error(result.message)
    return result.before
  }
  await run('train', bytesOfWeights(weights))
  const { rows, correct, lossSum } = await run('evaluate', await readFile(outPath))
  return { loss: lossSum / rows, accuracy: correct / rows }
}
