/**
 * Fifty kills, at random, over rollouts that go back and forth under load. Repeat one with `SKERRY_TEST_SEED`.
 * @module-tag deep Fifty kills; apps/agent/test/faults/kills and outages.test.ts kill in the quick tier.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { askAnomaly, type Build, deploy, pushBuild } from './stage/anomaly.ts'
import { integrityOf, readBlobs, readRecords } from './stage/evidence.ts'
import { type Fleet, type FleetAgent, insist, openFleet } from './stage/fleet.ts'
import { ask, newTally } from './stage/load.ts'
import { until } from './stage/service.ts'

const KILLS = 50

/** 30 kills a minute: most rollouts are hit, and some come through. */
const BETWEEN_KILLS_MS = 2_000

/** A rollout that a kill holds up is left for the next one after so long. */
const ROLLOUT_MS = 20_000

const DEVICES = ['gateway-1', 'gateway-2', 'gateway-3']
const builds = new Map<number, Build>([
  [1, 'v1'],
  [2, 'v2'],
])
const NOISE = 3

test('fifty kills of control, runners and hub end in one state that everybody agrees on, and no answer is ever wrong', async ({
  annotate,
}) => {
  const seed = Number(process.env.SKERRY_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))
  await annotate(`SKERRY_TEST_SEED=${seed}`)
  await using fleet = await openFleet()
  for (const name of DEVICES) await fleet.join(name)
  for (const build of ['v1', 'v2', 'noise'] as const) await pushBuild(fleet, build)
  await deploy(fleet, 1)
  for (const name of DEVICES) await fleet.item(name, ({ state }) => state === 'active')

  const tally = newTally()
  const loading = new AbortController()
  const rolling = new AbortController()
  const load = fleet.agents.map(({ url }) => ask(url, builds, tally, loading.signal))
  const rollouts = rollBackAndForth(fleet, rolling.signal)
  const kills = await killAtRandom(fleet, randomOf(seed))
  rolling.abort()
  const endings = await rollouts
  await converge(fleet, 2)
  loading.abort()
  await Promise.all(load)
  await annotate(JSON.stringify({ kills, endings, answered: [...tally.answered], failed: [...tally.failed] }))

  expect(tally.wrong).toEqual([])
  for (const version of builds.keys()) expect(tally.answered.get(version)).toBeGreaterThan(0)
  for (const reason of tally.failed.keys()) expect(reason).toMatch(/^connection$|^503 /)
  await expectAgreement(fleet, 2)
  await expectNothingTorn(fleet)
})

/** Small, even, and the same on every machine. [mulberry32, public domain] */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** v2, noise, v1, v2, ... until told to stop; gives how often each rollout ended how. */
async function rollBackAndForth(fleet: Fleet, signal: AbortSignal): Promise<Record<string, number>> {
  const endings: Record<string, number> = {}
  for (let turn = 0; !signal.aborted; turn++) {
    const version = [2, NOISE, 1][turn % 3] ?? 1
    const { rolloutId } = await insist(() =>
      deploy(fleet, version, {
        strategy: { waves: [{ name: 'canary', limit: 1 }], onFailure: 'rollback-all' },
        probation: { seconds: 1 },
      }),
    )
    const look = async () => {
      const { status } = await fleet.hub.client.rollout.get({ rollout: rolloutId })
      return status === 'rolling' && !signal.aborted ? undefined : status
    }
    const status = await until('the end of a rollout', look, ROLLOUT_MS).catch(() => 'unfinished')
    const ending = `${builds.get(version) ?? 'noise'} ${status}`
    endings[ending] = (endings[ending] ?? 0) + 1
  }
  return endings
}

/** Kills, and starts again what was killed; gives how often each was hit. */
async function killAtRandom({ hub, agents }: Fleet, random: () => number): Promise<Record<string, number>> {
  const kills = { hub: 0, control: 0, runner: 0 }
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T
  while (kills.hub + kills.control + kills.runner < KILLS) {
    await sleep(random() * 2 * BETWEEN_KILLS_MS)
    const victim = pick(['hub', 'control', 'runner'] as const)
    const agent = pick(agents)
    if (victim === 'runner' && !killRunner(agent)) continue
    if (victim !== 'runner') {
      const service = victim === 'hub' ? hub : agent
      await service.end('SIGKILL')
      service.launch()
    }
    kills[victim]++
  }
  return kills
}

/** False where there is none at the moment. */
function killRunner(agent: FleetAgent): boolean {
  const pid = agent.runnerPid()
  if (pid === undefined || agent.lines().some((line) => line.event === 'runner_ended' && line.runnerPid === pid)) {
    return false
  }
  process.kill(pid, 'SIGKILL')
  return true
}

/** What kills cut short twice on a device is remembered there as failed, rightly: a person has it tried again. */
async function converge(fleet: Fleet, version: number): Promise<void> {
  const { rolloutId, name } = await insist(() =>
    deploy(fleet, version, { strategy: { waves: [{ failuresMax: '100%' }] } }),
  )
  const retried = new Set<string>()
  const look = async () => {
    const devices = await Promise.all(DEVICES.map((device) => fleet.device(device)))
    for (const { name: device, items } of devices) {
      const [item] = items
      const trial = `${device} ${item?.target.retryToken}`
      if (item?.state !== 'failed' || item.target.version !== version || retried.has(trial)) continue
      await fleet.hub.client.device.retry({ device, deployment: name })
      retried.add(trial)
    }
    const isServed = devices.every(({ items: [item] }) => item?.state === 'active' && item.serving?.version === version)
    const { status } = await fleet.hub.client.rollout.get({ rollout: rolloutId })
    return isServed && status === 'done' ? true : undefined
  }
  // A device that lost its hub a dozen times within minutes looks for it once a minute.
  await until(`version ${version} everywhere`, look)
}

async function expectAgreement({ hub, agents, device }: Fleet, version: number): Promise<void> {
  for (const { name, url } of agents) {
    const seen = await device(name)
    expect(seen, name).toMatchObject({ status: 'active', liveness: 'online', conditions: [] })
    expect(seen.observedGeneration, name).toBe(seen.generation)
    expect(await askAnomaly(url)).toEqual({ version, build: builds.get(version) })
  }
  expect(await hub.client.audit.verify({})).toMatchObject({ intact: true })
}

async function expectNothingTorn({ hub, agents, device }: Fleet): Promise<void> {
  const generations = new Map<string, number>()
  for (const { name } of agents) generations.set(name, (await device(name)).generation)
  for (const service of [...agents, hub]) expect(await service.end('SIGTERM'), `${service.name} ends as told`).toBe(0)
  expect(integrityOf(join(hub.data, 'hub.sqlite'))).toBe('ok')
  expect(await readBlobs(hub.data)).toMatchObject({ torn: [] })
  for (const { name, data } of agents) {
    expect(integrityOf(join(data, 'agent.sqlite')), name).toBe('ok')
    expect(await readBlobs(data), name).toMatchObject({ torn: [] })
    const { document, life } = readRecords(data)
    expect({ generation: document.generation, state: life.state, version: life.target.version }, name).toEqual({
      generation: generations.get(name),
      state: 'active',
      version: 2,
    })
  }
}
