/**
 * Place: chooses the devices of a deployment by its policy: first the rules, then a score, then the assignment. It is
 * pure and deterministic: the same facts always give the same devices, in whatever order they come.
 *
 * It is sticky. A replica moves if its device breaks a rule or is silent, or if it can return to a kind of site that the
 * policy prefers, or if another device is clearly better and the budget of moves allows it. A replica that moves without
 * need stays until its successor is active.
 */
import type { Placement, PlacementCost, PlaceVerdict } from '@skerry/contract/places/placement'
import type { SiteKind } from '@skerry/contract/sites/site'
import type { Clearance } from '@skerry/contract/values/clearance'
import type { DeviceId } from '@skerry/contract/values/ids'
import { isCleared } from './data-class.ts'
import { isWithin } from './residency.ts'

/** The same device, another one at the same site, in the same country, or elsewhere. */
export type Distance = 0 | 1 | 2 | 3

/** A device that the selector and all other checks allow. */
export type PlaceCandidate = {
  id: DeviceId
  name: string
  site: { name: string; kind: SiteKind; country?: string | undefined; clearance: Clearance }
  /** Seconds since the hub last heard it; 0 if it is connected. */
  silentSeconds: number
  /** Per hour, in any one currency. Undefined if nobody states it. */
  cost?: number | undefined
  latencyMs?: number | undefined
  /** Of a request, in the same currency. */
  requestCost?: number | undefined
  energyWatts?: number | undefined
  bandwidthMbps?: number | undefined
  lossPercent?: number | undefined
  /** Its line costs by the byte. Undefined if nobody knows. */
  isMetered?: boolean | undefined
  /** The operator of the computer states them. They count beside those of the site. */
  stated?: { clearance?: Clearance | undefined; country?: string | undefined } | undefined
  /** Its class of hardware; undefined if it is unknown, or if nobody asks. */
  hardwareClass?: string | undefined
  /** The purposes for which its site may process data. Undefined if nobody states them. */
  purposes?: readonly string[] | undefined
  /** To the nearest replica of the deployment `near`. Undefined if that has none. */
  distance?: Distance | undefined
  /** It has a replica of the deployment `apart`, or was promised one. */
  isTaken?: boolean | undefined
  /** Other deployments that it has or was promised. */
  load: number
  /** The number of deployments that it has room for. Undefined if nobody states it. */
  capacity?: number | undefined
}

/** A device that has a replica now. */
export type PlacedReplica = {
  id: DeviceId
  /** It serves a version of the deployment by its last report. */
  isActive: boolean
  /** It is replaced already, and serves until its successor is active. */
  isLeaving: boolean
}

export type PlaceFacts = {
  candidates: readonly PlaceCandidate[]
  current: readonly PlacedReplica[]
  /** Moves without need in the last hour. */
  recentMoves: number
  /** Devices that other deployments need, as `relief.ts` has found. */
  reserved?: ReadonlySet<DeviceId> | undefined
}

export type PlacedCandidate = { candidate: PlaceCandidate; verdict: PlaceVerdict; score?: number }

/** Whether the device has a replica by this verdict: also one that serves until its successor is active. */
export const isPlaced = ({ verdict }: Pick<PlacedCandidate, 'verdict'>): boolean =>
  verdict === 'picked' || verdict === 'leaving'

export type Placing = {
  /** Each candidate with its verdict, by name. */
  candidates: PlacedCandidate[]
  /** The replicas that the policy asks for, and those that no device can hold. */
  wanted: number
  unmet: number
  /** The replicas that begin to move without need by this decision. */
  moves: number
}

/** A device must be better by this much before a replica moves to it: less is noise of loads and latencies. */
const CLEARLY_BETTER = 15

type Scored = {
  candidate: PlaceCandidate
  score: number
  /** Lower ranks are filled first. */
  rank: number
  isCurrent: boolean
}

