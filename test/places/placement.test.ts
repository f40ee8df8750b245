/** Placement with real processes: a policy picks devices, replaces one that is gone, and gives back. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Placement, type PlacementDecision } from '@skerry/contract/places/placement'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'

const NAME = 'dose'
const SITES = {
  hamburg: { name: 'hamburg', kind: 'edge', country: 'DE', clearance: 'confidential' },
  lyon: { name: 'lyon', kind: 'edge', country: 'FR', clearance: 'restricted' },
  boston: { name: 'boston', kind: 'edge', country: 'US', clearance: 'restricted' },
} as const
const DEVICES = { 'hamburg-1': 'hamburg', 'lyon-1': 'lyon', 'lyon-2': 'lyon', 'boston-1': 'boston' } as const
const POLICY = Placement.parse({
  replicas: 2,
  dataClass: 'confidential',
  residency: ['EU'],
  spread: 'site',
  failoverSeconds: 10,
})

let folder: string
let hub: HubProgram
let agents: AgentProgram[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-places-'))
  hub = await startHub(await newHubHome(folder))
  for (const [device, site] of Object.entries(DEVICES))
    agents.push(await startAgent(hub, { site: SITES[site], device, folder }))
  await pushModel(hub, { name: NAME, bytes: negation(), golden: GOLDEN })
})
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()))
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const GOLDEN = { cases: [{ inputs: { x: floatTensor([1], Float32Array.of(1)) } }] }

/** The model turns the sign of its input. */
const negation = () =>
  writeModel(
    buildModel({
      opsets: { 'ai.onnx': 13 },
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [1] }],
      initialisers: [],
      nodes: [{ operator: 'Neg', inputs: ['x'], outputs: ['y'] }],
    }),
  )

const explain = () => hub.client.placement.explain({ deployment: NAME })

const verdicts = ({ devices }: PlacementDecision) => Object.fromEntries(devices.map((one) => [one.device, one.verdict]))

/** The devices that serve the model by their last reports. */
async function serving(): Promise<string[]> {
  const { rows } = await hub.client.rollout.devices({ rollout: await rolloutId(), limit: 100 })
  return rows.filter(({ outcome }) => outcome === 'healthy').map(({ device }) => device)
}

const rolloutId = async () => (await hub.client.deployment.get({ deployment: NAME })).rolloutId

test('a policy picks devices by law and data class, and says why not the others', async () => {
  const { client } = hub
  const spec = { name: NAME, deployable: NAME, placement: POLICY, probation: { seconds: 0 } }
  const plan = await client.deployment.plan(spec)
  expect(plan.refusals).toEqual([
    { code: 'residency_violated', count: 1 },
    { code: 'standby', count: 1 },
  ])
  await client.deployment.apply(spec)
  await until(async () => (await serving()).length === 2)
  const decision = await explain()
  expect(decision).toMatchObject({ wanted: 2, unmet: 0, counts: { picked: 2, standby: 1, residency_violated: 1 } })
  expect(verdicts(decision)['hamburg-1']).toBe('picked')
  expect(decision.devices.at(-1)).toMatchObject({
    device: 'boston-1',
    reason: 'the rule residency EU excludes it: the site boston is in US',
  })
  const { checks, summary } = await client.deployment.explain({ deployment: NAME, device: 'boston-1' })
  expect(checks.at(-1)).toMatchObject({ check: 'placement', passed: false })
  expect(summary).toContain('the site boston is in US')
})

test('a what-if shows the moves, and changes nothing', async () => {
  const answer = await hub.client.placement.whatIf({ deployment: NAME, change: { siteDown: 'hamburg' } })
  expect(answer.lost.map(({ device }) => device)).toEqual(['hamburg-1'])
  expect(answer.gained).toHaveLength(1)
  expect(answer).toMatchObject({ unmetNow: 0, unmetThen: 0 })
  const german = await hub.client.placement.whatIf({ deployment: NAME, change: { residency: ['DE'] } })
  expect(german).toMatchObject({ gained: [], unmetThen: 1 })
  expect((await explain()).counts).toMatchObject({ picked: 2 })
})

test('a device that is killed is replaced, the successor serves, and the place is given back', async () => {
  const [hamburg] = agents
  if (!hamburg) throw new Error('no agent')
  await hamburg.kill()
  await until(async () => {
    const now = verdicts(await explain())
    return now['lyon-1'] === 'picked' && now['lyon-2'] === 'picked' && now['hamburg-1'] === 'device_silent'
  })
  await until(async () => (await serving()).toSorted().join() === 'lyon-1,lyon-2')
  agents = [await hamburg.again(), ...agents.slice(1)]
  await until(async () => {
    const now = Object.values(verdicts(await explain())).toSorted()
    return now.join() === 'picked,picked,residency_violated,standby'
  })
  expect(verdicts(await explain())['hamburg-1']).toBe('picked')
  await until(async () => (await serving()).includes('hamburg-1') && (await serving()).length === 2)
  const { rows } = await hub.client.audit.list({ action: 'placement.move' })
  expect(rows.length).toBeGreaterThan(1)
  expect(rows.every(({ actor, object }) => actor.kind === 'hub' && object?.id === NAME)).toBe(true)
})

test('a deployment leaves the only device that another one may use, and serves until its successor is active', async () => {
  const { client } = hub
  for (const name of ['first', 'second']) await pushModel(hub, { name, bytes: negation(), golden: GOLDEN })
  await client.device.relabel({ device: 'boston-1', labels: { capacity: '1' } })
  const placement = Placement.parse({ replicas: 1, failoverSeconds: 600 })
  const shared = { placement, probation: { seconds: 0 } }
  const where = 'device.name in ["boston-1", "lyon-1"]'
  await client.deployment.apply({ ...shared, name: 'first', deployable: 'first', selector: where })
  const verdictsOf = async (deployment: string) => verdicts(await client.placement.explain({ deployment }))
  const servesAt = async (deployment: string) => {
    const { rolloutId: rollout } = await client.deployment.get({ deployment })
    const { rows } = await client.rollout.devices({ rollout, limit: 100 })
    return rows.filter(({ outcome }) => outcome === 'healthy').map(({ device }) => device)
  }
  // It has no other deployment, so it is the better device for the first one.
  await until(async () => (await servesAt('first')).includes('boston-1'))
  await client.deployment.apply({
    ...shared,
    name: 'second',
    deployable: 'second',
    selector: 'device.name == "boston-1"',
  })
  await until(async () => (await servesAt('first')).join() === 'lyon-1')
  await until(async () => (await servesAt('second')).join() === 'boston-1')
  // The first one stays away, although the device was better for it.
  expect(await verdictsOf('first')).toMatchObject({ 'lyon-1': 'picked', 'boston-1': 'device_full' })
  expect((await client.placement.explain({ deployment: 'second' })).unmet).toBe(0)
})

test('a site that moves abroad loses its replica at once', async () => {
  await hub.client.site.apply({ ...SITES.hamburg, country: 'CH' })
  await until(async () => !(await serving()).includes('hamburg-1'))
  expect(verdicts(await explain())['hamburg-1']).toBe('residency_violated')
})
