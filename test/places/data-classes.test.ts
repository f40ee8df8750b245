/**
 * Data classes with real processes: a flow that reads restricted tags runs only where such data may be handled. The hub
 * rejects sources and excludes devices, and a device refuses them again by itself.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Placement } from '@skerry/contract/places/placement'
import { Name } from '@skerry/contract/values/names'
import { hardwareClassOf } from '@skerry/core/devices/hardware-class'
import { parseChange } from '@skerry/core/places/change-text'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { pushFiles } from '../../examples/stage/push-files.ts'

const CLINIC = { name: Name.parse('clinic'), kind: 'edge', country: 'FR', clearance: 'restricted' } as const

let folder: string
let hub: HubProgram
let agents: AgentProgram[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-data-classes-'))
  hub = await startHub(await newHubHome(folder))
  await hub.client.site.apply({ name: Name.parse('kiosk'), kind: 'edge' })
  agents = await Promise.all([
    startAgent(hub, { site: CLINIC, device: 'ward-1', folder }),
    startAgent(hub, {
      site: CLINIC,
      device: 'desk-1',
      folder,
      options: ['--clearance', 'internal', '--country', 'US', '--metered', 'yes'],
    }),
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
      tags: [
        { name: 'heart-rate', dataClass: 'restricted', signal: { kind: 'constant', value: 62 } },
        { name: 'room', signal: { kind: 'constant', value: 21 } },
      ],
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

const itemOn = async (device: string, wanted: string) =>
  (await hub.client.device.get({ device })).items.find(({ name }) => name === wanted)

const pulseOn = (device: string) => itemOn(device, 'pulse')

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

test('a computer runs nothing whose data must stay in other countries than its own', { timeout: 60_000 }, async () => {
  const room = Name.parse('room')
  const flow = { name: room, inputs: [{ name: 'room', source: 'monitor', tag: 'room' }] }
  await pushFiles(hub, room, {
    'flow.json': JSON.stringify({ ...flow, sinks: [{ name: 'room', kind: 'hub', from: 'room' }] }),
  })
  const placement = Placement.parse({ residency: ['EU'] })
  await hub.client.deployment.apply({ name: room, deployable: room, placement, probation: { seconds: 0 } })
  await until(async () => (await itemOn('ward-1', 'room'))?.state === 'active')
  // By the hub's records the computer stands in France. Its operator knows better, and the hub believes the operator.
  const { devices } = await hub.client.placement.explain({ deployment: room })
  expect(devices.find(({ device }) => device === 'desk-1')).toMatchObject({
    verdict: 'residency_violated',
    reason: 'the rule residency EU excludes it: its operator states that it is in US',
  })
  expect(await itemOn('desk-1', 'room')).toBeUndefined()
  const inventoryOf = async (device: string) => (await hub.client.device.get({ device })).inventory
  await until(async () => (await inventoryOf('desk-1'))?.line?.metered === true)
  expect((await inventoryOf('desk-1'))?.stated).toEqual({ clearance: 'internal', country: 'US' })

  const ask = async (text: string) => {
    const change = parseChange(text)
    if (!change.ok) throw new Error(change.message)
    const answer = await hub.client.placement.whatIf({ deployment: room, change: change.change })
    return { gained: answer.gained.map(({ device }) => device), lost: answer.lost.map(({ device }) => device) }
  }
  const none = { gained: [], lost: [] }
  expect(await ask('class restricted')).toEqual(none)
  expect(await ask('site clinic country US')).toEqual({ gained: [], lost: ['ward-1'] })
  const inventory = await inventoryOf('ward-1')
  const hardwareClass = inventory && hardwareClassOf(inventory)
  expect(await ask(`add 1 device class ${hardwareClass}`)).toEqual(none)
  await expect(ask('add 1 device class vax')).rejects.toMatchObject({ code: 'class_unknown' })
})
