/** Outages: work continues without a hub, without the right time, and with a hub that has lost data. */
import { existsSync } from 'node:fs'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deep } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { askAnomaly, deploy, pushBuild } from './stage/anomaly.ts'
import { type FleetAgent, openFleet } from './stage/fleet.ts'
import { until } from './stage/service.ts'

const V1 = { version: 1, build: 'v1' }
const V2 = { version: 2, build: 'v2' }

/**
 * From now on, the agent no longer needs the hub for the version. Its log keeps the moment, which a look at its state
 * may miss.
 */
async function untilItHasV2(agent: FleetAgent): Promise<FleetAgent> {
  await agent.logged('step_done', ({ step, version }) => step === 'verify' && version === 2)
  return agent
}

/** A fleet whose devices all serve v1. */
async function openServingFleet(...devices: string[]) {
  const fleet = await openFleet()
  for (const device of devices) await fleet.join(device)
  await pushBuild(fleet, 'v1')
  await deploy(fleet, 1)
  for (const device of devices) await fleet.item(device, ({ state }) => state === 'active')
  return fleet
}

const answers = ({ name, url }: FleetAgent) => until(`an answer of ${name}`, () => askAnomaly(url))

test('a device that loses power without a hub serves the same version again', async () => {
  await using fleet = await openServingFleet('gateway-1')
  const [agent] = fleet.agents as [FleetAgent]
  await fleet.hub.end('SIGTERM')
  await agent.end('SIGKILL')
  await expect(askAnomaly(agent.url)).rejects.toThrow()
  await agent.start()
  expect(await answers(agent)).toEqual(V1)
  await agent.logged('link_down')
  await fleet.hub.start()
  await agent.logged('link_up')
  expect(await fleet.item('gateway-1', (_, { liveness }) => liveness === 'online')).toMatchObject({ state: 'active' })
})

/**
 * The library comes from Debian's package `faketime`. The monotonic clock stays as it is, because no computer's goes
 * back by years.
 */
const FAKETIME = ['x86_64', 'aarch64']
  .map((cpu) => `/usr/lib/${cpu}-linux-gnu/faketime/libfaketime.so.1`)
  .find(existsSync)
const clockOff = (by: string) => ({ LD_PRELOAD: FAKETIME ?? '', FAKETIME: by, FAKETIME_DONT_FAKE_MONOTONIC: '1' })

test.skipIf(!FAKETIME).each([
  ['+10y', 'certificate_expired', /the certificate expired at .*, and the clock shows 20[34]\d-/],
  ['-10y', 'clock_wrong', /before the certificate of this device was created; set the clock|showed .* before; set it/],
])(
  'a device whose clock is wrong by %s serves, and reports the condition once: %s',
  deep('apps/agent/test/link.test.ts sets a clock ahead by years'),
  async (by, code, message) => {
    await using fleet = await openServingFleet('gateway-1')
    const [agent] = fleet.agents as [FleetAgent]
    await agent.end('SIGKILL')
    await agent.start(clockOff(by))
    expect(await answers(agent)).toEqual(V1)
    expect((await agent.logged('condition_raised', (line) => line.code === code)).message).toMatch(message)
    const refusals = () => agent.lines().filter(({ event }) => event === 'link_down').length
    await until('the third refused connection', () => refusals() >= 3 || undefined)
    expect(agent.lines().filter((line) => line.event === 'condition_raised')).toHaveLength(1)
    expect(await askAnomaly(agent.url)).toEqual(V1)

    await agent.end('SIGKILL')
    await agent.start()
    await agent.logged('link_up')
    expect(await fleet.item('gateway-1', (_, { conditions }) => conditions.length === 0)).toMatchObject({
      state: 'active',
    })
  },
)

