/** Two hubs: either may die in the middle of a rollout, and so may the database; the laws of the rollout hold at every instant. */
import { hasPostgres } from '@skerry/testkit/postgres-cluster'
import { deep, rounds, strict } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from './stage/simulated-fleet.ts'
import { openTwoHubs, type TwoHubs } from './stage/two-hubs.ts'

const DEVICES = rounds({ quick: 20, deep: 60 })
const BUDGET = DEVICES / 10
const STRATEGY = { waves: [{ limit: '20%' as const }, { limit: '50%' as const }], budget: { maxUnavailable: BUDGET } }

/** Hubs that are processes, and sixty devices in the deep tier. */
const SLOW = { timeout: 900_000 }

const TAKEOVER = { interval: 100 }

/** Looks at a rollout's rows in the database, again and again: how many devices are without proof, and each device's offer. */
function watchRollout(hubs: TwoHubs, rollout: string) {
  const offers = new Map<string, Set<string>>()
  let worst = 0
  let looks = 0
  let isOver = false
  const watching = (async () => {
    while (!isOver) {
      // PostgreSQL may be away: that is one of the tests.
      const rows = await hubs
        .sql(
          `select device_id, outcome, coalesce(offered_at_ms, 0), coalesce(offered_generation, 0) from rollout_members where rollout_id = '${rollout}'`,
        )
        .catch(() => [])
      looks += rows.length > 0 ? 1 : 0
      const members = rows.map((row) => row.split('|') as [string, string, string, string])
      worst = Math.max(
        worst,
        members.filter(([, outcome]) => ['offered', 'failed', 'timed-out', 'rejected'].includes(outcome)).length,
      )
      for (const [device, , atMs] of members) {
        if (atMs !== '0') offers.set(device, (offers.get(device) ?? new Set()).add(atMs))
      }
    }
  })()
  return {
    async end() {
      isOver = true
      await watching
      return { worst, looks, offeredTwice: [...offers].filter(([, times]) => times.size > 1).length }
    },
  }
}

describe.skipIf(!hasPostgres)('two hubs', () => {
  let hubs: TwoHubs
  beforeAll(async () => {
    hubs = await openTwoHubs({ devices: DEVICES })
  })
  afterAll(() => hubs[Symbol.asyncDispose]())

  /** By the balancer: of either. */
  async function readiness() {
    const answer = await fetch(`${hubs.stage.hub().connection.hub}/readyz`)
    return { ready: ((await answer.json()) as { ready: boolean }).ready, status: answer.status }
  }
  const statusOf = (rollout: string) => hubs.sql(`select status from rollouts where id = '${rollout}'`)
  const generations = () => hubs.sql('select distinct generation from devices')

  /** Rolls the next version out, with what happens in the middle of it; everything must end as if nothing had. */
  async function rollOut(inTheMiddle: () => Promise<void>) {
    const { stage } = hubs
    const [before] = await generations()
    const version = await stage.push()
    const rollout = await stage.deploy(version, STRATEGY)
    const watch = watchRollout(hubs, rollout)
    await until(() => stage.offered(version) >= DEVICES * 0.3)
    await inTheMiddle()
    await until(async () => (await statusOf(rollout).catch(() => []))[0] === 'done')
    await stage.agreed()
    const seen = await watch.end()
    expect(stage.serving()).toEqual({ [version]: DEVICES })
    expect(seen.looks).toBeGreaterThan(3)
    expect(seen.worst).toBeLessThanOrEqual(BUDGET)
    expect(seen.offeredTwice).toBe(0)
    // One document each, and no more.
    expect(await generations()).toEqual([String(Number(before) + 1)])
    expect(await stage.hub().client.audit.verify({})).toMatchObject({ intact: true })
  }

  test('devices are spread over both, and a version comes to all of them', {
    ...SLOW,
    ...strict('the budget of a rollout is a law'),
  }, async () => {
    await rollOut(async () => {})
    const links = await hubs.links()
    expect(links[0] + links[1]).toBe(DEVICES)
    expect(Math.min(...links)).toBeGreaterThan(0)
  })

  test('the leader is killed: the other leads, and the rollout ends', {
    ...SLOW,
    ...strict('a kill of the hub that leads'),
  }, async () => {
    await rollOut(async () => {
      const leader = await hubs.leader()
      await hubs.hubs[leader].kill()
      await expect.poll(() => hubs.leader(), TAKEOVER).toBe(1 - leader)
    })
    await hubs.restart((await hubs.leader()) === 0 ? 1 : 0)
  })

  test('the other is killed: its devices come over, and the rollout ends', {
    ...SLOW,
    ...deep('a variant of the kill of the leader'),
  }, async () => {
    const other = (await hubs.leader()) === 0 ? 1 : 0
    await rollOut(() => hubs.hubs[other].kill())
    await hubs.restart(other)
  })

  test('the leader stands still, and wakes when another leads: it changes nothing', {
    ...SLOW,
    ...deep('waits until a lease has run out; a killed leader shows the change'),
  }, async () => {
    await rollOut(async () => {
      const leader = await hubs.leader()
      const { pid } = await hubs.hubs[leader].waitFor('hub_ready')
      process.kill(Number(pid), 'SIGSTOP')
      await expect.poll(() => hubs.leader(), TAKEOVER).toBe(1 - leader)
      process.kill(Number(pid), 'SIGCONT')
    })
  })

  test('PostgreSQL is restarted: both hubs come back by themselves, and the rollout ends', {
    ...SLOW,
    ...deep('restarts the database; a killed leader shows the change'),
  }, async () => {
    await rollOut(async () => {
      await hubs.server.stop('immediate')
      const { client } = hubs.stage.hub()
      await expect(client.device.list({})).rejects.toMatchObject({ code: 'hub_unavailable' })
      await expect.poll(() => readiness(), TAKEOVER).toEqual({ ready: false, status: 503 })
      await hubs.server.start()
      await expect.poll(() => readiness(), TAKEOVER).toEqual({ ready: true, status: 200 })
    })
  })
})
