import { Placement } from '@skerry/contract/places/placement'
import type { DeviceId } from '@skerry/contract/values/ids'
import { law, rounds } from '@skerry/testkit/tier'
import * as fc from 'fast-check'
import highs from 'highs'
import { expect, test } from 'vitest'
import { type PlaceCandidate, type PlacedReplica, type Placing, place } from './place.ts'
import { type ReliefLimits, type Reserves, relieve } from './relief.ts'

/** [highs 1.15.3] Its types are those of CommonJS, and Node imports its ES module. */
const openHighs = highs as unknown as typeof highs.default

/** The devices that the deployment may use, by their numbers, and its replicas. */
type Wish = { may: readonly number[]; replicas: number }
type World = { capacities: readonly number[]; wishes: readonly Wish[] }

type Held = ReadonlyMap<string, readonly PlacedReplica[]>

const idOf = (at: number) => `dev_${at}` as DeviceId

/** One look of the hub: each deployment in turn, with the promises of those before it. */
function look({ capacities, wishes }: World, held: Held, reserves: Reserves): { held: Held; placings: Placing[] } {
  const now = new Map(held)
  const placings = wishes.map(({ may, replicas }, at) => {
    const name = String(at)
    const loadOf = (id: DeviceId) =>
      [...now].filter(([other, theirs]) => other !== name && theirs.some((one) => one.id === id)).length
    const candidates = may.map((device): PlaceCandidate => {
      const id = idOf(device)
      const site = { name: 'x', kind: 'edge', country: 'DE', clearance: 'public' } as const
      return { id, name: id, site, silentSeconds: 0, load: loadOf(id), capacity: capacities[device] }
    })
    const facts = { candidates, current: now.get(name) ?? [], recentMoves: 0, reserved: reserves.get(name) }
    const placing = place(Placement.parse({ replicas }), facts)
    const isKept = ({ verdict }: Placing['candidates'][number]) => verdict === 'picked' || verdict === 'leaving'
    now.set(
      name,
      placing.candidates.filter(isKept).map(({ candidate, verdict }) => ({
        id: candidate.id,
        // Each replica is active by the next look.
        isActive: true,
        isLeaving: verdict === 'leaving',
      })),
    )
    return placing
  })
  return { held: now, placings }
}

const search = (placings: readonly Placing[], limits?: ReliefLimits) =>
  relieve(
    placings.map((placing, at) => ({ id: String(at), isMovable: true, placing })),
    limits,
  )

const reserve = (placings: readonly Placing[], limits?: ReliefLimits) => search(placings, limits).reserves

/** Looks until nothing changes, and checks that no device ever has more than it holds, and that no replica is lost. */
function settle(world: World, isRelieved: boolean, limits?: ReliefLimits): number {
  let held: Held = new Map()
  let reserves: Reserves = new Map()
  let unmet = Number.POSITIVE_INFINITY
  let still = 0
  for (let round = 0; round < 60 && still < 3; round++) {
    const next = look(world, held, reserves)
    const known = JSON.stringify([...held])
    const counts = new Map<DeviceId, number>()
    for (const one of [...next.held.values()].flat()) counts.set(one.id, (counts.get(one.id) ?? 0) + 1)
    for (const [at, capacity] of world.capacities.entries())
      expect(counts.get(idOf(at)) ?? 0).toBeLessThanOrEqual(capacity)
    const nowUnmet = next.placings.reduce((sum, placing) => sum + placing.unmet, 0)
    expect(nowUnmet, 'relief takes no replica away').toBeLessThanOrEqual(unmet)
    unmet = nowUnmet
    held = next.held
    reserves = isRelieved ? reserve(next.placings, limits) : new Map()
    still = JSON.stringify([...held]) === known ? still + 1 : 0
  }
  expect(still, 'it comes to rest').toBe(3)
  return unmet
}

/** The fewest replicas without a device, by trying every assignment. */
function bruteForce({ capacities, wishes }: World): number {
  const [first, ...rest] = wishes
  if (!first) return 0
  const free = first.may.filter((device) => (capacities[device] ?? 0) > 0)
  const choices = subsets(free).filter(({ length }) => length <= first.replicas)
  return Math.min(
    ...choices.map((chosen) => {
      const left = capacities.map((capacity, device) => capacity - Number(chosen.includes(device)))
      return first.replicas - chosen.length + bruteForce({ capacities: left, wishes: rest })
    }),
  )
}

const subsets = <One>(all: readonly One[]): One[][] =>
  Array.from({ length: 2 ** all.length }, (_, bits) => all.filter((_one, at) => (bits >> at) % 2 === 1))

test('a deployment leaves the only device of another one, serves until its successor is active, and stays away', () => {
  const world: World = {
    capacities: [1, 1],
    wishes: [
      { may: [0, 1], replicas: 1 },
      { may: [0], replicas: 1 },
    ],
  }
  const first = look(world, new Map(), new Map())
  expect(first.placings.map(({ unmet }) => unmet)).toEqual([0, 1])
  const reserves = reserve(first.placings)
  expect([...reserves].map(([id, devices]) => [id, ...devices])).toEqual([['0', 'dev_0']])
  const second = look(world, first.held, reserves)
  expect(second.placings[0]?.candidates.map(({ verdict }) => verdict)).toEqual(['leaving', 'picked'])
  expect(second.placings[1]?.unmet).toBe(1)
  const third = look(world, second.held, reserve(second.placings))
  expect(third.placings.map(({ unmet }) => unmet)).toEqual([0, 0])
  expect(reserve(third.placings).size).toBe(0)
})

