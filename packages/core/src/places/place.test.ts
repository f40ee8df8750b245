import { Placement, type WhatIf } from '@skerry/contract/places/placement'
import { SiteKind } from '@skerry/contract/sites/site'
import { Clearance } from '@skerry/contract/values/clearance'
import type { DeviceId } from '@skerry/contract/values/ids'
import { Name } from '@skerry/contract/values/names'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { costOf, type PlaceCandidate, type PlacedReplica, type PlaceFacts, place } from './place.ts'
import { placementWords, placeReason } from './place-text.ts'
import { isWithin } from './residency.ts'
import { changeWorld } from './what-if.ts'

const policyOf = (spec: object) => Placement.parse(spec)

type Given = Partial<Omit<PlaceCandidate, 'site'>> & { site?: Partial<PlaceCandidate['site']> }

const candidate = (name: string, { site, ...rest }: Given = {}): PlaceCandidate => ({
  id: `dev_${name}` as DeviceId,
  name,
  silentSeconds: 0,
  load: 0,
  ...rest,
  site: { name: 'plant', kind: 'edge', country: 'DE', clearance: 'confidential', ...site },
})

const active = ({ id }: PlaceCandidate): PlacedReplica => ({ id, isActive: true, isLeaving: false })

const verdicts = (policy: Placement, facts: Partial<PlaceFacts>) =>
  Object.fromEntries(
    place(policy, { candidates: [], current: [], recentMoves: 0, ...facts }).candidates.map((one) => [
      one.candidate.name,
      one.verdict,
    ]),
  )

describe('rules', () => {
  test('data stays where clearance and law allow it, and the reason names the rule', () => {
    const policy = policyOf({ dataClass: 'confidential', residency: ['EU', 'CH'], order: ['edge', 'onprem'] })
    const candidates = [
      candidate('a'),
      candidate('b', { site: { clearance: 'internal', name: 'shop' } }),
      candidate('c', { site: { country: 'US' } }),
      candidate('d', { site: { country: undefined } }),
      candidate('e', { site: { kind: 'cloud' } }),
      candidate('f', { site: { country: 'CH', clearance: 'restricted' } }),
    ]
    const placed = place(policy, { candidates, current: [], recentMoves: 0 })
    expect(placed.candidates.map(({ verdict }) => verdict)).toEqual([
      'picked',
      'clearance_too_low',
      'residency_violated',
      'residency_violated',
      'kind_excluded',
      'picked',
    ])
    expect(placed.candidates.map((one) => placeReason(policy, one)).slice(1, 4)).toEqual([
      'the rule dataClass confidential excludes it: the site shop has the clearance internal',
      'the rule residency EU, CH excludes it: the site plant is in US',
      'the rule residency EU, CH excludes it: the site plant is in no stated country',
    ])
  })

  test('a purpose that nobody states for a device, and the devices of a deployment to stay apart from, are excluded', () => {
    const policy = policyOf({ purpose: 'care', apart: 'twin' })
    const candidates = [
      candidate('a', { purposes: ['billing', 'care'] }),
      candidate('b', { purposes: ['billing'] }),
      candidate('c'),
      candidate('d', { purposes: ['care'], isTaken: true }),
    ]
    const placed = place(policy, { candidates, current: [active(candidate('d'))], recentMoves: 0 })
    expect(placed.candidates.map((one) => [one.verdict, placeReason(policy, one)]).slice(1)).toEqual([
      ['purpose_excluded', 'the rule purpose care excludes it: the label purposes names billing'],
      ['purpose_excluded', 'the rule purpose care excludes it: the label purposes names none'],
      ['apart_violated', 'the rule apart twin excludes it: it has a replica of that deployment'],
    ])
  })

  test('the statements of the operator of a computer exclude it, because it would reject the version', () => {
    const policy = policyOf({ dataClass: 'internal', residency: ['EU'] })
    const candidates = [
      candidate('a', { stated: { clearance: 'public' } }),
      candidate('b', { stated: { country: 'US' } }),
      candidate('c', { stated: { clearance: 'restricted', country: 'FR' } }),
      candidate('d', { site: { country: 'US' }, stated: { country: 'FR' } }),
    ]
    const placed = place(policy, { candidates, current: [], recentMoves: 0 })
    expect(placed.candidates.map((one) => [one.verdict, placeReason(policy, one)])).toEqual([
      ['clearance_too_low', 'the rule dataClass internal excludes it: its operator states the clearance public'],
      ['residency_violated', 'the rule residency EU excludes it: its operator states that it is in US'],
      ['picked', expect.any(String)],
      ['residency_violated', 'the rule residency EU excludes it: the site plant is in US'],
    ])
  })

  test('a metered line excludes a device, and an unknown one does not', () => {
    const policy = policyOf({ metered: 'no' })
    const candidates = [candidate('a', { isMetered: true }), candidate('b', { isMetered: false }), candidate('c')]
    expect(verdicts(policy, { candidates })).toEqual({ a: 'metered_excluded', b: 'picked', c: 'picked' })
    expect(placementWords(policy)).toBe('every allowed device, no metered line')
    expect(verdicts(policyOf({}), { candidates })).toEqual({ a: 'picked', b: 'picked', c: 'picked' })
  })

  test('groups of countries are known by name', () => {
    expect(isWithin('SE', ['EU'])).toBe(true)
    expect(isWithin('NO', ['EU'])).toBe(false)
    expect(isWithin('NO', ['EEA'])).toBe(true)
    expect(isWithin(undefined, ['EEA'])).toBe(false)
    expect(Placement.safeParse({ residency: ['DE', 'EU'] }).success).toBe(true)
    expect(Placement.safeParse({ residency: ['EFTA'] }).success).toBe(false)
  })

  test('a policy is one line of words', () => {
    expect(
      placementWords(policyOf({ replicas: 2, residency: ['EU'], order: ['onprem', 'cloud'], spread: 'site' })),
    ).toBe('2 replicas, residency EU, onprem before cloud, spread by site')
  })
})

