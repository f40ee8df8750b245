/**
 * Choose backend: the place that gets the next attempt of a request. Pure and deterministic.
 *
 * Places are in tiers: healthy ones first, then heard ones before silent ones, the wanted version before others, and the
 * preference of the route. Within a tier the place with the fewest requests gets it, and equal places take turns. A full
 * place passes its requests to the next tier. A half-open place gets a request only if no healthy one is free: gateways
 * test it with requests of their own. `local` prefers the device of the gateway itself, then its site, then the places with
 * the shortest round trip.
 */
import type { BreakerState, RouteSpec, TablePlace } from '@skerry/contract/routes/route'
import type { DeviceId } from '@skerry/contract/values/ids'
import { type Backend, breakerOf, newBackend } from './backend.ts'

export type RoutingState = {
  spec: RouteSpec
  places: readonly TablePlace[]
  backends: ReadonlyMap<DeviceId, Backend>
}

export type Attempt = {
  nowMs: number
  /** The site of the gateway. */
  site?: string | undefined
  /** The device whose agent runs the gateway. */
  own?: DeviceId | undefined
  /** The measured round trips from the gateway, in steps. Unknown ones come last. */
  trips?: ReadonlyMap<DeviceId, number> | undefined
  /** Places that have failed for this request. */
  tried: ReadonlySet<DeviceId>
  /** From 0 (inclusive) to 100 (exclusive): decides the version of a split. The same for all attempts of a request. */
  draw: number
}

export type Choice =
  | { ok: true; place: TablePlace }
  /** full: waiting helps. broken: every place has failed lately. tried: the request has been at every place. */
  | { ok: false; code: 'none' | 'full' | 'broken' | 'tried' }

export function chooseBackend({ spec, places, backends }: RoutingState, attempt: Attempt): Choice {
  if (places.length === 0) return { ok: false, code: 'none' }
  const untried = places.filter(({ id }) => !attempt.tried.has(id))
  if (untried.length === 0) return { ok: false, code: 'tried' }
  const known = untried.map((place) => {
    const backend = backends.get(place.id) ?? newBackend
    return { place, backend, state: breakerOf(backend, attempt.nowMs) }
  })
  // One request tries a half-open place; the others go elsewhere until it has answered.
  const usable = known.filter(({ state, backend }) => state === 'closed' || (state === 'half-open' && isIdle(backend)))
  if (usable.length === 0) return { ok: false, code: 'broken' }
  const free = usable.filter(({ backend }) => backend.outstanding < spec.concurrency)
  const [first] = free.toSorted(
    (a, b) =>
      compareTiers(tierOf(spec, a, attempt), tierOf(spec, b, attempt)) ||
      a.backend.outstanding - b.backend.outstanding ||
      a.backend.chosenAt - b.backend.chosenAt ||
      Number(a.place.id > b.place.id) - Number(a.place.id < b.place.id),
  )
  return first ? { ok: true, place: first.place } : { ok: false, code: 'full' }
}

const isIdle = ({ outstanding }: Backend) => outstanding === 0

type Known = { place: TablePlace; state: BreakerState }

/** The lower, the better, from the first number on. */
function tierOf(spec: RouteSpec, { place, state }: Known, { site, own, trips, draw }: Attempt): readonly number[] {
  const { split } = spec
  const isOther = split ? (place.version === split.version) !== draw < split.percent : false
  const isOwn = place.id === own
  const distance = place.site === site ? 1 : FURTHER + (trips?.get(place.id) ?? FURTHEST)
  const order = { local: isOwn ? 0 : distance, least: 0, order: spec.sites?.indexOf(place.site) ?? 0 }
  // The gateway reaches its own device, whether the hub hears it or not.
  const isSilent = place.isSilent && !isOwn
  return [Number(state !== 'closed'), Number(isSilent), Number(isOther), order[spec.prefer]]
}

/** Behind the own device and the own site. */
const FURTHER = 2

/** A round trip that nobody has measured, in milliseconds. */
const FURTHEST = 1_000_000

const compareTiers = (a: readonly number[], b: readonly number[]) =>
  a.reduce((result, value, at) => result || value - (b[at] ?? 0), 0)
