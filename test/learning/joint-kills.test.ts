/**
 * Kill -9 in every step of learning together: while the devices collect, wait with their parts, train on the joined part,
 * and while the hub publishes. Each order ends as the order without kills: with one version, which each device serves with
 * its own levels.
 *
 * @module-tag deep Five orders of three devices with their kills take minutes; together.test.ts kills one agent
 */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type AgentProgram,
  type HubHome,
  type HubProgram,
  newHubHome,
  startAgent,
  startHub,
} from '../../examples/stage/fleet.ts'
import { filesWithBytes, formsOfBytes } from '../stage/planted-bytes.ts'

/** The levels of the machines are far from each other. */
const LEVELS = { 'line-1': 80, 'line-2': 300, 'line-3': 20 } as const
type Device = keyof typeof LEVELS
const DEVICES = Object.keys(LEVELS) as Device[]
const TAGS = ['pressure', 'temperature', 'current']

const ROWS = 160

/** Each row has the time and a number for each tag, of 64 bits each. */
const ROW_BYTES = 8 * (1 + TAGS.length)

let folder: string
let home: HubHome
let hub: HubProgram
const agents = new Map<Device, AgentProgram>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-joint-kills-'))
  home = {
    ...(await newHubHome(folder)),
    entry: 'test/stage/recorded-hub.ts',
    env: { SKERRY_TEST_TRAFFIC: join(folder, 'traffic') },
  }
  hub = await startHub(home)
  for (const device of DEVICES) {
    agents.set(device, await startAgent(hub, { site: { name: 'hamburg', kind: 'edge' }, device, folder }))
    await setSource(device)
  }
})

