/**
 * Learn together, with real processes: three devices learn one detector from rows that stay on them. Each serves the version
 * with its own levels and threshold, and a planted fault raises the alarm of its device only.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'

/** The levels of the machines are far from each other. */
const LEVELS = { 'line-1': 80, 'line-2': 300, 'line-3': 20 } as const
type Device = keyof typeof LEVELS
const DEVICES = Object.keys(LEVELS) as Device[]
const TAGS = ['pressure', 'temperature', 'current']

let folder: string
let hub: HubProgram
const agents = new Map<Device, AgentProgram>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-together-'))
  hub = await startHub(await newHubHome(folder))
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

const sine = (name: string, mean: number, periodSeconds: number, offset = 0) => ({
  name,
  offset,
  signal: { kind: 'sine' as const, mean, amplitude: mean / 20, periodSeconds },
})

/** `share`: the temperature is too high by this share of its level. */
const setSource = (device: Device, share = 0) => {
  const level = LEVELS[device]
  const tags = [
    sine('pressure', level, 4),
    sine('temperature', level / 2, 4, share * level),
    sine('current', level / 10, 4),
  ]
  return hub.client.source.set({
    name: 'pump',
    scope: `device:${device}`,
    spec: {
      name: 'pump',
      protocol: 'simulator' as const,
      connection: { seed: level },
      groups: [{ name: 'process', everyMs: 100, tags }],
    },
  })
}

const fleetNow = () => hub.client.learning.getFleet({ name: 'pump' })

const membersNow = async () => (await fleetNow()).members ?? []

const newest = async (device: Device, signal: string) => {
  const { rows } = await hub.client.telemetry.signals({ device })
  const found = rows.find((row) => row.signal === `pump-alarm/${signal}`)
  return found?.newestText ?? found?.newestNumber
}

/** The floats of the own values on the device; the last one is the threshold. */
async function ownValues(device: Device): Promise<Float32Array> {
  const states = join(folder, device, 'campaign-states')
  const [name = ''] = await readdir(states)
  return new Float32Array(new Uint8Array(await readFile(join(states, name))).buffer)
}

test('three devices learn one detector together, each serves it with its own values, and a fault is named', async () => {
  const { client } = hub
  // One device is away, and the others wait with their parts, also over a kill.
  await agents.get('line-3')?.stop()
  const recipe = { everyMs: 100, samples: 8, seconds: 16, shadowSeconds: 0, falseAlarmDays: 0.01 }
  await client.learning.startFleet({
    spec: {
      ...recipe,
      name: 'pump',
      selector: 'site.name == "hamburg"',
      source: 'pump',
      tags: TAGS,
      federated: true,
      result: 'deploy',
    },
  })
  const waiting = async (device: Device) =>
    (await membersNow()).some((one) => one.device === device && one.reason?.includes('waits for those of the other'))
  await until(() => waiting('line-1'))
  await until(() => waiting('line-2'))
  expect((await fleetNow()).joint).toEqual({})
  await agents.get('line-1')?.kill()
  for (const device of ['line-1', 'line-3'] as const) {
    const agent = await agents.get(device)?.again()
    if (agent) agents.set(device, agent)
  }

  await until(async () => (await fleetNow()).joint?.modelVersion !== undefined)
  const { joint, members, phases } = await fleetNow()
  expect(phases).toEqual({ done: 3 })
  expect(joint).toEqual({ devices: 3, rows: expect.any(Number), modelVersion: 1, flowVersion: 1 })
  expect(members?.map(({ device, chosen, isDeployed }) => [device, chosen, isDeployed])).toEqual(
    DEVICES.map((device) => [device, 'joint', true]),
  )
  const version = await client.model.getVersion({ name: 'pump', version: '1' })
  expect(version).toMatchObject({ goldenCases: 8, labels: { learning: 'pump', detector: 'joint' } })
  expect(version.files.map(({ path }) => path)).toEqual(expect.arrayContaining(['learning.json', 'personal.json']))

  await until(async () => (await client.deployment.get({ deployment: 'pump' })).devices.healthy === 3)
  for (const device of DEVICES) {
    // The median of a sine lies within its amplitude, whichever rows a busy machine left out.
    const [own = 0] = await ownValues(device)
    expect(Math.abs(own - LEVELS[device]), device).toBeLessThan(LEVELS[device] / 20)
    await until(async () => (await newest(device, 'alarms')) === 0)
  }
  // With the middle of the levels, the alarm of each other machine would be on.
  await setSource('line-2', 0.3)
  await until(async () => (await newest('line-2', 'alarms')) === 1)
  await until(async () => (await newest('line-2', 'suspects')) === 'temperature')
  for (const device of ['line-1', 'line-3'] as const) expect(await newest(device, 'alarms')).toBe(0)

  expect(await client.learning.undoFleet({ name: 'pump', reason: 'a test' })).toEqual({
    undone: DEVICES,
    unchanged: [],
    failed: [],
  })
})

test('one device cannot learn together, and a name of something else is refused', async () => {
  const start = (part: object) =>
    hub.client.learning.startFleet({
      spec: { selector: 'site.name == "hamburg"', name: 'other', source: 'pump', tags: TAGS, federated: true, ...part },
    })
  await expect(start({ selector: 'device.name == "line-1"' })).rejects.toMatchObject({
    code: 'learning_refused',
    message: expect.stringContaining('at least 2 devices'),
  })
  await expect(start({ name: 'pump-alarm' })).rejects.toMatchObject({
    code: 'learning_refused',
    message: expect.stringContaining('belongs to a flow'),
  })
})
