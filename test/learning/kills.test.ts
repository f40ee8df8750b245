/**
 * Kill -9 in every step of a learning: while the device collects, trains, publishes without a hub, and tries the detector
 * in shadow; and the hub while it publishes. The learning ends with one version all the same.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deep } from '@skerry/testkit/tier'
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
const ROWS = 250
const SHADOW_ROWS = 80

/** Three numbers of 64 bits: the time, and two tags. */
const ROW_BYTES = 24

let folder: string
let home: HubHome
let hub: HubProgram
let agent: AgentProgram

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-learning-kills-'))
  home = await newHubHome(folder)
  hub = await startHub(home)
  agent = await startAgent(hub, { site: { name: 'hamburg', kind: 'edge' }, device: DEVICE, folder })
  const sine = (name: string, mean: number) => ({
    name,
    signal: { kind: 'sine' as const, mean, amplitude: mean / 20, periodSeconds: 3 },
  })
  const groups = [{ name: 'process', everyMs: 100, tags: [sine('pressure', 80), sine('current', 7)] }]
  const spec = { name: 'pump', protocol: 'simulator' as const, connection: { seed: 7 }, groups }
  await hub.client.source.set({ name: 'pump', spec })
})

afterAll(async () => {
  await agent?.stop()
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const learning = () => hub.client.learning.get({ name: 'pump-normal' })

async function killAgent(): Promise<void> {
  await agent.kill()
  agent = await agent.again()
}

test(
  'a learning goes on after a kill in each of its steps, and ends with one version',
  deep('two trainings and five restarts; a quick test kills an agent while it collects'),
  async () => {
    const spec = { name: 'pump-normal', device: DEVICE, source: 'pump', tags: ['pressure', 'current'] }
    const pace = { everyMs: 100, samples: 8, seconds: ROWS / 10, shadowSeconds: SHADOW_ROWS / 10 }
    const { id } = await hub.client.learning.start({ spec: { ...spec, ...pace } })
    const sizeOf = async (name: string) =>
      stat(join(folder, DEVICE, 'learning', id, name)).then(
        ({ size }) => size,
        () => undefined,
      )
    const rowsIn = async (name: string) => ((await sizeOf(name)) ?? 0) / ROW_BYTES

    await until(async () => (await rowsIn('rows.f64')) >= 40)
    const startedBeforeMs = Date.now()
    await killAgent()
    // The rows are whole and there is no result: it trains.
    await until(async () => (await rowsIn('rows.f64')) === ROWS)
    expect(await sizeOf('result.json')).toBeUndefined()
    await hub.kill()
    await killAgent()
    // Without a hub, the result waits.
    await until(async () => (await sizeOf('result.json')) !== undefined)
    await killAgent()
    expect(await sizeOf('result.json')).toBeGreaterThan(0)
    hub = await startHub(home)
    await until(async () => (await learning()).modelVersion === 1)
    await hub.kill()
    hub = await startHub(home)
    await until(async () => (await rowsIn('shadow.f64')) >= 20)
    await killAgent()
    await until(async () => (await learning()).endedAtMs !== undefined)

    const ended = await learning()
    expect(ended).toMatchObject({ phase: 'done', rows: ROWS, modelVersion: 1, flowVersion: 1 })
    expect(ended.outcome?.shadow).toMatchObject({ rows: SHADOW_ROWS, rowsWanted: SHADOW_ROWS })
    // The rows from before the first kill count, and no step has published twice.
    expect(ended.outcome?.startedAtMs).toBeLessThan(startedBeforeMs)
    expect((await hub.client.model.get({ name: 'pump-normal' })).versions).toHaveLength(1)
    await until(async () => (await sizeOf('rows.f64')) === undefined)
  },
)
