/** Ways to a new version that nobody is exposed to before it has shown itself: as a shadow, and ready everywhere before all switch. */
import { readFile } from 'node:fs/promises'
import type { ItemReport } from '@skerry/contract/devices/item'
import type { Rollout } from '@skerry/contract/rollouts/rollout'
import { readModel } from '@skerry/onnx/read'
import { writeModel } from '@skerry/onnx/write'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { askAnomaly, type Build, deploy, FILES, MODEL, pushBuild, pushBytes } from './stage/anomaly.ts'
import { type Fleet, openSharedFleet, tellLogsOnFailure } from './stage/fleet.ts'
import { ask, newTally, type Tally } from './stage/load.ts'
import { until } from './stage/service.ts'

const DEVICES = ['gateway-1', 'gateway-2']
/** Versions 3 and 4 are other files that answer as the first; 5 is one that answers as the second, which fails in the first test. */
const BUILDS = new Map<number, Build>([
  [1, 'v1'],
  [2, 'v2'],
  [3, 'v1'],
  [4, 'v1'],
  [5, 'v2'],
])

let fleet: Fleet
let tally: Tally
const loading = new AbortController()
let load: Promise<unknown>
let builds = 0

beforeAll(async () => {
  fleet = await openSharedFleet()
  for (const name of DEVICES) await fleet.join(name)
  await pushBuild(fleet, 'v1')
  await pushBuild(fleet, 'v2')
  for (const build of ['v1', 'v1', 'v2'] as const) await pushAgain(build)
  await deploy(fleet, 1)
  await serving(1)
  tally = newTally()
  load = Promise.all(fleet.agents.map(({ url }) => ask(url, BUILDS, tally, loading.signal)))
})
beforeEach(() => tellLogsOnFailure(fleet))
afterAll(async () => {
  loading.abort()
  await load
  await fleet?.[Symbol.asyncDispose]()
})

/** The build with something else in its file that says nothing: another version, with the same answers. */
async function pushAgain(build: Build): Promise<void> {
  const read = readModel(new Uint8Array(await readFile(FILES[build])))
  if (!read.ok) throw new Error(read.message)
  const producerName = `build ${++builds}`
  await pushBytes(fleet, { model: MODEL, bytes: new Uint8Array(writeModel({ ...read.value, producerName })) })
}

const serving = (version: number) =>
  Promise.all(
    DEVICES.map((name) => fleet.item(name, (item) => item.state === 'active' && item.serving?.version === version)),
  )

async function run(...words: string[]): Promise<string> {
  const { code, out, err } = await fleet.cli(words)
  expect({ code, words, err: code === 0 ? '' : err }).toMatchObject({ code: 0 })
  return out
}

async function rolloutThat(is: (rollout: Rollout) => boolean): Promise<Rollout> {
  const { client } = fleet.hub
  return until('the rollout', async () => {
    const { rolloutId } = await client.deployment.get({ deployment: MODEL })
    const rollout = await client.rollout.get({ rollout: rolloutId })
    return is(rollout) ? rollout : undefined
  })
}

const answeredBy = (version: number) => tally.answered.get(version) ?? 0
const nothingWentWrong = () => expect([[...tally.failed], tally.wrong]).toEqual([[], []])

test(
  'a version that answers otherwise fails as a shadow, and nobody ever hears of its answers',
  deep('apps/agent/test/shadow shows a shadow that is refused'),
  async () => {
    await run('deploy', `${MODEL}:2`, '--shadow', '20 for 0s')
    for (const name of DEVICES) {
      const item = await fleet.item(name, ({ state }) => state === 'failed')
      expect(item).toMatchObject({ serving: { version: 1 }, cause: { code: 'shadow_mismatch' } })
      expect(item.shadow?.mismatched).toBeGreaterThan(0)
    }
    expect(await rolloutThat(({ status }) => status === 'paused')).toMatchObject({
      reason: expect.stringMatching(/failed/),
    })
    expect(answeredBy(2)).toBe(0)
    nothingWentWrong()
  },
)

test(
  'one that answers alike is compared and then serves; what was compared is kept with the rollout',
  deep('apps/agent/test/shadow shows a shadow that then serves'),
  async () => {
    await run('deploy', `${MODEL}:3`, '--shadow', '20 for 0s')
    const [item] = await serving(3)
    expect(item?.shadow).toMatchObject({ mismatched: 0, errors: 0 })
    expect(item?.shadow?.compared).toBeGreaterThanOrEqual(20)
    const { id } = await rolloutThat(({ status }) => status === 'done')
    const { rows } = await fleet.hub.client.rollout.devices({ rollout: id })
    for (const { shadow } of rows) expect(shadow?.compared).toBeGreaterThanOrEqual(20)
    expect(await run('device', 'show', DEVICES[0] ?? '')).toMatch(/as a shadow: \d+ answers compared, 0 wrong/)
    nothingWentWrong()
  },
)

test(
  'one that shall only be compared passes, never serves, and serves at once when that is said',
  deep('a third journey; the other kinds of shadows are in apps/agent/test'),
  async () => {
    await run('deploy', `${MODEL}:4`, '--shadow', '20 for 0s only')
    await rolloutThat(({ status }) => status === 'done')
    for (const name of DEVICES) {
      expect(await fleet.item(name, ({ held }) => held === true)).toMatchObject({
        state: 'shadow',
        serving: { version: 3 },
      })
    }
    expect(answeredBy(4)).toBe(0)
    await run('deploy', `${MODEL}:4`, '--preset', 'all-at-once')
    await serving(4)
    nothingWentWrong()
  },
)

const isServing = ({ serving: now }: ItemReport) => now !== undefined

test('blue-green: ready everywhere, approved, switched everywhere, and back again without loading anything', async () => {
  const [{ serving: before } = {}] = await Promise.all(DEVICES.map((name) => fleet.item(name, isServing)))
  const old = before?.version ?? 0
  await run('deploy', `${MODEL}:5`, '--preset', 'blue-green')
  for (const name of DEVICES) {
    expect(await fleet.item(name, ({ held }) => held === true)).toMatchObject({
      state: 'ready',
      serving: { version: old },
    })
  }
  const awaited = await rolloutThat(({ waves }) => waves[1]?.awaitedSinceMs !== undefined)
  expect(awaited.waves.map(({ name, counts }) => [name, counts.healthy])).toEqual([
    ['all', 2],
    ['switch', 0],
  ])
  expect(answeredBy(5)).toBe(0)
  const switchMs = await timed(5, () => run('rollout', 'approve', MODEL, '--reason', 'all are ready'))
  await serving(5)
  const { waves } = await rolloutThat(({ status }) => status === 'done')
  expect(waves.map(({ counts }) => counts.healthy)).toEqual([0, 2])
  const returnMs = await timed(old, () => run('deploy', `${MODEL}:${old}`, '--preset', 'all-at-once'))
  await serving(old)
  for (const { lines } of fleet.agents) {
    const loads = lines().filter(
      ({ event, step, version }) => event === 'step_done' && step === 'load' && version === old,
    )
    expect(loads).toHaveLength(1)
  }
  process.stderr.write(`blue-green over two devices, by command line: switch ${switchMs} ms, return ${returnMs} ms\n`)
  nothingWentWrong()
})

/** How long it takes until every device answers by the version, in ms. */
async function timed(version: number, order: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await order()
  await Promise.all(
    fleet.agents.map(({ url }) =>
      until(`answers of ${version}`, async () => ((await askAnomaly(url)).version === version ? true : undefined)),
    ),
  )
  return Math.round(performance.now() - begun)
}
