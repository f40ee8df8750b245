/** Traffic: counts the requests of the last minute for each place and route, in bounded memory. */
import type { PlaceCounts } from '@skerry/contract/routes/route'
import type { DeviceId } from '@skerry/contract/values/ids'
import type { Clock } from '@skerry/platform/process/clock'

/** Six slices of ten seconds: old ones are reused, so that nothing grows. */
const SLICE_MS = 10_000
const SLICES = 6

/** From 0.05 ms to more than ten minutes in steps of 20 %: the figures are for people. */
const BINS = 92
const FIRST_MS = 0.05
const STEP = Math.log(1.2)

type Slice = { number: number; requests: number; failed: number; bins: Uint32Array }
type RouteSlice = { number: number; overloaded: number; unanswered: number; retried: number }

export type RouteEvent = 'overloaded' | 'unanswered' | 'retried'

type Figures = Pick<PlaceCounts, 'requests' | 'failed' | 'p50Ms' | 'p99Ms'>

export type Traffic = {
  /** An attempt at a place is over. */
  place(route: string, place: DeviceId, attempt: { ms: number; isFailed: boolean }): void
  route(route: string, event: RouteEvent): void
  figures(route: string, place: DeviceId): Figures
  routeFigures(route: string): Record<RouteEvent, number>
  /** The seconds that the figures cover. */
  seconds(): number
  /** Forgets the other routes. */
  keep(routes: ReadonlySet<string>): void
}

export function createTraffic(clock: Pick<Clock, 'monotonicMs'>): Traffic {
  const startMs = clock.monotonicMs()
  const places = new Map<string, Map<DeviceId, Slice[]>>()
  const routes = new Map<string, RouteSlice[]>()
  const now = () => Math.floor((clock.monotonicMs() - startMs) / SLICE_MS)
  const isRecent = ({ number }: { number: number }) => number > now() - SLICES

  return {
    place(route, place, { ms, isFailed }) {
      const ofRoute = places.get(route) ?? new Map<DeviceId, Slice[]>()
      places.set(route, ofRoute)
      const slices = ofRoute.get(place) ?? []
      ofRoute.set(place, slices)
      const slice = sliceOf(slices, now(), newSlice)
      slice.requests += 1
      if (isFailed) slice.failed += 1
      else slice.bins[binOf(ms)] = (slice.bins[binOf(ms)] ?? 0) + 1
    },
    route(route, event) {
      const slices = routes.get(route) ?? []
      routes.set(route, slices)
      sliceOf(slices, now(), (number) => ({ number, overloaded: 0, unanswered: 0, retried: 0 }))[event] += 1
    },
    figures(route, place) {
      const slices = (places.get(route)?.get(place) ?? []).filter(isRecent)
      const p50Ms = quantile(slices, 0.5)
      const p99Ms = quantile(slices, 0.99)
      return {
        requests: slices.reduce((sum, { requests }) => sum + requests, 0),
        failed: slices.reduce((sum, { failed }) => sum + failed, 0),
        ...(p50Ms !== undefined && { p50Ms }),
        ...(p99Ms !== undefined && { p99Ms }),
      }
    },
    routeFigures(route) {
      const slices = (routes.get(route) ?? []).filter(isRecent)
      const sum = (event: RouteEvent) => slices.reduce((total, slice) => total + slice[event], 0)
      return { overloaded: sum('overloaded'), unanswered: sum('unanswered'), retried: sum('retried') }
    },
    seconds: () =>
      Math.min(clock.monotonicMs() - startMs, (SLICES - 1) * SLICE_MS + ((clock.monotonicMs() - startMs) % SLICE_MS)) /
      1_000,
    keep(known) {
      for (const name of places.keys()) if (!known.has(name)) places.delete(name)
      for (const name of routes.keys()) if (!known.has(name)) routes.delete(name)
    },
  }
}

const newSlice = (number: number): Slice => ({ number, requests: 0, failed: 0, bins: new Uint32Array(BINS) })

/** The slice of this time; it takes the place of the one a minute ago. */
function sliceOf<S extends { number: number }>(slices: S[], number: number, make: (number: number) => S): S {
  const at = number % SLICES
  const present = slices[at]
  if (present?.number === number) return present
  const made = make(number)
  slices[at] = made
  return made
}

const binOf = (ms: number) => Math.min(BINS - 1, Math.max(0, Math.ceil(Math.log(ms / FIRST_MS) / STEP)))

/** The upper end of the bin that has it. Undefined without an answer. */
function quantile(slices: readonly Slice[], share: number): number | undefined {
  const total = slices.reduce((sum, { requests, failed }) => sum + requests - failed, 0)
  if (total === 0) return undefined
  let seen = 0
  for (let bin = 0; bin < BINS; bin++) {
    for (const { bins } of slices) seen += bins[bin] ?? 0
    if (seen >= total * share) return Math.round(FIRST_MS * Math.exp(STEP * bin) * 1_000) / 1_000
  }
  return undefined
}
