/** Update windows and locks, on real devices: what is held waits, serves the old version meanwhile, and comes with the hub away. */
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deep, rounds, strict } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { askAnomaly, deploy, pushBuild } from './stage/anomaly.ts'
import { type Fleet, type FleetAgent, openFleet } from './stage/fleet.ts'
import { until } from './stage/service.ts'

const V1 = { version: 1, build: 'v1' }
const V2 = { version: 2, build: 'v2' }

/** A device that serves v1, and a hub that has v2, too. */
async function openServing(): Promise<{ fleet: Fleet; agent: FleetAgent }> {
  const fleet = await openFleet()
  const agent = await fleet.join('gateway-1')
  await pushBuild(fleet, 'v1')
  await deploy(fleet, 1)
  await fleet.item('gateway-1', ({ state }) => state === 'active')
  await pushBuild(fleet, 'v2')
  return { fleet, agent }
}

/** From Debian's faketime. */
const FAKETIME = ['x86_64', 'aarch64']
  .map((cpu) => `/usr/lib/${cpu}-linux-gnu/faketime/libfaketime.so.1`)
  .find(existsSync)
const clockAhead = (by: string) => ({ LD_PRELOAD: FAKETIME ?? '', FAKETIME: by, FAKETIME_DONT_FAKE_MONOTONIC: '1' })

/** Each is a start of the agent. */
const KILLS = rounds({ quick: 1, deep: 3 })

/** A daily window of an hour that opens so many hours from now, to the minute. */
function windowIn(hours: number): string {
  const opens = new Date(Date.now() + hours * 3_600_000)
  return `${opens.getUTCMinutes()} ${opens.getUTCHours()} * * *, UTC, 1h`
}

const isHeldBy = (code: string) => (item: { state: string; cause?: { code: string } | undefined }) =>
  item.state === 'loading' && item.cause?.code === code
const answers = ({ name, url }: FleetAgent) => until(`an answer of ${name}`, () => askAnomaly(url))
const answersV2 = ({ name, url }: FleetAgent) =>
  until(`version 2 on ${name}`, async () => {
    const answer = await askAnomaly(url).catch(() => undefined)
    return answer?.version === 2 ? answer : undefined
  })

test.skipIf(!FAKETIME)(
  'fetches ahead, serves the old version over kills, and installs when its window opens with the hub away',
  strict('kills while a version waits for its window'),
  async () => {
    const { fleet, agent } = await openServing()
    await using _ = fleet
    expect(await fleet.cli(['deploy', 'sensor-anomaly:2', '--install-window', windowIn(3)])).toMatchObject({
      err: expect.any(String),
      code: 0,
    })
    const waiting = await fleet.item('gateway-1', isHeldBy('window_waits'))
    expect(waiting).toMatchObject({ target: { version: 2 }, serving: { version: 1 } })
    expect(waiting.cause?.message).toMatch(/^its install window opens at \d{4}-\d\d-\d\d \d\d:\d\d UTC$/)
    const explained = await fleet.cli(['deployment', 'explain', 'sensor-anomaly', 'gateway-1'])
    expect(explained.out).toContain('window_waits')
    await agent.end('SIGKILL')
    await agent.start()
    expect(await answers(agent)).toEqual(V1)
    await fleet.hub.end('SIGTERM')
    for (let kills = 0; kills < KILLS; kills++) {
      await agent.end('SIGKILL')
      await agent.start()
      expect(await answers(agent)).toEqual(V1)
    }
    await agent.end('SIGKILL')
    await agent.start(clockAhead('+190m'))
    expect(await answersV2(agent)).toEqual(V2)
    await agent.logged('step_done', (line) => line.step === 'commit' && line.version === 2)
    await agent.end('SIGKILL')
    // The window is shut again by this clock: what has proved itself comes back all the same.
    await agent.start()
    expect(await answers(agent)).toEqual(V2)
    await fleet.hub.start()
    await fleet.item('gateway-1', ({ state, target }) => state === 'active' && target.version === 2)
  },
)

test(
  'a lock holds an install, says why, and lets it through when it is released or ignored',
  deep('the test above holds an install, too; update-locks.test reads locks'),
  async () => {
    const { fleet, agent } = await openServing()
    await using _ = fleet
    const lock = join(agent.data, 'locks', 'robot')
    await writeFile(lock, 'it is welding\n')
    expect(await fleet.cli(['deploy', 'sensor-anomaly:2'])).toMatchObject({ err: expect.any(String), code: 0 })
    const waiting = await fleet.item('gateway-1', isHeldBy('update_locked'))
    expect(waiting.cause?.message).toContain('robot: it is welding')
    expect((await fleet.device('gateway-1')).conditions).toMatchObject([{ code: 'update_locked' }])
    const planned = await fleet.cli(['deploy', 'sensor-anomaly:2', '--install-window', windowIn(3), '--plan', '--json'])
    const { cautions } = JSON.parse(planned.out)
    expect(cautions).toMatchObject([
      { code: 'window_waits', count: 1, message: expect.stringContaining('its install window opens at') },
      { code: 'update_locked', count: 1 },
    ])
    await agent.end('SIGKILL')
    await agent.start()
    expect(await answers(agent)).toEqual(V1)
    await rm(lock)
    expect(await answersV2(agent)).toEqual(V2)
    await fleet.item('gateway-1', ({ state }) => state === 'active')
    await writeFile(lock, 'it is welding again\n')
    expect(await fleet.cli(['deploy', 'sensor-anomaly:1'])).toMatchObject({ err: expect.any(String), code: 0 })
    await fleet.item('gateway-1', isHeldBy('update_locked'))
    expect(await fleet.cli(['deploy', 'sensor-anomaly:1', '--locks', 'ignore'])).toMatchObject({
      err: expect.any(String),
      code: 0,
    })
    await fleet.item('gateway-1', ({ state, target }) => state === 'active' && target.version === 1)
    const refused = await fleet.cli(['deploy', 'sensor-anomaly:2', '--install-window', '0 2 * * *, Mars/Base, 1h'])
    expect(refused.err).toContain('there is no time zone Mars/Base')
  },
)