afterAll(async () => {
  await Promise.all([...agents.values()].map((agent) => agent.stop()))
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const sine = (name: string, mean: number) => ({
  name,
  signal: { kind: 'sine' as const, mean, amplitude: mean / 20, periodSeconds: 4 },
})

function setSource(device: Device) {
  const level = LEVELS[device]
  const tags = [sine('pressure', level), sine('temperature', level / 2), sine('current', level / 10)]
  const groups = [{ name: 'process', everyMs: 100, tags }]
  const spec = { name: 'pump', protocol: 'simulator' as const, connection: { seed: level }, groups }
  return hub.client.source.set({ name: 'pump', scope: `device:${device}`, spec })
}

const fleetNow = (name: string) => hub.client.learning.getFleet({ name })

async function killAgent(device: Device): Promise<void> {
  const agent = agents.get(device)
  await agent?.kill()
  const again = await agent?.again()
  if (again) agents.set(device, again)
}

async function killHub(): Promise<void> {
  await hub.kill()
  hub = await startHub(home)
}

type Order = { name: string; folders: ReadonlyMap<Device, string> }

async function start(name: string): Promise<Order> {
  const recipe = { everyMs: 100, samples: 8, seconds: ROWS / 10, shadowSeconds: 0, falseAlarmDays: 0.01 }
  await hub.client.learning.startFleet({
    spec: { ...recipe, name, selector: 'site.name == "hamburg"', source: 'pump', tags: TAGS, federated: true },
  })
  const folders = new Map<Device, string>()
  for (const device of DEVICES) {
    const { id } = await hub.client.learning.get({ name: `${name}-${device}` })
    folders.set(device, join(folder, device, 'learning', id))
  }
  return { name, folders }
}

const sizeOf = ({ folders }: Order, device: Device, file: string) =>
  stat(join(folders.get(device) ?? '', file)).then(
    ({ size }) => size,
    () => undefined,
  )

const hasRows = async (order: Order, device: Device, rows: number) =>
  ((await sizeOf(order, device, 'rows.f64')) ?? 0) / ROW_BYTES >= rows

const has = async (order: Order, device: Device, file: string) => (await sizeOf(order, device, file)) !== undefined

/** It has sent its part, and has no judgement yet. */
const isTraining = async (order: Order, device: Device) =>
  (await has(order, device, 'part.json')) && !(await has(order, device, 'result.json'))

const isOver = async (name: string) => {
  const { modelVersion, reason } = (await fleetNow(name)).joint ?? {}
  return modelVersion !== undefined || reason !== undefined
}

/** The levels that a device keeps for the joint detectors; the newest file is that of the newest order. */
async function ownLevels(device: Device): Promise<number[]> {
  const states = join(folder, device, 'campaign-states')
  const names = await readdir(states)
  const files = await Promise.all(names.map((name) => readFile(join(states, name))))
  return files.map((bytes) => new Float32Array(new Uint8Array(bytes).buffer)[0] ?? 0)
}

/** The same for each order, with kills and without. */
async function expectWholeEnd({ name, folders }: Order, orders: number): Promise<void> {
  await until(() => isOver(name), { patienceMs: 4 * PATIENCE_MS, seen: () => name })
  const { joint, members, phases } = await fleetNow(name)
  const reasons = JSON.stringify(members?.map(({ device, phase, reason }) => ({ device, phase, reason })))
  expect(phases, reasons).toEqual({ done: 3 })
  expect(joint, reasons).toEqual({ devices: 3, rows: expect.any(Number), modelVersion: 1, flowVersion: 1 })
  expect(members?.map(({ device, chosen }) => [device, chosen])).toEqual(DEVICES.map((device) => [device, 'joint']))
  for (const { rows } of members ?? []) expect(rows).toBeGreaterThanOrEqual(ROWS)
  for (const model of [name, `${name}-alarm`])
    expect((await hub.client.model.get({ name: model })).versions).toHaveLength(1)
  expect(await hub.client.model.getVersion({ name, version: '1' })).toMatchObject({
    goldenCases: 8,
    labels: { learning: name, detector: 'joint' },
  })
  for (const device of DEVICES) {
    const levels = await ownLevels(device)
    expect(levels).toHaveLength(orders)
    for (const level of levels) expect(Math.abs(level / LEVELS[device] - 1)).toBeLessThan(0.05)
    // The rows are deleted when the order is over.
    await until(async () => !(await stat(folders.get(device) ?? '').catch(() => undefined)))
  }
}

test('an order without kills ends with one version', async () => {
  await expectWholeEnd(await start('calm'), 1)
})

test('kills while the devices collect', async () => {
  const order = await start('collect')
  // Five gaps leave too few whole windows in the wanted rows, so the devices take more.
  for (const rows of [20, 40, 60, 80, 100]) {
    await until(async () => (await Promise.all(DEVICES.map((device) => hasRows(order, device, rows)))).every(Boolean))
    const hubAgain = rows === 60 && killHub()
    await Promise.all(DEVICES.map(killAgent))
    await hubAgain
  }
  const rows = await collectedRows(order)
  await expectWholeEnd(order, 2)
  await expectKeptRows(order, rows)
  for (const member of (await fleetNow(order.name)).members ?? []) expect(member.rows).toBeGreaterThan(ROWS)
})

/** Some rows of each device, without their times. */
async function collectedRows({ folders }: Order): Promise<ReadonlyMap<Device, Buffer[]>> {
  const found = new Map<Device, Buffer[]>()
  for (const [device, path] of folders) {
    const bytes = await readFile(join(path, 'rows.f64'))
    found.set(
      device,
      [10, 50, 90].map((row) => bytes.subarray(row * ROW_BYTES + 8, (row + 1) * ROW_BYTES)),
    )
  }
  return found
}

/** No row is in what the hub received, in its files, or in those of another device: not its bytes, and not its numbers. */
async function expectKeptRows({ name }: Order, rows: ReadonlyMap<Device, Buffer[]>): Promise<void> {
  // The outcome of a learning names its tags, so the traffic is recorded.
  const known = await filesWithBytes(join(folder, 'traffic'), [Buffer.from('"tag":"temperature"')])
  expect(known.paths).not.toEqual([])
  for (const [device, values] of rows) {
    // The median of a tag is one of its values, and a part of the result.
    const { outcome } = await hub.client.learning.get({ name: `${name}-${device}` })
    const medians = outcome?.tags.map(({ median }) => median) ?? []
    const numbers = values.flatMap((row) => [...new Float64Array(new Uint8Array(row).buffer)])
    const texts = numbers.filter((value) => !medians.includes(value)).map((value) => Buffer.from(String(value)))
    const needles = [...values.flatMap(formsOfBytes), ...texts]
    expect(texts.length).toBeGreaterThan(4)
    for (const place of ['traffic', 'hub', ...DEVICES.filter((other) => other !== device)])
      expect((await filesWithBytes(join(folder, place), needles)).paths, `${device} in ${place}`).toEqual([])
  }
}

test('kills while devices have sent their parts, and wait', async () => {
  await agents.get('line-3')?.kill()
  const order = await start('wait')
  const isWaiting = async (device: Device) =>
    (await fleetNow(order.name)).members?.some(
      (one) => one.device === device && one.reason?.includes('waits for those'),
    )
  for (const device of ['line-1', 'line-2'] as const) await until(() => isWaiting(device))
  await killHub()
  await killAgent('line-1')
  await Promise.all([killAgent('line-2'), killHub()])
  for (const device of ['line-1', 'line-2'] as const) await until(() => isWaiting(device))
  expect((await fleetNow(order.name)).joint).toEqual({})
  // The last device comes, and the others join with its part.
  await killAgent('line-3')
  await expectWholeEnd(order, 3)
})

test('kills while the devices train on the joined part', async () => {
  const order = await start('train')
  await until(async () => (await fleetNow(order.name)).joint?.devices === 3)
  // The hub has joined the parts, and no device has heard of it yet, or they train.
  await killHub()
  await Promise.all(DEVICES.map(killAgent))
  for (const device of DEVICES) {
    if (await isTraining(order, device)) await killAgent(device)
    await sleep(100)
  }
  await expectWholeEnd(order, 4)
})

test('kills while the devices send their judgements, and the hub publishes', async () => {
  const order = await start('publish')
  const isJudged = async (device: Device) =>
    (await has(order, device, 'result.json')) || !(await has(order, device, 'rows.f64'))
  for (const device of DEVICES) await until(() => has(order, device, 'rows.f64'))
  await until(async () => (await Promise.all(DEVICES.map(isJudged))).some(Boolean))
  let kills = 0
  for (const afterMs of [0, 50, 100, 200, 400, 800, 1_600]) {
    await sleep(afterMs)
    if (await isOver(order.name)) break
    await Promise.all([killHub(), killAgent(DEVICES[kills % DEVICES.length] ?? 'line-1')])
    kills += 1
  }
  expect(kills).toBeGreaterThan(0)
  await expectWholeEnd(order, 5)
})
