/**
 * A hub that is killed again and again in the middle of a large rollout. SKERRY_FLEET says how large; a thousand take minutes.
 * @module-tag deep Kills a hub four times under 200 devices; test/fleet.test.ts kills one in the middle of a rollout.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FleetStage, openFleetStage, until } from '../stage/simulated-fleet.ts'

const DEVICES = Number(process.env.SKERRY_FLEET ?? 200)

/** Once for each quarter of the fleet: each costs a start, and a storm of devices. */
const PARTS = 3

let stage: FleetStage
beforeAll(async () => {
  stage = await openFleetStage({ devices: DEVICES })
}, 600_000)
afterAll(() => stage[Symbol.asyncDispose]())

const SLOW = { timeout: 900_000 }

type Rollout = Awaited<ReturnType<FleetStage['deploy']>>

const viewOf = (rollout: Rollout) => stage.hub().client.rollout.get({ rollout })

/** While the hub is down there is nothing to see. */
const lookAt = (rollout: Rollout) => viewOf(rollout).catch(() => undefined)

const isDone = async (rollout: Rollout) => (await lookAt(rollout))?.status === 'done'

const expectIntact = async () => expect(await stage.hub().client.audit.verify({})).toMatchObject({ intact: true })

/** Devices that the hub and they themselves describe differently, and those that one of both does not know. */
async function strangers(): Promise<string[]> {
  const known = new Map<string, number>()
  for (let after: string | undefined; known.size === 0 || after !== undefined; ) {
    const page = await stage.hub().client.device.list({ limit: 500, ...(after === undefined ? {} : { after }) })
    for (const { id, observedGeneration } of page.rows) known.set(id, observedGeneration)
    after = page.next
  }
  const others = stage.fleet.truth().filter(({ deviceId, generation }) => known.get(deviceId) !== generation)
  return [...others.map(({ name }) => name), ...(known.size === DEVICES ? [] : [`${known.size} devices`])]
}

/** As large as the budget: one more would be seen here as soon as it was there. */
function watchBudget(rollout: Rollout, most: number) {
  const over = new AbortController()
  const seen = { looks: 0, worst: 0 }
  const watching = (async () => {
    while (!over.signal.aborted) {
      const waves = (await lookAt(rollout))?.waves ?? []
      const unproved = waves.map(({ counts }) => counts.offered + counts.failed + counts.rejected + counts['timed-out'])
      seen.looks += waves.length > 0 ? 1 : 0
      seen.worst = Math.max(
        seen.worst,
        unproved.reduce((sum, count) => sum + count, 0),
      )
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })()
  return {
    async end() {
      over.abort()
      await watching
      expect(seen.looks).toBeGreaterThan(PARTS)
      expect(seen.worst, 'the budget holds').toBeLessThanOrEqual(most)
      expect(seen.worst, 'and is made use of').toBeGreaterThan(0)
    },
  }
}

test(
  'killed for each part of the fleet that has been offered a version, it brings it to everybody, within its budget',
  SLOW,
  async () => {
    const good = await stage.push()
    await stage.deploy(good)
    await stage.agreed()
    const next = await stage.push()
    const most = Math.floor(DEVICES / 5)
    const rollout = await stage.deploy(next, { waves: [{ limit: '10%' }], budget: { maxUnavailable: most } })
    const budget = watchBudget(rollout, most)
    for (let part = 1; part <= PARTS; part++) {
      await until(async () => stage.offered(next) >= (DEVICES * part) / (PARTS + 1) || (await isDone(rollout)))
      await stage.killHub()
    }
    await until(() => isDone(rollout))
    await budget.end()
    await stage.agreed()
    expect(stage.serving()).toEqual({ [next]: DEVICES })
    expect(await strangers()).toEqual([])
    await expectIntact()
  },
)

test('killed right after an abort, it offers the version to nobody any more', SLOW, async () => {
  const [before] = Object.keys(stage.serving())
  const bad = await stage.push()
  const rollout = await stage.deploy(bad, { waves: [{ limit: '10%' }], budget: { maxUnavailable: '10%' } })
  await until(() => stage.offered(bad) >= DEVICES / 4)
  await stage.hub().client.rollout.abort({ rollout, reason: 'test' })
  await stage.killHub()
  const asked = await offeredRows(rollout)
  await stage.agreed()
  expect([(await viewOf(rollout)).status, await offeredRows(rollout)]).toEqual(['aborted', asked])
  expect(asked).toBeLessThan(DEVICES)
  expect(stage.offered(bad)).toBeLessThanOrEqual(asked)
  const { [bad]: kept = 0, [String(before)]: others = 0 } = stage.serving()
  expect(kept + others).toBe(DEVICES)
})

/** How many devices the rollout ever asked. */
const offeredRows = async (rollout: Rollout) =>
  DEVICES - (await viewOf(rollout)).waves.reduce((sum, { counts }) => sum + counts.waiting, 0)