describe('scores and spread', () => {
  test('cheap, near and idle devices come first, and an unknown cost never wins', () => {
    const policy = policyOf({ replicas: 1 })
    const facts = { candidates: [candidate('dear', { cost: 9 }), candidate('mute'), candidate('cheap', { cost: 1 })] }
    expect(verdicts(policy, facts)).toEqual({ cheap: 'picked', dear: 'standby', mute: 'standby' })
  })

  test.each([
    [{ weights: { request: 100 } }, { requestCost: 1 }, { requestCost: 2 }],
    [{ weights: { energy: 100 } }, { energyWatts: 5 }, { energyWatts: 60 }],
    [{ weights: { bandwidth: 100 } }, { bandwidthMbps: 100 }, { bandwidthMbps: 2 }],
    [{ weights: { loss: 100 } }, { lossPercent: 0 }, { lossPercent: 3 }],
    [{ weights: { metered: 100 } }, { isMetered: false }, { isMetered: true }],
    [{ near: 'camera' }, { distance: 1 }, { distance: 2 }],
  ] as const)('by %j the better device is picked, and one that states nothing is not', (spec, better, worse) => {
    const policy = policyOf({ replicas: 1, ...spec })
    const candidates = [candidate('a', worse), candidate('b'), candidate('c', better)]
    expect(verdicts(policy, { candidates })).toEqual({ a: 'standby', b: 'standby', c: 'picked' })
    // Without the weight, the fact says nothing, and the first name is picked.
    expect(verdicts(policyOf({ replicas: 1 }), { candidates }).a).toBe('picked')
  })

  test('replicas are spread over sites while there are enough', () => {
    const policy = policyOf({ replicas: 3, spread: 'site' })
    const at = (name: string, site: string, cost: number) => candidate(name, { cost, site: { name: site } })
    const candidates = [at('a', 'x', 1), at('b', 'x', 1), at('c', 'y', 9), at('d', 'z', 5), at('e', 'z', 5)]
    expect(verdicts(policy, { candidates })).toEqual({
      a: 'picked',
      b: 'standby',
      c: 'picked',
      d: 'picked',
      e: 'standby',
    })
  })

  test('one for each site', () => {
    const at = (name: string, site: string) => candidate(name, { site: { name: site } })
    const { wanted, unmet } = place(policyOf({ replicas: 'per-site' }), {
      candidates: [at('a', 'x'), at('b', 'x'), at('c', 'y')],
      current: [],
      recentMoves: 0,
    })
    expect({ wanted, unmet }).toEqual({ wanted: 2, unmet: 0 })
  })

  test('the plant is filled first, the cloud takes the rest, and gives it back', () => {
    const policy = policyOf({ replicas: 2, order: ['edge', 'cloud'] })
    const plant = candidate('plant-1', { cost: 99 })
    const cloud = candidate('cloud-1', { cost: 1, site: { kind: 'cloud' } })
    expect(verdicts(policy, { candidates: [plant, cloud] })).toEqual({ 'cloud-1': 'picked', 'plant-1': 'picked' })
    const second = candidate('plant-2', { cost: 99 })
    const facts = { candidates: [plant, cloud, second], current: [active(plant), active(cloud)] }
    expect(verdicts(policy, facts)).toEqual({ 'cloud-1': 'leaving', 'plant-1': 'picked', 'plant-2': 'picked' })
    expect(verdicts(policy, { ...facts, current: [...facts.current, active(second)] })['cloud-1']).toBe('standby')
  })
})

