/**
 * Five real agents with rows of different kinds train in a campaign, while one program after the other is killed: an agent,
 * or the hub. Each campaign ends with the quality of one without kills, and no row leaves its device: planted values are
 * searched for in all that the hub received, and in all files.
 *
 * @module-tag deep Six campaigns of five agents and a dozen kills take minutes; campaigns.test.ts kills one of three
 */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readShuttle } from '../../bench/learn/shuttle-data.ts'
import { PIXELS, readDigits, rowsOfClasses, untrainedNetwork, writeIdx } from '../../examples/federated/digits.ts'
import {
  type AgentProgram,
  type HubHome,
  type HubProgram,
  newHubHome,
  startAgent,
  startHub,
} from '../../examples/stage/fleet.ts'
import { pushModel } from '../../examples/stage/push.ts'
import { type LabelledRows, writeRows } from '../stage/npy-rows.ts'
import { filesWithBytes, formsOfBytes } from '../stage/planted-bytes.ts'

const DEVICES = ['ward-1', 'ward-2', 'ward-3', 'ward-4', 'ward-5']
const ROUNDS = 4
const KILLS = 12
const READINGS = join(import.meta.dirname, '../../examples/sensor-anomaly/readings')

let folder: string
let home: HubHome
let hub: HubProgram
const agents: AgentProgram[] = []
const tasks: Task[] = []

type Task = {
  name: string
  data: { type: 'uint8' | 'float32'; scale?: number; offset?: number; shape: number[]; classes: number }
  /** Writes the rows of a device to the folder, with its planted bytes. */
  write(device: number, path: string, planted: Buffer): Promise<void>
}

/** Bytes that occur nowhere else by chance. As numbers, they are some that a model can train on. */
const plantedOf = (device: number): Buffer => {
  const numbers = Float32Array.from({ length: 2 }, (_, at) => 0.123_456_7 + device / 7 + at / 13)
  return Buffer.from(numbers.buffer)
}

/** Each device has two of the ten classes. */
const digits: Task = {
  name: 'digits',
  data: { type: 'uint8', scale: 1 / 255, shape: [PIXELS], classes: 10 },
  async write(device, path, planted) {
    const rows = rowsOfClasses(await readDigits(6_000), [2 * device, 2 * device + 1], 200)
    rows.images.set(planted, 5 * PIXELS)
    await writeIdx(path, rows)
  },
}

const MOTES = [
  'single-hop-mote1-indoor',
  'single-hop-mote4-outdoor',
  'multi-hop-mote1-outdoor',
  'multi-hop-mote3-indoor',
]
/** Humidity and temperature of the last readings. */
const PAST = 8

/** Each device has the readings of another mote; the last one has a part of the first. Label 1 is an event. */
const motes: Task = {
  name: 'motes',
  data: { type: 'float32', shape: [2 * PAST], classes: 2 },
  async write(device, path, planted) {
    const text = await readFile(join(READINGS, `${MOTES[device % MOTES.length]}.csv`), 'utf8')
    const lines = text
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').map(Number))
    const ends = [...lines.keys()].filter((at) => at >= PAST - 1 && (lines[at]?.[3] === 1 || at % 15 === device))
    const row = (end: number) =>
      Array.from({ length: PAST }, (_, back) => {
        const [, humidity = 0, temperature = 0] = lines[end - back] ?? []
        const [, nowHumidity = 0, nowTemperature = 0] = lines[end] ?? []
        return back === 0
          ? [humidity / 50 - 1, temperature / 30 - 1]
          : [nowHumidity - humidity, nowTemperature - temperature]
      }).flat()
    const labels = BigInt64Array.from(ends, (at) => BigInt(lines[at]?.[3] ?? 0))
    await writePlanted(
      path,
      { rows: ends.length, width: 2 * PAST, data: Float32Array.from(ends.flatMap(row)), labels },
      planted,
    )
  },
}

const CHANNELS = 9

/** Channels of the Space Shuttle: each device has the frequent class and some rare ones. Not shipped. */
function shuttleTask(): Task[] {
  const shuttle = readShuttle()
  if (typeof shuttle === 'string') return []
  const { values, classes } = shuttle
  const write = async (device: number, path: string, planted: Buffer) => {
    const wanted = [...classes.keys()].filter((at) => (classes[at] === 1 ? at % 200 : at % 20) === device)
    const data = Float32Array.from(
      wanted.flatMap((at) => Array.from(values.subarray(at * CHANNELS, (at + 1) * CHANNELS), (value) => value / 100)),
    )
    const labels = BigInt64Array.from(wanted, (at) => BigInt((classes[at] ?? 1) - 1))
    await writePlanted(path, { rows: wanted.length, width: CHANNELS, data, labels }, planted)
  }
  return [{ name: 'shuttle', data: { type: 'float32', shape: [CHANNELS], classes: 7 }, write }]
}