export function place(policy: Placement, { candidates, current, recentMoves, reserved }: PlaceFacts): Placing {
  const ordered = candidates.toSorted((a, b) => compareText(a.name, b.name) || compareText(a.id, b.id))
  const held = new Map(current.map((replica) => [replica.id, replica]))
  const isCurrent = (id: DeviceId) => held.get(id)?.isLeaving === false
  const roomOf = (one: PlaceCandidate) => (reserved?.has(one.id) ? 'device_reserved' : fullness(one, held.has(one.id)))
  const rules = new Map(ordered.map((one) => [one.id, brokenRule(policy, one) ?? roomOf(one)]))
  const open = ordered.filter(({ id }) => rules.get(id) === undefined)
  // A silent device keeps its replica if nobody can replace it: it may serve where it is, and it may come back. A
  // device that another deployment needs keeps its replica, too: the hub takes no replica from one to give it to another.
  const isLast = (id: DeviceId) => rules.get(id) === 'device_silent' || rules.get(id) === 'device_reserved'
  const last = ordered.filter(({ id }) => isLast(id) && isCurrent(id))
  const scores = scoresOf(policy, open)
  const scored = [
    ...open.map((candidate) => ({ candidate, rank: policy.order?.indexOf(candidate.site.kind) ?? 0 })),
    ...last.map((candidate) => ({ candidate, rank: LAST_RANK })),
  ].map((one): Scored => {
    const { id } = one.candidate
    return { ...one, score: scores.get(id) ?? 0, isCurrent: isCurrent(id) }
  })
  const wanted = wantedOf(policy, open)
  const movesLeft = Math.max(0, policy.movesPerHour - recentMoves)
  const { picked, moves } = assign(policy, scored, { wanted, movesLeft })
  const isReserved = ({ id }: PlaceCandidate) => rules.get(id) === 'device_reserved'
  const stayers = ordered.filter((one) => scores.has(one.id) || isReserved(one) || last.includes(one))
  const staying = leavingOf({ picked, held, candidates: stayers })
  const verdictOf = (id: DeviceId): PlaceVerdict => {
    if (picked.has(id)) return 'picked'
    return staying.has(id) ? 'leaving' : (rules.get(id) ?? 'standby')
  }
  return {
    candidates: ordered.map((candidate) => {
      const score = scores.get(candidate.id)
      return { candidate, verdict: verdictOf(candidate.id), ...(score !== undefined && { score }) }
    }),
    wanted,
    unmet: Math.max(0, wanted - [...picked].filter((id) => rules.get(id) !== 'device_silent').length),
    moves,
  }
}

/** After all kinds of sites. */
const LAST_RANK = 100

/** The rule that excludes the candidate. */
function brokenRule(policy: Placement, candidate: PlaceCandidate): PlaceVerdict | undefined {
  const { site, silentSeconds, purposes, isTaken, isMetered } = candidate
  const ofData = brokenDataRule(policy, candidate)
  if (ofData) return ofData
  if (policy.metered === 'no' && isMetered) return 'metered_excluded'
  if (policy.order && !policy.order.includes(site.kind)) return 'kind_excluded'
  if (policy.purpose !== undefined && !purposes?.includes(policy.purpose)) return 'purpose_excluded'
  if (policy.apart !== undefined && isTaken) return 'apart_violated'
  return policy.replicas !== 'all' && silentSeconds > policy.failoverSeconds ? 'device_silent' : undefined
}

/** The device rejects its operator's exclusions by itself, so that a replica there would never start. */
function brokenDataRule(
  { dataClass, residency }: Placement,
  { site, stated }: PlaceCandidate,
): 'clearance_too_low' | 'residency_violated' | undefined {
  const isHandled = (clearance: Clearance | undefined) =>
    dataClass === undefined || clearance === undefined || isCleared(clearance, dataClass)
  if (!isHandled(site.clearance) || !isHandled(stated?.clearance)) return 'clearance_too_low'
  if (!residency) return undefined
  const isAbroad = stated?.country !== undefined && !isWithin(stated.country, residency)
  return isWithin(site.country, residency) && !isAbroad ? undefined : 'residency_violated'
}