describe('failover and moves', () => {
  test('a silent device is replaced, serves until its successor is active, and stays if nobody can replace it', () => {
    const policy = policyOf({ replicas: 1, failoverSeconds: 60 })
    const old = candidate('a', { silentSeconds: 61 })
    const next = candidate('b')
    const replicas = [active(old)]
    expect(verdicts(policy, { candidates: [old, next], current: replicas })).toEqual({ a: 'leaving', b: 'picked' })
    expect(verdicts(policy, { candidates: [old, next], current: [...replicas, active(next)] }).a).toBe('device_silent')
    const alone = place(policy, { candidates: [old], current: replicas, recentMoves: 0 })
    expect([alone.candidates[0]?.verdict, alone.unmet]).toEqual(['picked', 1])
    expect(alone.candidates.map((one) => placeReason(policy, one))).toEqual([
      'it has been silent for 61 seconds, and no other device can replace it',
    ])
    expect(verdicts(policy, { candidates: [{ ...old, silentSeconds: 60 }, next], current: replicas }).a).toBe('picked')
  })

  test('a broken rule ends a replica at once, also without a successor', () => {
    const policy = policyOf({ replicas: 1, residency: ['EU'] })
    const moved = candidate('a', { site: { country: 'US' } })
    expect(verdicts(policy, { candidates: [moved], current: [active(moved)] }).a).toBe('residency_violated')
  })

  test('a slightly better device is no reason to move, a clearly better one is, within the budget', () => {
    const policy = policyOf({ replicas: 2, movesPerHour: 1 })
    const given = (costs: readonly number[]) => costs.map((cost, index) => candidate(`d${index}`, { cost }))
    const slight = given([10, 9.5, 9, 0])
    const held = slight.slice(0, 2).map(active)
    expect(verdicts(policy, { candidates: slight, current: held }).d2).toBe('standby')
    const clear = given([10, 9, 1, 0])
    const twice = place(policy, { candidates: clear, current: clear.slice(0, 2).map(active), recentMoves: 0 })
    expect(twice.moves).toBe(1)
    expect(twice.candidates.map(({ verdict }) => verdict)).toEqual(['leaving', 'picked', 'standby', 'picked'])
    const spent = place(policy, { candidates: clear, current: clear.slice(0, 2).map(active), recentMoves: 1 })
    expect(spent.candidates.map(({ verdict }) => verdict)).toEqual(['picked', 'picked', 'standby', 'standby'])
  })
})

