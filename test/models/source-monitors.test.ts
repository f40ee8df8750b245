/** Monitors of sources with real processes: two devices sample their tags, and the hub finds the site whose tag moved. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Monitor } from '@skerry/contract/monitors/monitor'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'

const SUBJECT = 'source:press'

/** Sampled each second, the ramp has all values between its ends. */
const specOf = (from: number, faultShare = 0) => ({
  name: 'press',
  protocol: 'simulator' as const,
  connection: { seed: 7 },
  groups: [
    {
      name: 'fast',
      everyMs: 100,
      tags: [
        { name: 'speed', signal: { kind: 'ramp' as const, from, to: from + 10, periodSeconds: 1.37 } },
        { name: 'strain', signal: { kind: 'ramp' as const, from: 0, to: 1, periodSeconds: 2.71 }, faultShare },
        { name: 'state', signal: { kind: 'constant' as const, value: 'idle' } },
      ],
    },
  ],
})

let folder: string
let hub: HubProgram
let agents: AgentProgram[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-source-monitors-'))
  hub = await startHub(await newHubHome(folder))
  const place = { kind: 'edge', country: 'DE' } as const
  agents = [
    await startAgent(hub, { site: { name: 'hamburg', ...place }, device: 'press-1', folder }),
    await startAgent(hub, { site: { name: 'bremen', ...place }, device: 'press-2', folder }),
  ]
})
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()))
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function monitorWhen(hasCome: (monitor: Monitor) => boolean): Promise<Monitor> {
  let monitor: Monitor | undefined
  return until(
    async () => {
      monitor = await hub.client.monitor.get({ name: SUBJECT })
      return hasCome(monitor) ? monitor : undefined
    },
    { seen: () => monitor, everyMs: 250 },
  )
}

const featureOf = (monitor: Monitor, name: string) =>
  monitor.versions[0]?.features.find(({ feature }) => feature === name)

test(
  'devices sample tags, their values become the reference, and the site whose tag moved or went missing is named',
  deep('windows of half a minute in all; the judgement of tags is tested in the quick tier'),
  async () => {
    const { client } = hub
    const rules = { windowSeconds: 5, windows: 4, rowsMin: 10 }
    await expect(client.monitor.set({ name: SUBJECT, spec: rules })).rejects.toMatchObject({
      code: 'monitor_refused',
      message: expect.stringContaining('no source press'),
    })
    await client.source.set({ name: 'press', spec: specOf(0) })
    await expect(client.monitor.set({ name: SUBJECT, spec: { ...rules, tags: ['heat'] } })).rejects.toMatchObject({
      message: expect.stringContaining('no tag heat'),
    })
    const rollback = { ...rules, actions: [{ do: 'rollback' as const }] }
    await expect(client.monitor.set({ name: SUBJECT, spec: rollback })).rejects.toMatchObject({
      message: expect.stringContaining('cannot do "rollback"'),
    })
    await client.monitor.set({ name: SUBJECT, spec: rules })
    await expect(client.monitor.baseline({ name: SUBJECT, days: 1 })).rejects.toMatchObject({ code: 'profile_refused' })

    // Both devices have counted, and the hub has nothing to compare with.
    const begun = await monitorWhen(
      ({ versions: [version] }) => version?.state === 'unprofiled' && version.rows >= 20 && version.windows >= 5,
    )
    expect(begun.versions).toMatchObject([{ version: 1, features: expect.any(Array) }])
    const made = await client.monitor.baseline({ name: SUBJECT, days: 1 })
    expect(made).toMatchObject({ model: SUBJECT, version: 2, origin: 'devices', features: 3, left: 0 })
    expect(made.rows).toBeGreaterThanOrEqual(20)
    const calm = await monitorWhen(({ state, versions: [version] }) => state === 'ok' && version?.version === 2)
    expect(featureOf(calm, 'speed')?.bins?.edges.length).toBeGreaterThan(3)
    expect(featureOf(calm, 'state')).toMatchObject({ state: 'ok', findings: [] })

    await client.source.set({ name: 'press', scope: 'site:bremen', spec: specOf(30, 1) })
    const moved = await monitorWhen(
      (monitor) =>
        monitor.versions[0]?.moved !== undefined &&
        featureOf(monitor, 'speed')?.state === 'alert' &&
        featureOf(monitor, 'strain')?.state === 'alert',
    )
    expect(moved.versions[0]?.moved).toEqual(['site=bremen'])
    expect(featureOf(moved, 'speed')?.findings).toContain('drift')
    expect(featureOf(moved, 'strain')?.findings).toContain('missing')
    const alert = await until(async () => {
      const { alerts } = await client.hub.alerts({})
      return alerts.find(({ code }) => code === 'model_moved')
    })
    expect(alert.message).toMatch(/^source:press:2: .*, only at site=bremen$/)
    const series = await client.monitor.series({ name: SUBJECT, version: 2 })
    expect(series.features).toEqual(['speed', 'strain', 'state'])
    expect(series.points.at(-1)?.stability[0]).toBeGreaterThan(0.25)
  },
)