/** A device that has a replica already has room for it. */
const fullness = ({ load, capacity }: PlaceCandidate, isHeld: boolean): PlaceVerdict | undefined =>
  capacity !== undefined && load >= capacity && !isHeld ? 'device_full' : undefined

/** The cost of the replicas of a decision. */
export function costOf({ candidates }: Pick<Placing, 'candidates'>): PlacementCost {
  const costs = candidates.filter(({ verdict }) => verdict === 'picked').map(({ candidate }) => candidate.cost)
  const known = costs.filter((cost) => cost !== undefined)
  // Sums of prices such as 0.1 get a tail of binary digits.
  const perHour = Number(known.reduce((sum, cost) => sum + cost, 0).toPrecision(12))
  return { perHour, unpriced: costs.length - known.length }
}

function wantedOf({ replicas }: Placement, open: readonly PlaceCandidate[]): number {
  if (replicas === 'all') return open.length
  if (replicas === 'per-site') return new Set(open.map(({ site }) => site.name)).size
  return replicas
}

/** From 0 to 100 for each. A fact that is unknown counts as the worst known one, so that nobody wins by saying nothing. */
function scoresOf(policy: Placement, open: readonly PlaceCandidate[]): Map<DeviceId, number> {
  const sums = new Map(open.map(({ id }) => [id, 0]))
  let total = 0
  for (const [weight, factOf] of weighedFacts(policy)) {
    const known = open.map(factOf).filter((value) => value !== undefined)
    if (weight === 0 || known.length === 0) continue
    const [low, high] = boundsOf(known)
    total += weight
    for (const candidate of open) {
      const share = high === low ? 1 : (high - (factOf(candidate) ?? high)) / (high - low)
      sums.set(candidate.id, (sums.get(candidate.id) ?? 0) + weight * share)
    }
  }
  return new Map([...sums].map(([id, sum]) => [id, total === 0 ? 100 : Math.round((10_000 * sum) / total) / 100]))
}

type WeighedFact = readonly [weight: number, factOf: (candidate: PlaceCandidate) => number | undefined]

function weighedFacts({ weights, near }: Placement): WeighedFact[] {
  const { cost, latency, load, request = 0, energy = 0, bandwidth = 0, loss = 0, metered = 0 } = weights
  return [
    [cost, (candidate) => candidate.cost],
    [latency, ({ latencyMs }) => latencyMs],
    [load, (candidate) => candidate.load],
    [request, ({ requestCost }) => requestCost],
    [energy, ({ energyWatts }) => energyWatts],
    [bandwidth, ({ bandwidthMbps }) => negated(bandwidthMbps)],
    [loss, ({ lossPercent }) => lossPercent],
    [metered, ({ isMetered }) => (isMetered === undefined ? undefined : Number(isMetered))],
    [near === undefined ? 0 : (weights.near ?? NEAR_WEIGHT), ({ distance }) => distance],
  ]
}

/** As much as the cost and the latency count by default. */
const NEAR_WEIGHT = 50

/** For facts of which more is better. */
const negated = (value: number | undefined) => (value === undefined ? undefined : -value)

/** Not `Math.min(...values)`: 10,000 arguments are more than some engines take. */
const boundsOf = (values: readonly number[]): [number, number] =>
  values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity])

type Assigning = { wanted: number; movesLeft: number }
type Assigned = { picked: Set<DeviceId>; moves: number }

