/**
 * One order for a fleet, with real processes: each of two devices learns a detector from its own rows, with a version and a
 * deployment of its own. Failures are named, and an undo takes the detectors off again.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'

const DEVICES = ['line-1', 'line-2'] as const

let folder: string
let hub: HubProgram
const agents: AgentProgram[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-learning-fleet-'))
  hub = await startHub(await newHubHome(folder))
  const site = { name: 'hamburg', kind: 'edge' as const }
  for (const device of DEVICES) agents.push(await startAgent(hub, { site, device, folder }))
  // The same source on two machines, which have different normal states.
  await setSource('pump', 'line-1', [sine('pressure', 80), sine('current', 7)])
  await setSource('pump', 'line-2', [sine('pressure', 30), sine('current', 3)])
  await setSource('valve', 'line-1', [sine('way', 50), sine('flow', 9)])
  await setSource('valve', 'line-2', [constant('way', 50), constant('flow', 4)])
  await setSource('fan', 'line-1', [sine('speed', 900), sine('current', 2)])
})

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()))
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

type Tag = { name: string; signal: object }

const sine = (name: string, mean: number): Tag => ({
  name,
  signal: { kind: 'sine', mean, amplitude: mean / 20, periodSeconds: 3 },
})

const constant = (name: string, value: number): Tag => ({ name, signal: { kind: 'constant', value } })

const setSource = (name: string, device: string, tags: readonly Tag[]) =>
  hub.client.source.set({
    name,
    scope: `device:${device}`,
    spec: {
      name,
      protocol: 'simulator' as const,
      connection: { seed: 7 },
      groups: [{ name: 'process', everyMs: 100, tags }],
    } as Parameters<typeof hub.client.source.set>[0]['spec'],
  })

const RECIPE = { selector: 'site.name == "hamburg"', everyMs: 100, samples: 8, seconds: 15, shadowSeconds: 0 }

const membersOf = async (name: string) => (await hub.client.learning.getFleet({ name })).members ?? []

async function ended(name: string) {
  await until(async () => (await membersOf(name)).every(({ phase }) => ['done', 'refused'].includes(phase)))
  return hub.client.learning.getFleet({ name })
}

const healthyOf = async (deployment: string) => (await hub.client.deployment.get({ deployment })).devices.healthy

test('each machine learns by one order from its own rows, failures are named, and an undo takes the alarms off', async () => {
  const { client } = hub
  const start = (part: object) =>
    client.learning.startFleet({
      spec: { ...RECIPE, name: 'pump', source: 'pump', tags: ['pressure', 'current'], ...part },
    })
  const started = await start({ result: 'deploy' })
  expect(started.members?.map(({ device, learning }) => [device, learning])).toEqual([
    ['line-1', 'pump-line-1'],
    ['line-2', 'pump-line-2'],
  ])
  await expect(start({})).rejects.toMatchObject({ code: 'learning_exists' })
  await start({ name: 'valve', source: 'valve', tags: ['way', 'flow'] })

  // Only one of the machines has a fan.
  const fan = await start({ name: 'fan', source: 'fan', tags: ['speed', 'current'] })
  expect(fan.members?.map(({ device }) => device)).toEqual(['line-1'])
  expect(fan.leftOut).toEqual([{ device: 'line-2', reason: expect.stringContaining('no source fan') }])
  expect(await client.learning.cancelFleet({ name: 'fan', reason: 'a test' })).toMatchObject({
    phases: { cancelled: 1 },
  })
  await expect(client.learning.cancelFleet({ name: 'fan', reason: 'again' })).rejects.toMatchObject({
    code: 'learning_over',
  })
  await expect(start({ name: 'none', source: 'motor' })).rejects.toMatchObject({
    code: 'learning_refused',
    message: expect.stringContaining('line-1: the device has no source motor'),
  })
  await expect(start({ name: 'none', selector: 'device.name == "nobody"' })).rejects.toMatchObject({
    code: 'learning_refused',
  })

  const pump = await ended('pump')
  expect(pump.phases).toEqual({ done: 2 })
  expect(pump.members).toMatchObject([
    { device: 'line-1', modelVersion: 1, flowVersion: 1, isDeployed: true, rows: 150 },
    { device: 'line-2', modelVersion: 1, flowVersion: 1, isDeployed: true, rows: 150 },
  ])
  const medians = await Promise.all(
    ['pump-line-1', 'pump-line-2'].map(async (name) => (await client.learning.get({ name })).outcome?.tags[0]?.median),
  )
  expect(medians[0]).toBeCloseTo(80, -1)
  expect(medians[1]).toBeCloseTo(30, -1)
  expect((await client.learning.get({ name: 'pump-line-2' })).fleet).toBe('pump')
  for (const device of DEVICES) await until(async () => (await healthyOf(`pump-${device}-alarm`)) === 1)

  const valve = await ended('valve')
  expect(valve.phases).toEqual({ done: 1, refused: 1 })
  expect(valve.members).toMatchObject([
    { device: 'line-1', phase: 'done', isDeployed: false },
    { device: 'line-2', phase: 'refused', reason: expect.stringContaining('constant_tag: way') },
  ])
  const { rows } = await client.learning.listFleets({})
  expect(rows.map(({ spec, phases }) => [spec.name, phases])).toEqual([
    ['fan', { cancelled: 1 }],
    ['valve', { done: 1, refused: 1 }],
    ['pump', { done: 2 }],
  ])

  expect(await client.learning.undoFleet({ name: 'valve', reason: 'a test' })).toEqual({
    undone: [],
    unchanged: ['line-1', 'line-2'],
    failed: [],
  })
  const undo = () => client.learning.undoFleet({ name: 'pump', reason: 'a test' })
  expect(await undo()).toEqual({ undone: ['line-1', 'line-2'], unchanged: [], failed: [] })
  expect(await undo()).toEqual({ undone: [], unchanged: ['line-1', 'line-2'], failed: [] })
  expect((await membersOf('pump')).map(({ isDeployed }) => isDeployed)).toEqual([false, false])
  await expect(client.deployment.get({ deployment: 'pump-line-1' })).rejects.toMatchObject({
    code: 'deployment_unknown',
  })
  // The versions stay, and the audit trail has the order and both devices.
  expect((await client.model.getVersion({ name: 'pump-line-1', version: '1' })).version).toBe(1)
  const removals = await client.audit.list({ action: 'deployment.remove' })
  expect(removals.rows).toHaveLength(4)
  const orders = (await client.audit.list({ action: 'learning.startFleet' })).rows.filter(
    ({ result }) => result === 'ok',
  )
  expect(orders).toHaveLength(3)
})

test(
  'an undo of a second order returns each machine to its detector of the first',
  deep('it learns twice; the quick test shows an undo without an earlier version'),
  async () => {
    const { client } = hub
    const start = () =>
      client.learning.startFleet({
        spec: { ...RECIPE, name: 'again', source: 'pump', tags: ['pressure', 'current'], result: 'deploy' },
      })
    await start()
    expect((await ended('again')).phases).toEqual({ done: 2 })
    const runsOn = async (deployment: string, version: number) => {
      const now = await client.deployment.get({ deployment })
      return now.version === version && now.devices.healthy === 1
    }
    for (const device of DEVICES) await until(() => runsOn(`again-${device}`, 1))
    for (const device of DEVICES) await until(() => runsOn(`again-${device}-alarm`, 1))
    await start()
    expect((await ended('again')).members).toMatchObject([
      { modelVersion: 2, isDeployed: true },
      { modelVersion: 2, isDeployed: true },
    ])
    for (const device of DEVICES) await until(() => runsOn(`again-${device}`, 2))
    expect(await client.learning.undoFleet({ name: 'again', reason: 'a test' })).toMatchObject({ undone: [...DEVICES] })
    for (const device of DEVICES) await until(() => runsOn(`again-${device}`, 1))
    // The alarm of the same tags has the same version, and stays.
    for (const device of DEVICES) await until(() => runsOn(`again-${device}-alarm`, 1))
  },
)