test(
  'a hub restored from an older backup rolls no device back until a person resumes it',
  deep('updates.test.ts restores a backup in the quick tier'),
  async () => {
    await using fleet = await openServingFleet('gateway-1')
    const { hub } = fleet
    const [agent] = fleet.agents as [FleetAgent]
    const backup = join(fleet.folder, 'backup')
    await hub.end('SIGTERM')
    await cp(hub.data, backup, { recursive: true })
    await hub.start()
    await pushBuild(fleet, 'v2')
    await deploy(fleet, 2)
    await fleet.item('gateway-1', ({ state, serving }) => state === 'active' && serving?.version === 2)
    const { observedGeneration: before } = await fleet.device('gateway-1')
    const kept = join(fleet.folder, 'kept.json')
    await writeFile(kept, (await fleet.cli(['audit', 'sign', '--json'])).out)

    await hub.end('SIGTERM')
    await rm(hub.data, { recursive: true })
    await cp(backup, hub.data, { recursive: true })
    const known = agent.lines().length
    await hub.start()
    const item = await fleet.item('gateway-1', (_, { status }) => status === 'conflict-paused')
    expect(item).toMatchObject({ state: 'active', target: { version: 2 }, serving: { version: 2 } })
    // If the hub offers its older document before it has read the first report, the device adds its own generation_refused.
    const { conditions } = await fleet.device('gateway-1')
    expect(conditions.map(({ code }) => code)).toContain('generation_conflict')
    // The restored trail is consistent in itself. A person who kept a checkpoint still detects that it is not the same.
    expect(await fleet.cli(['audit', 'verify'])).toMatchObject({ code: 0 })
    const { sequence } = JSON.parse(await readFile(kept, 'utf8'))
    expect(await fleet.cli(['audit', 'verify', '--checkpoint', kept])).toMatchObject({
      code: 1,
      err: expect.stringMatching(`the trail is broken at record \\d+: .*(${sequence}|was replaced)`),
    })
    // The restored hub does not offer its own deployments, in spite of any change there.
    await deploy(fleet, 1, { probation: { seconds: 1 } })
    expect((await fleet.cli(['deployment', 'explain', 'sensor-anomaly', 'gateway-1'])).out).toMatch(
      /no +status: the device follows a newer desired state/,
    )
    expect(await askAnomaly(agent.url)).toEqual(V2)
    expect(
      agent
        .lines()
        .slice(known)
        .map(({ event }) => event),
    ).not.toContain('document_accepted')

    const resumed = await fleet.cli(['device', 'resume', 'gateway-1', '--reason', 'the backup of Monday, checked'])
    expect(resumed).toMatchObject({ code: 0, err: '' })
    await fleet.item('gateway-1', ({ state, serving }) => state === 'active' && serving?.version === 1)
    const after = await fleet.device('gateway-1')
    expect(after).toMatchObject({ status: 'active', conditions: [] })
    expect(after.observedGeneration).toBeGreaterThan(before)
    expect(await askAnomaly(agent.url)).toEqual(V1)
    expect(await hub.client.audit.verify({})).toMatchObject({ intact: true })
  },
)

test(
  'a hub that is lost during a rollout continues it, and includes the progress of devices meanwhile',
  deep('three kills; test/fleet.test.ts kills a hub in a rollout'),
  async () => {
    await using fleet = await openServingFleet('gateway-1', 'gateway-2')
    const { hub } = fleet
    await pushBuild(fleet, 'v2')
    const { rolloutId } = await deploy(fleet, 2, {
      strategy: { waves: [{ name: 'canary', limit: 1 }] },
      probation: { seconds: 5 },
    })
    const first = await Promise.race(fleet.agents.map(untilItHasV2))
    await hub.end('SIGKILL')
    const [second] = fleet.agents.filter((agent) => agent !== first) as [FleetAgent]
    await until(
      'v2 on the canary, without the hub',
      async () => (await askAnomaly(first.url)).version === 2 || undefined,
    )
    await first.logged('step_done', ({ step, version }) => step === 'commit' && version === 2)
    expect(await askAnomaly(second.url)).toEqual(V1)

    await hub.start()
    await until('the end of the rollout', async () => {
      const { status } = await hub.client.rollout.get({ rollout: rolloutId })
      return status === 'done' || undefined
    })
    for (const { name, url } of fleet.agents) {
      expect(await fleet.item(name, ({ serving }) => serving?.version === 2)).toMatchObject({ state: 'active' })
      expect(await askAnomaly(url)).toEqual(V2)
    }
  },
)

test(
  'an agent that was stopped in order is stopped at once for people, and a killed one is not',
  deep('link.test.ts shows the goodbye of an agent, and test/web/fleet/devices.test.ts shows both ends to people'),
  async () => {
    await using fleet = await openFleet()
    const [polite, killed] = [await fleet.join('press-1'), await fleet.join('press-2')]
    const lineOf = async (name: string) => {
      const { out } = await fleet.cli(['device', 'ls'])
      return out.split('\n').find((line) => line.startsWith(name)) ?? out
    }
    await until('both to be healthy', async () => {
      const lines = [await lineOf('press-1'), await lineOf('press-2')]
      return lines.every((line) => line.includes('healthy')) || undefined
    })
    expect(await polite.end('SIGTERM')).toBe(0)
    await killed.end('SIGKILL')
    await until('the hub to store both ends', async () => {
      const lines = [await lineOf('press-1'), await lineOf('press-2')]
      return lines.every((line) => / no +/.test(line)) || undefined
    })
    expect(await lineOf('press-1')).toMatch(/ stopped /)
    expect(await lineOf('press-2')).toMatch(/ healthy /)
    expect((await fleet.cli(['device', 'show', 'press-1'])).out).toMatch(/^heard +stopped \(/m)
  },
)