/** The best assignment. If it needs more moves than are left, the worst replicas move now and the others later. */
function assign(policy: Placement, scored: readonly Scored[], { wanted, movesLeft }: Assigning): Assigned {
  if (policy.replicas === 'all') return { picked: new Set(scored.map(({ candidate }) => candidate.id)), moves: 0 }
  const best = fill(policy, scored, { wanted, fixed: new Set() })
  const isMoved = ({ candidate, isCurrent, rank }: Scored) => isCurrent && rank !== LAST_RANK && !best.has(candidate.id)
  const moved = scored.filter(isMoved)
  // Replicas beyond the wanted number end without a move.
  const surplus = Math.max(0, scored.filter(({ isCurrent }) => isCurrent).length - wanted)
  const moves = Math.max(0, moved.length - surplus)
  if (moves <= movesLeft) return { picked: best, moves }
  const last = moved.toSorted((a, b) => b.rank - a.rank || a.score - b.score).slice(0, movesLeft + surplus)
  const free = new Set(last.map(({ candidate }) => candidate.id))
  const fixed = new Set(moved.map(({ candidate }) => candidate.id).filter((id) => !free.has(id)))
  return { picked: fill(policy, scored, { wanted, fixed }), moves: movesLeft }
}

type Filling = {
  wanted: number
  /** Replicas that stay, whatever is better. */
  fixed: ReadonlySet<DeviceId>
}

/**
 * Kinds of sites in their order; within a kind, the first device of each place of the spread, then the second of each,
 * and so on, so that no place gets two while another has none; within a turn, the better device.
 */
function fill(policy: Placement, scored: readonly Scored[], { wanted, fixed }: Filling): Set<DeviceId> {
  const placeOf = spreadPlaces(policy)
  const worth = ({ score, isCurrent }: Scored) => score + (isCurrent ? CLEARLY_BETTER : 0)
  const isFixed = ({ candidate }: Scored) => fixed.has(candidate.id)
  const first = (a: Scored, b: Scored) => Number(isFixed(b)) - Number(isFixed(a)) || a.rank - b.rank
  const turns = new Map<string, number>()
  const inTurn = scored
    .toSorted((a, b) => first(a, b) || worth(b) - worth(a))
    .map((one) => {
      const group = `${one.rank} ${placeOf(one.candidate)}`
      const turn = turns.get(group) ?? 0
      turns.set(group, turn + 1)
      return { one, turn }
    })
    .toSorted((a, b) => first(a.one, b.one) || a.turn - b.turn || worth(b.one) - worth(a.one))
  return new Set(takeInTurn(policy, inTurn, wanted).map(({ candidate }) => candidate.id))
}

function takeInTurn({ replicas }: Placement, line: readonly { one: Scored; turn: number }[], wanted: number): Scored[] {
  const all = line.map(({ one }) => one)
  if (replicas !== 'per-site') return all.slice(0, wanted)
  const taken = new Map<string, Scored>()
  for (const one of all) if (!taken.has(one.candidate.site.name)) taken.set(one.candidate.site.name, one)
  return [...taken.values()]
}

/** Devices of one place should not get two replicas while another place has none. */
function spreadPlaces({ spread, replicas }: Placement): (candidate: PlaceCandidate) => string {
  if (replicas === 'per-site' || spread === 'site') return ({ site }) => site.name
  if (spread === 'country') return ({ site }) => site.country ?? site.name
  return ({ id }) => id
}

type Leaving = {
  picked: ReadonlySet<DeviceId>
  held: ReadonlyMap<DeviceId, PlacedReplica>
  candidates: readonly PlaceCandidate[]
}

/** Active replicas that are not picked any more stay until their successors are active. */
function leavingOf({ picked, held, candidates }: Leaving): Set<DeviceId> {
  const waiting = [...picked].filter((id) => held.get(id)?.isActive !== true).length
  const old = candidates.map(({ id }) => id).filter((id) => !picked.has(id) && held.get(id)?.isActive === true)
  return new Set(old.slice(0, waiting))
}

const compareText = (a: string, b: string) => Number(a > b) - Number(a < b)