test('nobody moves for a deployment that cannot be helped', () => {
  const world: World = {
    capacities: [1],
    wishes: [
      { may: [0], replicas: 1 },
      { may: [0], replicas: 1 },
    ],
  }
  expect(reserve(look(world, new Map(), new Map()).placings).size).toBe(0)
})

/** A search that may find one path stops here. Random worlds of this kind are rare. */
const TWO_MOVES: World = {
  capacities: [1, 1, 1, 1],
  wishes: [
    { may: [1, 2, 3], replicas: 2 },
    { may: [1], replicas: 1 },
    { may: [0], replicas: 3 },
  ],
}

test('a search that a limit ends says so, its reserves are valid, and the next looks find the rest', () => {
  const looked = (world: World) => look(world, new Map(), new Map()).placings
  let stopped = 0
  fc.assert(
    fc.property(worldsOf(4, 4), (world) => {
      const unlimited = search(looked(world))
      expect(unlimited.isStopped).toBe(false)
      const limits = { stepsMax: 1_000, pathsMax: 1 }
      const limited = search(looked(world), limits)
      // A search that was not stopped has found all.
      if (!limited.isStopped) expect([...limited.reserves]).toEqual([...unlimited.reserves])
      if (limited.isStopped) stopped += 1
      expect(settle(world, true, limits)).toBe(bruteForce(world))
      // Nothing is moved by a search that had no time for a path.
      const none = search(looked(world), { stepsMax: 0, pathsMax: 9 })
      expect(none.reserves.size).toBe(0)
      if (unlimited.reserves.size > 0) expect(none.isStopped).toBe(true)
    }),
    { numRuns: 200, examples: [[TWO_MOVES]] },
  )
  expect(stopped).toBeGreaterThan(0)
})

test('a large fleet in which each deployment may use fewer devices than the one before is shared in full', () => {
  const devices = 500
  const deployments = 20
  const replicas = Math.floor((devices * 0.95) / deployments)
  const all = Array.from({ length: devices }, (_, at) => at)
  const wishes = Array.from({ length: deployments }, (_, at) => ({
    may: all.slice(0, Math.max(replicas, Math.round(devices * (1 - at / deployments)))),
    replicas,
  }))
  const first = look({ capacities: all.map(() => 1), wishes }, new Map(), new Map())
  expect(first.placings.reduce((sum, { unmet }) => sum + unmet, 0)).toBeGreaterThan(50)
  const relief = search(first.placings)
  expect(relief.isStopped).toBe(false)
  const gains = search(first.placings, { stepsMax: 200_000, pathsMax: 1_000 })
  expect(gains.isStopped, 'the steps follow the pairs of deployments, and not the devices of each path').toBe(false)
  expect(settle({ capacities: all.map(() => 1), wishes }, true)).toBe(0)
})

/** [HiGHS] The same by a mixed-integer solver, for fleets that are too large to try everything. */
function solve(highs: Awaited<ReturnType<typeof openHighs>>, { capacities, wishes }: World): number {
  const terms = wishes.flatMap(({ may }, wish) => may.map((device) => ({ wish, device, name: `x${wish}_${device}` })))
  const sum = (of: typeof terms) => of.map(({ name }) => name).join(' + ')
  const rows = [
    ...wishes.map(({ replicas }, at) => [terms.filter(({ wish }) => wish === at), replicas] as const),
    ...capacities.map((capacity, at) => [terms.filter(({ device }) => device === at), capacity] as const),
  ].filter(([of]) => of.length > 0)
  const wanted = wishes.reduce((total, { replicas }) => total + replicas, 0)
  if (terms.length === 0) return wanted
  const text = [
    'Maximize',
    ` all: ${sum(terms)}`,
    'Subject To',
    ...rows.map(([of, most], at) => ` r${at}: ${sum(of)} <= ${most}`),
    'Binary',
    ` ${terms.map(({ name }) => name).join(' ')}`,
    'End',
  ].join('\n')
  const { Status: status, ObjectiveValue: met } = highs.solve(text)
  if (status !== 'Optimal') throw new Error(`the solver found ${status}`)
  return wanted - Math.round(met)
}

const worldsOf = (devicesMax: number, deploymentsMax: number) =>
  fc.integer({ min: 1, max: devicesMax }).chain((devices) =>
    fc.record({
      capacities: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: devices, maxLength: devices }),
      wishes: fc.array(
        fc.record({
          may: fc.subarray(Array.from({ length: devices }, (_, at) => at)),
          replicas: fc.integer({ min: 1, max: 3 }),
        }),
        { minLength: 1, maxLength: deploymentsMax },
      ),
    }),
  )

test('of any small fleet no assignment has fewer replicas without a device', () => {
  let relieved = 0
  fc.assert(
    fc.property(worldsOf(4, 4), (world) => {
      const best = bruteForce(world)
      expect(settle(world, true)).toBe(best)
      if (settle(world, false) > best) relieved += 1
    }),
    { numRuns: 400 },
  )
  // Without relief some of these fleets have more, so that the law says something.
  expect(relieved).toBeGreaterThan(0)
})

test('of larger fleets a solver finds nothing better', law, async () => {
  const highs = await openHighs()
  fc.assert(
    fc.property(worldsOf(14, 9), (world) => {
      expect(settle(world, true)).toBe(solve(highs, world))
    }),
    { numRuns: rounds({ quick: 60, deep: 1_000 }) },
  )
})