describe('capacity and cost', () => {
  test('a full device gets nothing more, and keeps the replica that it has', () => {
    const policy = policyOf({ replicas: 1 })
    const full = candidate('a', { load: 2, capacity: 2 })
    const free = candidate('b', { load: 1, capacity: 2, cost: 9 })
    expect(verdicts(policy, { candidates: [full, free] })).toEqual({ a: 'device_full', b: 'picked' })
    expect(verdicts(policy, { candidates: [full], current: [active(full)] })).toEqual({ a: 'picked' })
    const [one] = place(policy, { candidates: [full], current: [], recentMoves: 0 }).candidates
    expect(one && placeReason(policy, one)).toBe(
      'it has room for 2 deployments by the label capacity, and has or was promised 2',
    )
  })

  test('the cost of a decision is that of its replicas, and an unknown cost is counted apart', () => {
    const policy = policyOf({ replicas: 3 })
    const candidates = [
      candidate('a', { cost: 0.1 }),
      candidate('b', { cost: 0.2 }),
      candidate('c'),
      candidate('d', { cost: 9 }),
    ]
    const placed = place(policy, { candidates, current: [active(candidate('c'))], recentMoves: 0 })
    expect(costOf(placed)).toEqual({ perHour: 0.3, unpriced: 1 })
  })
})

describe('what if', () => {
  const policy = policyOf({ replicas: 2, order: ['edge', 'cloud'] })
  const plant = [candidate('a'), candidate('b')]
  const cloud = candidate('c', { cost: 3, site: { name: 'cloud', kind: 'cloud' } })
  const facts: PlaceFacts = { candidates: [...plant, cloud], current: plant.map(active), recentMoves: 0 }
  const ask = (change: WhatIf, given = policy, newDevice?: Omit<PlaceCandidate, 'id' | 'name'>) => {
    const then = changeWorld({ policy: given, facts, newDevice }, change)
    const { unmet, candidates } = place(then.policy, then.facts)
    return { unmet, picked: candidates.filter(({ verdict }) => verdict === 'picked').map((one) => one.candidate.name) }
  }

  test('twice the load wants twice the replicas: the plant first, then the cloud, and the rest has no device', () => {
    expect(ask({ load: 1.5 })).toEqual({ unmet: 0, picked: ['a', 'b', 'c'] })
    expect(ask({ load: 2 })).toEqual({ unmet: 1, picked: ['a', 'b', 'c'] })
    expect(ask({ load: 0.5 }).picked).toEqual(['a'])
  })

  test('a scaling policy bounds the replicas, and a policy without a number does not follow the load', () => {
    const scaled = policyOf({ replicas: 2, scaling: { min: 1, max: 3, target: { metric: 'queue', value: 2 } } })
    expect(ask({ load: 9 }, scaled).unmet).toBe(0)
    expect(ask({ load: 9 }, policyOf({ replicas: 'all' })).unmet).toBe(0)
  })

  test('further devices at a site take replicas as its rules allow, and never have the name of a device', () => {
    const { id: _id, name: _name, ...like } = candidate('x', { site: { name: 'annex' } })
    expect(ask({ replicas: 4 }).unmet).toBe(1)
    const more = changeWorld(
      { policy: policyOf({ replicas: 4 }), facts, newDevice: like },
      { addDevices: 30, site: Name.parse('annex') },
    )
    expect(more.facts.candidates).toHaveLength(33)
    expect(new Set(more.facts.candidates.map(({ id }) => id)).size).toBe(33)
    expect(place(more.policy, more.facts).unmet).toBe(0)
  })

  test('a site or device that is gone leaves its replicas to others', () => {
    expect(ask({ siteDown: Name.parse('plant') })).toEqual({ unmet: 1, picked: ['c'] })
    expect(ask({ deviceDown: Name.parse('a') })).toEqual({ unmet: 0, picked: ['b', 'c'] })
  })
})

const anyCandidates = fc
  .array(
    fc.record({
      cost: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
      latencyMs: fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }),
      load: fc.integer({ min: 0, max: 3 }),
      silentSeconds: fc.constantFrom(0, 0, 0, 500),
      site: fc.record({
        name: fc.constantFrom('x', 'y', 'z'),
        kind: fc.constantFrom(...SiteKind.options),
        country: fc.constantFrom('DE', 'US', undefined),
        clearance: fc.constantFrom(...Clearance.options),
      }),
    }),
    { maxLength: 7 },
  )
  .map((all) => all.map((one, index) => candidate(`d${index}`, one)))

