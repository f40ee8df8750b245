/**
 * Learn normal with real processes: a device learns three tags of a simulator, the hub publishes a signed detector with its
 * alarm, and a planted fault raises the alarm and names the tag. No recorded row reaches the hub.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

const DEVICE = 'line-1'

let folder: string
let home: HubHome
let hub: HubProgram
let agent: AgentProgram

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-learning-'))
  home = await newHubHome(folder)
  hub = await startHub(home)
  agent = await startAgent(hub, { site: { name: 'hamburg', kind: 'edge' }, device: DEVICE, folder })
  await hub.client.source.set({ name: 'pump', spec: source() })
})

afterAll(async () => {
  await agent?.stop()
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const sine = (name: string, mean: number, amplitude: number, periodSeconds: number, offset = 0) => ({
  name,
  offset,
  signal: { kind: 'sine' as const, mean, amplitude, periodSeconds },
})

/** `offset`: a sensor that measures so much too much. */
const source = (offset = 0) => ({
  name: 'pump',
  protocol: 'simulator' as const,
  connection: { seed: 7 },
  groups: [
    {
      name: 'process',
      everyMs: 100,
      tags: [
        sine('pressure', 80, 5, 4),
        sine('temperature', 40, 2, 4, offset),
        sine('current', 7, 1, 3),
        { name: 'setpoint', signal: { kind: 'constant' as const, value: 1_234.5 } },
      ],
    },
  ],
})

const SPEC = { device: DEVICE, source: 'pump', everyMs: 200, samples: 8, seconds: 30 }

const ended = async (name: string) => {
  await until(async () => (await hub.client.learning.get({ name })).endedAtMs !== undefined)
  return hub.client.learning.get({ name })
}

const newest = async (signal: string) => {
  const { rows } = await hub.client.telemetry.signals({ device: DEVICE })
  const found = rows.find((row) => row.signal === `pump-normal-alarm/${signal}`)
  return found?.newestText ?? found?.newestNumber
}

test('a device learns three tags, and a planted fault raises the alarm and names the tag', async () => {
  const { client } = hub
  const tags = ['pressure', 'temperature', 'current']
  await client.learning.start({ spec: { ...SPEC, name: 'pump-normal', tags, result: 'deploy' } })
  await until(async () => (await client.learning.get({ name: 'pump-normal' })).rows > 0)
  const learning = await ended('pump-normal')
  expect(learning.reason).toBeUndefined()
  expect(learning).toMatchObject({ phase: 'done', rows: 150, modelVersion: 1, flowVersion: 1 })
  console.log(JSON.stringify(learning.outcome))
  const version = await client.model.getVersion({ name: 'pump-normal', version: '1' })
  expect(version).toMatchObject({ goldenCases: 8, labels: { learning: 'pump-normal' } })
  expect(version.lineage?.notes).toContain('pressure, temperature, current')
  await until(async () => (await client.deployment.get({ deployment: 'pump-normal-alarm' })).devices.healthy === 1)
  await until(async () => (await newest('alarms')) === 0)
  await client.source.set({ name: 'pump', spec: source(25) })
  await until(async () => (await newest('alarms')) === 1)
  await until(async () => (await newest('suspects')) === 'temperature')
})
