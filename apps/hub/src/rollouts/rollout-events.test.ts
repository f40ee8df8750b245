import type { RolloutHappening } from '@skerry/contract/rollouts/rollout'
import type { RolloutId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { openFleet, type SimulatedFleet } from '../../test/stage/simulated-fleet.ts'
import { type EventPlace, listEvents, placeOf, placeText } from './rollout-events.ts'

/** All that happened, newest first, in pages of so many. */
async function events({ store, organisationId }: SimulatedFleet, rolloutId: RolloutId, limit = 100) {
  const found: RolloutHappening[] = []
  let before: EventPlace | undefined
  while (true) {
    const page = await listEvents(store.db, { organisationId, rolloutId, limit, before })
    found.push(...page.map(({ event }) => event))
    const last = page.at(-1)
    if (page.length < limit || !last) return found
    before = placeOf(placeText(last))
    expect(before).toEqual({ atMs: last.atMs, key: last.key })
  }
}

const wordOf = (event: RolloutHappening) => {
  if (event.kind === 'decided') return event.action
  return event.kind === 'device' ? `device ${event.device.outcome}` : event.kind
}

async function failingFleet(count: number) {
  const fleet = await openFleet()
  const devices = await fleet.addDevices(count)
  await fleet.addVersion('sensor', 1)
  await fleet.addVersion('sensor', 2)
  await fleet.apply({ version: '1', strategy: { waves: [{ name: 'first', limit: 2 }] } })
  await fleet.pass(1_000)
  await fleet.report(devices, () => 'active')
  await fleet.pass(1_000)
  await fleet.report(devices, () => 'active')
  return fleet
}

test('what was decided, who failed and why come in the order in which they happened', async () => {
  await using fleet = await failingFleet(5)
  const first = await fleet.rollout()
  expect((await events(fleet, first.id)).map(wordOf)).toEqual(['rollout.done', 'rollout.wave_opened', 'began'])

  await fleet.pass(1_000)
  await fleet.apply({ version: '2', strategy: { waves: [{ name: 'canary', limit: 2, failuresMax: 1 }] } })
  const { id } = await fleet.rollout()
  const [canary, other] = await fleet.offered()
  if (!canary || !other) throw new Error('nobody was offered it')
  await fleet.pass(1_000)
  await fleet.report([canary], () => 'failed')
  await fleet.pass(1_000)
  await fleet.report([other], () => 'failed')
  const found = await events(fleet, id)
  expect(found.map(wordOf)).toEqual(['device failed', 'rollout.paused', 'device failed', 'began'])
  expect(found[1]).toMatchObject({
    actor: { kind: 'hub' },
    reason: '2 failed in wave canary, 1 allowed',
    wave: 'canary',
    counts: { failed: 2 },
  })
  expect(found[2]).toMatchObject({ device: { deviceId: canary.id, cause: { code: 'golden_mismatch' } } })
})

test('no page loses an event, however many happened at once', async () => {
  await using fleet = await failingFleet(9)
  await fleet.apply({ version: '2', strategy: { waves: [{ deadlineSeconds: 60 }] } })
  const { id } = await fleet.rollout()
  await fleet.pass(61_000)
  const whole = await events(fleet, id)
  expect(whole.map(wordOf).toSorted()).toEqual(['began', ...Array(9).fill('device timed-out'), 'rollout.paused'])
  for (const limit of [1, 2, 3, 5]) expect(await events(fleet, id, limit)).toEqual(whole)
})

test('a rollout that a newer revision took over says so, and which', async () => {
  await using fleet = await failingFleet(3)
  await fleet.apply({ version: '2' })
  const { id } = await fleet.rollout()
  await fleet.pass(5_000)
  await fleet.apply({ version: '1' })
  const next = await fleet.rollout()
  const [newest] = await events(fleet, id)
  expect(newest).toEqual({ kind: 'superseded', atMs: fleet.clock.ms, revision: 3, rolloutId: next.id })
})

test('what is no place is refused', () => {
  expect(placeOf('x')).toBeUndefined()
  expect(placeOf("5.a' or 1")).toBeUndefined()
  expect(placeOf('5.e')).toEqual({ atMs: 5, key: 'e' })
})

test('how an analysis came to its end is told', async () => {
  await using fleet = await openFleet()
  await fleet.addDevices(1)
  await fleet.addVersion('sensor', 1)
  const analysis = {
    name: 'errors',
    measure: 'error-rate',
    success: 'result.value < 0.1',
    intervalSeconds: 1,
    count: 1,
  }
  await fleet.apply({ version: '1', strategy: { waves: [{ analysis: [analysis] }] } })
  await fleet.report(fleet.devices, () => 'active')
  await fleet.pass(1_000)
  const { organisationId } = fleet
  const { id: rolloutId } = await fleet.rollout()
  const events = await listEvents(fleet.store.db, { organisationId, rolloutId, limit: 10 })
  expect(events.map(({ event }) => event)).toMatchObject([
    { kind: 'decided', action: 'rollout.paused', reason: expect.stringContaining('is inconclusive') },
    { kind: 'decided', action: 'rollout.analysed', analysis: 'errors', verdict: 'inconclusive', wave: 'wave-1' },
    { kind: 'began' },
  ])
})