async function writePlanted(path: string, rows: LabelledRows, planted: Buffer): Promise<void> {
  rows.data.set(new Float32Array(new Uint8Array(planted).buffer), 5 * rows.width)
  await writeRows(path, rows)
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-five-kills-'))
  home = {
    ...(await newHubHome(folder)),
    entry: 'test/stage/recorded-hub.ts',
    env: { SKERRY_TEST_TRAFFIC: join(folder, 'traffic') },
  }
  hub = await startHub(home)
  tasks.push(digits, motes, ...shuttleTask())
  for (const [at, device] of DEVICES.entries()) {
    const options: string[] = []
    for (const task of tasks) {
      const path = join(folder, `rows-${task.name}-${device}`)
      await task.write(at, path, plantedOf(at))
      options.push('--training-data', `${task.name}:any=${path}`)
    }
    agents.push(await startAgent(hub, { site: { name: 'hamburg', kind: 'onprem' }, device, folder, options }))
  }
  for (const { name, data } of tasks) {
    const [features = 0] = data.shape
    await pushModel(hub, {
      name,
      bytes: untrainedNetwork(7, name === 'digits' ? 64 : 32, { features, classes: data.classes }),
    })
  }
})

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()))
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** One campaign of each task, at the same time. */
async function startAll(suffix: string): Promise<void> {
  for (const { name, data } of tasks) {
    const spec = {
      name: `${name}-${suffix}`,
      model: name,
      version: '1',
      data: { name, ...data },
      participants: { minimum: DEVICES.length, overSelect: 0 },
      rounds: ROUNDS,
      // A device that is late on a busy machine would repeat the round, and add in another order.
      deadlineSeconds: 1_800,
      training: { epochs: name === 'digits' ? 5 : 10, batchSize: 10, learningRate: 0.05 },
      seed: 1,
    }
    await until(async () => (await hub.client.campaign.create({ spec, dryRun: true })).eligible === DEVICES.length)
    await hub.client.campaign.create({ spec })
  }
}

const campaignsNow = (suffix: string) =>
  Promise.all(tasks.map(({ name }) => hub.client.campaign.get({ name: `${name}-${suffix}` })))

const areOver = async (suffix: string) =>
  (await campaignsNow(suffix)).every(({ campaign }) => ['done', 'failed', 'stopped'].includes(campaign.phase))

async function ended(suffix: string) {
  await until(() => areOver(suffix), { patienceMs: 6 * PATIENCE_MS })
  return campaignsNow(suffix)
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

async function killOne(random: () => number): Promise<void> {
  const victim = Math.floor(random() * (DEVICES.length + 1))
  const agent = agents[victim]
  if (agent) {
    await agent.kill()
    agents[victim] = await agent.again()
    return
  }
  await hub.kill()
  hub = await startHub(home)
}

test('campaigns of five agents end with the same model quality, with kills and without', async () => {
  await startAll('calm')
  const calm = await ended('calm')
  await startAll('stormy')
  const random = randomOf(30)
  let kills = 0
  while (kills < KILLS && !(await areOver('stormy'))) {
    await killOne(random)
    kills += 1
    await sleep(2_000 * random())
  }
  expect(kills).toBeGreaterThan(4)
  const stormy = await ended('stormy')
  for (const [at, { name }] of tasks.entries()) {
    const [one, other] = [calm[at], stormy[at]]
    const facts = JSON.stringify({ name, calm: one?.rounds, stormy: other?.rounds })
    for (const each of [one, other]) {
      expect(each?.campaign, each?.campaign.reason).toMatchObject({ phase: 'done', round: ROUNDS })
      for (const { counted } of each?.rounds.slice(1) ?? []) expect(counted, facts).toBe(DEVICES.length)
    }
    const [base, last, after] = [one?.rounds[0], one?.rounds.at(-1), other?.rounds.at(-1)]
    expect(last?.loss, facts).toBeLessThan(base?.loss ?? 0)
    expect(Math.abs((after?.accuracy ?? 0) - (last?.accuracy ?? 1)), facts).toBeLessThan(0.01)
    const attemptsOf = (each: typeof one) => each?.rounds.map(({ attempts }) => attempts)
    // The same seed, rows and order of updates: one processor computes the same bits.
    if (JSON.stringify(attemptsOf(one)) === JSON.stringify(attemptsOf(other)))
      expect(after?.weights, facts).toBe(last?.weights)
  }
})

/** The bytes, and the digits of a number. */
const needles = () =>
  DEVICES.flatMap((_, device) => {
    const planted = plantedOf(device)
    const [number = 0] = new Float32Array(new Uint8Array(planted).buffer)
    return [...formsOfBytes(planted), Buffer.from(String(number))]
  })

const search = (...path: string[]) => filesWithBytes(join(folder, ...path), needles())

test('no planted value is in what the hub received, or in a file beside the rows', async () => {
  const rowFolders = (await readdir(folder)).filter((name) => name.startsWith('rows-'))
  expect(rowFolders).toHaveLength(tasks.length * DEVICES.length)
  // The search finds the values at their place.
  for (const name of rowFolders) expect((await search(name)).paths, name).toHaveLength(1)
  const traffic = await search('traffic')
  // Each update of the digits has come to the hub at least once, so the traffic is recorded.
  const updates = 2 * ROUNDS * DEVICES.length * 4 * (PIXELS * 64 + 64 * 64 + 64 * 10)
  expect(traffic.bytes).toBeGreaterThan(updates)
  expect(traffic.paths).toEqual([])
  for (const name of await readdir(folder)) {
    if (rowFolders.includes(name) || !(await stat(join(folder, name))).isDirectory()) continue
    expect((await search(name)).paths, name).toEqual([])
  }
})
