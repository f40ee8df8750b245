/** Random histories of a placement: devices fail, return, move and fill up, and people change the policy. */
import { Placement } from '@skerry/contract/places/placement'
import { Clearance } from '@skerry/contract/values/clearance'
import type { DeviceId } from '@skerry/contract/values/ids'
import { law, rounds } from '@skerry/testkit/tier'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isCleared } from './data-class.ts'
import { type PlaceCandidate, type PlacedReplica, place } from './place.ts'
import { isWithin } from './residency.ts'

const DEVICES = 6

const policies = fc
  .record(
    {
      dataClass: fc.constantFrom(...Clearance.options),
      residency: fc.constantFrom(['EU'], ['US'], ['DE', 'US']),
      replicas: fc.oneof(fc.constantFrom('all', 'per-site'), fc.integer({ min: 1, max: 4 })),
      order: fc.constantFrom(['edge'], ['edge', 'cloud'], ['cloud', 'onprem', 'edge']),
      spread: fc.constantFrom('site', 'country'),
      purpose: fc.constantFrom('care', 'billing'),
      apart: fc.constant('twin'),
      movesPerHour: fc.integer({ min: 0, max: 3 }),
    },
    { requiredKeys: [] },
  )
  .map((draft) => Placement.parse(draft))

/** A change of one device. */
const changes = fc.record(
  {
    silentSeconds: fc.constantFrom(0, 500),
    cost: fc.integer({ min: 0, max: 9 }),
    load: fc.integer({ min: 0, max: 3 }),
    isTaken: fc.boolean(),
    purposes: fc.subarray(['care', 'billing']),
    site: fc.record({
      name: fc.constantFrom('x', 'y', 'z'),
      kind: fc.constantFrom('edge' as const, 'onprem' as const, 'cloud' as const),
      country: fc.constantFrom('DE', 'US', undefined),
      clearance: fc.constantFrom(...Clearance.options),
    }),
  },
  { requiredKeys: [] },
)

const events = fc.oneof(
  { weight: 6, arbitrary: fc.record({ device: fc.nat({ max: DEVICES - 1 }), change: changes }) },
  { weight: 2, arbitrary: fc.record({ gone: fc.nat({ max: DEVICES - 1 }) }) },
  { weight: 2, arbitrary: fc.record({ back: fc.nat({ max: DEVICES - 1 }) }) },
  { weight: 1, arbitrary: fc.record({ policy: policies }) },
  /** Another deployment needs the device, or no longer does. */
  { weight: 4, arbitrary: fc.record({ reserved: fc.subarray([0, 1, 2, 3]) }) },
  { weight: 2, arbitrary: fc.constant({ active: true }) },
)

const idOf = (at: number) => `dev_d${at}` as DeviceId

const newDevice = (at: number): PlaceCandidate => ({
  id: idOf(at),
  name: `d${at}`,
  site: { name: 'x', kind: 'edge', country: 'DE', clearance: 'confidential' },
  silentSeconds: 0,
  load: 0,
  capacity: 3,
})

type World = {
  devices: readonly PlaceCandidate[]
  gone: ReadonlySet<number>
  policy: Placement
  current: readonly PlacedReplica[]
  reserved: ReadonlySet<DeviceId>
}

type Event = typeof events extends fc.Arbitrary<infer One> ? One : never

function happen(world: World, event: Event): World {
  if ('change' in event)
    return {
      ...world,
      devices: world.devices.map((one, at) => (at === event.device ? { ...one, ...event.change } : one)),
    }
  if ('gone' in event) return { ...world, gone: new Set([...world.gone, event.gone]) }
  if ('back' in event) return { ...world, gone: new Set([...world.gone].filter((at) => at !== event.back)) }
  if ('policy' in event) return { ...world, policy: event.policy }
  if ('reserved' in event) return { ...world, reserved: new Set(event.reserved.map(idOf)) }
  return { ...world, current: world.current.map((one) => ({ ...one, isActive: true })) }
}

/** The rules of data, law and people, in other words than those of the code that decides. */
function isAllowed({ dataClass, residency, order, purpose, apart }: Placement, one: PlaceCandidate): boolean {
  if (dataClass !== undefined && !isCleared(one.site.clearance, dataClass)) return false
  if (residency !== undefined && !isWithin(one.site.country, residency)) return false
  if (order !== undefined && !order.includes(one.site.kind)) return false
  if (purpose !== undefined && !(one.purposes ?? []).includes(purpose)) return false
  return apart === undefined || one.isTaken !== true
}

function step(world: World): World {
  const { policy, current, reserved } = world
  const candidates = world.devices.filter((_, at) => !world.gone.has(at))
  const placing = place(policy, { candidates, current, recentMoves: 0, reserved })
  const kept = placing.candidates.filter(({ verdict }) => verdict === 'picked' || verdict === 'leaving')
  for (const { candidate } of kept) expect(isAllowed(policy, candidate), candidate.name).toBe(true)
  const held = new Set(current.map(({ id }) => id))
  for (const { candidate } of kept.filter(({ candidate: one }) => !held.has(one.id))) {
    expect(candidate.load, 'a full device gets nothing').toBeLessThan(candidate.capacity ?? 0)
    expect(reserved.has(candidate.id), 'nor does one that another deployment needs').toBe(false)
  }
  if (placing.unmet > 0) {
    const spare = placing.candidates.filter(({ verdict }) => verdict === 'standby')
    expect(spare, 'no replica lacks a device while one stands by').toEqual([])
  }
  expect(placing.moves).toBeLessThanOrEqual(policy.movesPerHour)
  // An active replica that the rules still allow never ends before there is another active one, or enough of them.
  const now = new Set(kept.map(({ candidate }) => candidate.id))
  const ended = current.filter(({ id, isActive }) => isActive && !now.has(id))
  const lost = ended.filter(({ id }) => {
    const one = candidates.find((each) => each.id === id)
    return one && isAllowed(policy, one) && one.silentSeconds === 0
  })
  const serving = current.filter(({ id, isActive }) => isActive && now.has(id)).length
  if (typeof policy.replicas === 'number' && lost.length > 0)
    expect(serving).toBeGreaterThanOrEqual(Math.min(policy.replicas, placing.wanted - placing.unmet))
  const active = new Set(current.filter(({ isActive }) => isActive).map(({ id }) => id))
  const next = kept.map(({ candidate: { id }, verdict }) => ({
    id,
    isActive: active.has(id),
    isLeaving: verdict === 'leaving',
  }))
  return { ...world, current: next }
}

test('no rule is broken, and no replica ends too early, in random histories', law, () => {
  fc.assert(
    fc.property(policies, fc.array(events, { minLength: 5, maxLength: 25 }), (policy, history) => {
      const devices = Array.from({ length: DEVICES }, (_, at) => newDevice(at))
      let world = step({ devices, gone: new Set(), policy, current: [], reserved: new Set() })
      for (const event of history) world = step(happen(world, event))
      // Nothing moves without a reason: when all is quiet, a second look decides the same.
      const quiet = step(happen(world, { active: true }))
      const again = step(happen(quiet, { active: true }))
      const rest = step(again)
      expect(new Set(rest.current.map(({ id }) => id))).toEqual(new Set(again.current.map(({ id }) => id)))
    }),
    { numRuns: rounds({ quick: 300, deep: 10_000 }) },
  )
})