const anyPolicy = fc
  .record(
    {
      dataClass: fc.constantFrom(...Clearance.options),
      residency: fc.constantFrom(['EU'], ['US'], ['DE', 'US']),
      replicas: fc.oneof(fc.constantFrom('all', 'per-site'), fc.integer({ min: 1, max: 5 })),
      order: fc.constantFrom(['edge'], ['edge', 'cloud'], ['cloud', 'onprem', 'edge']),
      spread: fc.constantFrom('site', 'country'),
      movesPerHour: fc.integer({ min: 0, max: 3 }),
    },
    { requiredKeys: [] },
  )
  .map(policyOf)

test('for any fleet no rule is broken, the order of the facts does not matter, and nothing moves twice', () => {
  fc.assert(
    fc.property(anyPolicy, anyCandidates, fc.nat(), (policy, candidates, chosen) => {
      const current = candidates.filter((_, index) => (chosen >> index) & 1).map(active)
      const placed = place(policy, { candidates, current, recentMoves: 0 })
      const again = place(policy, {
        candidates: candidates.toReversed(),
        current: current.toReversed(),
        recentMoves: 0,
      })
      expect(again).toEqual(placed)
      const picked = placed.candidates.filter(({ verdict }) => verdict === 'picked')
      for (const { candidate: one, verdict } of placed.candidates) {
        if (verdict !== 'picked' && verdict !== 'leaving') continue
        if (policy.residency) expect(isWithin(one.site.country, policy.residency)).toBe(true)
        if (policy.order) expect(policy.order).toContain(one.site.kind)
        const floor = Clearance.options.indexOf(policy.dataClass ?? 'public')
        expect(Clearance.options.indexOf(one.site.clearance)).toBeGreaterThanOrEqual(floor)
      }
      if (typeof policy.replicas === 'number') expect(picked.length).toBeLessThanOrEqual(policy.replicas)
      expect(placed.moves).toBeLessThanOrEqual(policy.movesPerHour)
      const settled = picked.map(({ candidate: one }) => active(one))
      const next = place({ ...policy, movesPerHour: 0 }, { candidates, current: settled, recentMoves: 0 })
      const pickedNext = next.candidates.filter(({ verdict }) => verdict === 'picked').map((one) => one.candidate.name)
      expect(pickedNext).toEqual(picked.map((one) => one.candidate.name))
    }),
    { numRuns: 500 },
  )
})

test('of any small fleet the choice is the best of all choices', () => {
  fc.assert(
    fc.property(anyPolicy, anyCandidates, (policy, candidates) => {
      if (typeof policy.replicas !== 'number') return
      const placed = place(policy, { candidates, current: [], recentMoves: 0 })
      const open = placed.candidates.filter(({ score }) => score !== undefined)
      const size = Math.min(policy.replicas, open.length)
      const worthOf = (chosen: typeof open) => [
        // First the order of kinds, then an even spread in each kind, then the scores.
        ...(policy.order ?? []).map((kind) => chosen.filter((one) => one.candidate.site.kind === kind).length),
        -squares(policy, chosen),
        Math.round(100 * chosen.reduce((sum, { score = 0 }) => sum + score, 0)),
      ]
      const best = subsets(open, size).map(worthOf).toSorted(compareLists).at(-1)
      expect(worthOf(open.filter(({ verdict }) => verdict === 'picked'))).toEqual(best)
    }),
    { numRuns: 500 },
  )
})

type Placed = ReturnType<typeof place>['candidates'][number]

function squares({ order, spread }: Placement, chosen: readonly Placed[]): number {
  if (!spread) return 0
  const counts = new Map<string, number>()
  for (const { candidate: one } of chosen) {
    const place = spread === 'site' ? one.site.name : (one.site.country ?? one.site.name)
    const key = `${order ? one.site.kind : ''} ${place}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return [...counts.values()].reduce((sum, count) => sum + count * count, 0)
}

function subsets<One>(all: readonly One[], size: number): One[][] {
  if (size === 0) return [[]]
  return all.flatMap((one, index) => subsets(all.slice(index + 1), size - 1).map((rest) => [one, ...rest]))
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, place) => value !== b[place])
  return index === -1 ? 0 : (a[index] ?? 0) - (b[index] ?? 0)
}
