/**
 * Data classes with real processes: a flow that reads restricted tags runs only where such data may be handled. The hub
 * rejects sources and excludes devices, and a device refuses them again by itself.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Name } from '@skerry/contract/values/names'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { pushFiles } from '../../examples/stage/push-files.ts'

const CLINIC = { name: Name.parse('clinic'), kind: 'edge', clearance: 'restricted' } as const

let folder: string
let hub: HubProgram
let agents: AgentProgram[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-data-classes-'))
  hub = await startHub(await newHubHome(folder))
  await hub.client.site.apply({ name: Name.parse('kiosk'), kind: 'edge' })
  agents = await Promise.all([
    startAgent(hub, { site: CLINIC, device: 'ward-1', folder }),
    startAgent(hub, { site: CLINIC, device: 'desk-1', folder, options: ['--clearance', 'internal'] }),
  ])
})
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()))
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const SOURCE = {
  name: Name.parse('monitor'),
  protocol: 'simulator',
  groups: [
    {
      name: 'vital',
      everyMs: 100,
      tags: [{ name: 'heart-rate', dataClass: 'restricted', signal: { kind: 'constant', value: 62 } }],
    },
  ],
}

const FLOW = {
  name: 'pulse',
  inputs: [{ name: 'heart', source: 'monitor', tag: 'heart-rate' }],
  sinks: [{ name: 'heart', kind: 'hub', from: 'heart' }],
}

const monitorOn = async (device: string) => {
  const { running } = await hub.client.source.ofDevice({ device })
  return running.map(({ state, cause }) => ({ state, message: cause?.message }))[0]
}

const pulseOn = async (device: string) =>
  (await hub.client.device.get({ device })).items.find(({ name }) => name === 'pulse')

test('a restricted tag is read only where it may be handled, and its flow follows', { timeout: 120_000 }, async () => {
  const { name } = SOURCE
  await expect(hub.client.source.set({ name, scope: 'site:kiosk', spec: SOURCE })).rejects.toMatchObject({
    code: 'data_class_refused',
    message: 'the source monitor has values of the class restricted, and the site kiosk has the clearance internal',
  })
  await hub.client.source.set({ name, scope: 'site:clinic', spec: SOURCE })
  await pushFiles(hub, 'pulse', { 'flow.json': JSON.stringify(FLOW) })
  const pulse = Name.parse('pulse')
  await hub.client.deployment.apply({ name: pulse, deployable: pulse, selector: 'true', probation: { seconds: 1 } })
  await until(async () => (await pulseOn('ward-1'))?.state === 'active')
  // The operator of this computer states less than the hub knows, and the computer obeys the operator.
  await until(async () => (await monitorOn('desk-1'))?.state === 'refused')
  expect((await monitorOn('desk-1'))?.message).toBe(
    'the source monitor has values of the class restricted, and this computer has the clearance internal',
  )
  await until(async () => (await pulseOn('desk-1'))?.cause?.code === 'data_class_violated')

  await hub.client.site.apply({ ...CLINIC, clearance: 'confidential' })
  await until(async () => (await monitorOn('ward-1'))?.state === 'refused')
  await until(async () => (await pulseOn('ward-1')) === undefined)
  const { checks } = await hub.client.deployment.explain({ deployment: pulse, device: 'ward-1' })
  expect(checks.at(-1)).toMatchObject({
    check: 'data',
    passed: false,
    detail:
      'the flow pulse reads the tag monitor/heart-rate of the class restricted, and the site clinic has the clearance confidential',
  })

  await hub.client.site.apply(CLINIC)
  await until(async () => (await monitorOn('ward-1'))?.state === 'up')
  await until(async () => (await pulseOn('ward-1'))?.state === 'active')
})
