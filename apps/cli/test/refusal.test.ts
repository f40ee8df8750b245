/**
 * A version whose answers on the device differ from its golden outputs. The device rejects it, and the strategy decides
 * the next step.
 *
 * @module-tag deep In the quick tier test/fleet.test.ts rolls the canaries back, and test/tutorials/by-hand.test.ts shows a real device.
 */
import { expect, test } from 'vitest'
import { askAnomaly, deploy, MODEL, pushBuild } from './stage/anomaly.ts'
import { type Fleet, openFleet } from './stage/fleet.ts'
import { until } from './stage/service.ts'

const DEVICES = ['gateway-1', 'gateway-2']
const V1 = { version: 1, build: 'v1' }

/** Version 1 serves everywhere. Version 2 never gives the same answer twice. */
async function openServingFleet(): Promise<Fleet> {
  const fleet = await openFleet()
  for (const device of DEVICES) await fleet.join(device)
  await pushBuild(fleet, 'v1')
  await deploy(fleet, 1)
  for (const device of DEVICES) await fleet.item(device, ({ state }) => state === 'active')
  await pushBuild(fleet, 'noise')
  return fleet
}

const TITLE = 'a canary rejects the version, on failure %s: the rollout is %s, and no other device gets an offer'

test.each([
  ['pause', 'paused'],
  ['abort', 'aborted'],
  ['rollback-all', 'rolled-back'],
] as const)(TITLE, expectRefused)

async function expectRefused(
  onFailure: 'pause' | 'abort' | 'rollback-all',
  status: 'paused' | 'aborted' | 'rolled-back',
): Promise<void> {
  await using fleet = await openServingFleet()
  const { rolloutId } = await deploy(fleet, 2, { strategy: { waves: [{ name: 'canary', limit: 1 }], onFailure } })
  const rollout = await until(`a rollout that is ${status}`, async () => {
    const found = await fleet.hub.client.rollout.get({ rollout: rolloutId })
    return found.status === status ? found : undefined
  })
  expect(rollout.reason).toMatch(/canary/)
  const { rows } = await fleet.hub.client.rollout.devices({ rollout: rolloutId })
  const canary = rows.find(({ wave }) => wave === 0)
  expect(canary).toMatchObject({
    outcome: 'failed',
    cause: {
      code: 'golden_mismatch',
      message: expect.stringMatching(/^golden case \d+ of 16 \(\d+ of 16 cases differ\): output score/),
    },
  })
  const others = rows.filter(({ wave }) => wave !== 0)
  expect(others).toEqual([expect.objectContaining({ outcome: 'waiting' })])
  expect(others[0]?.offeredAtMs).toBeUndefined()
  for (const { url } of fleet.agents) expect(await askAnomaly(url)).toEqual(V1)
  if (status === 'rolled-back')
    await fleet.item(canary?.device ?? '', ({ target, state }) => target.version === 1 && state === 'active')
}

test('a failed version is tried again only when a person retries it', async () => {
  await using fleet = await openServingFleet()
  const [agent] = fleet.agents
  const [device] = DEVICES as [string]
  await deploy(fleet, 2, { selector: `device.name == "${device}"` })
  const first = await fleet.item(device, ({ state }) => state === 'failed')
  expect(first).toMatchObject({ target: { retryToken: 0 }, cause: { code: 'golden_mismatch' } })
  // A restart and a new document do not trigger another attempt.
  await agent?.end('SIGKILL')
  await agent?.start()
  await agent?.logged('link_up')
  await fleet.item(device, ({ state, serving }) => state === 'failed' && serving?.version === 1)
  expect(agent?.lines().filter(({ step, version }) => step === 'load' && version === 2)).toEqual([])

  expect(await fleet.cli(['device', 'retry', device, MODEL])).toMatchObject({ code: 0 })
  const second = await fleet.item(device, ({ state, target }) => state === 'failed' && target.retryToken === 1)
  expect(second).toMatchObject({ cause: { code: 'golden_mismatch' }, serving: { version: 1 } })
  expect(second.sinceMs).toBeGreaterThan(first.sinceMs)
  expect(await askAnomaly(agent?.url ?? '')).toEqual(V1)
})
