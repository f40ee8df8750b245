/** Routing: the routes of a gateway with the states of their places and their budgets, as the forwarder needs them. */
import type { BreakerState, GatewayReport, RouteTable, TablePlace, TableRoute } from '@skerry/contract/routes/route'
import type { DeviceId } from '@skerry/contract/values/ids'
import { type Backend, begun, breakerOf, ended, newBackend, type Outcome } from '@skerry/core/routes/backend'
import { type Choice, chooseBackend } from '@skerry/core/routes/choose-backend'
import { earned, fullBudget, type RetryBudget, spent } from '@skerry/core/routes/retry-budget'
import type { Clock } from '@skerry/platform/process/clock'
import { createSequences, type Sequences } from './sequences.ts'
import { createTraffic, type RouteEvent } from './traffic.ts'

/** A request of a caller, on its way through its attempts. */
export type Journey = {
  draw: number
  tried: Set<DeviceId>
  version: number | undefined
  /** The place of its sequence: no other one may answer. */
  only?: DeviceId | undefined
}

export type LiveRoute = {
  readonly row: TableRoute
  readonly sequences: Sequences
  /** A request has come: it earns its share of the budget. */
  earn(): void
  choose(journey: Journey): Choice
  /** False if the budget does not suffice for a repeat. */
  spend(): boolean
  /** Takes the place for one attempt. Call the result once, when the attempt is over. Probes are not counted. */
  begin(place: TablePlace, isProbe?: boolean): (outcome: Outcome, ms: number) => void
  note(event: RouteEvent): void
  stateOf(place: TablePlace): BreakerState
}

export type Routing = {
  /** Undefined until the first table has come. */
  table(): RouteTable | undefined
  use(table: RouteTable): void
  /** Forgets the table, and so all routes. */
  drop(): void
  find(name: string): LiveRoute | undefined
  routes(): LiveRoute[]
  report(): GatewayReport
}

type Options = { clock: Pick<Clock, 'monotonicMs'>; site: string | undefined }

type Live = LiveRoute & { replace(row: TableRoute): void; outstandingOf(place: TablePlace): number }

/** [contract, GatewayReport] */
const ROWS_MAX = 1_000

export function createRouting({ clock, site }: Options): Routing {
  const traffic = createTraffic(clock)
  const live = new Map<string, Live>()
  let table: RouteTable | undefined
  let choices = 0

  const open = (first: TableRoute): Live => {
    let row = first
    let budget: RetryBudget = fullBudget
    const backends = new Map<DeviceId, Backend>()
    const change = (id: DeviceId, next: (backend: Backend) => Backend) => {
      if (row.places.some((place) => place.id === id)) backends.set(id, next(backends.get(id) ?? newBackend))
    }
    return {
      get row() {
        return row
      },
      replace(next: TableRoute) {
        row = next
        const known = new Set(next.places.map(({ id }) => id))
        for (const id of backends.keys()) if (!known.has(id)) backends.delete(id)
      },
      earn() {
        budget = earned(budget, row.spec.retryPercent)
      },
      spend() {
        const left = spent(budget, row.spec.retryPercent)
        budget = left ?? budget
        return left !== undefined
      },
      sequences: createSequences(() => clock.monotonicMs()),
      choose: ({ draw, tried, version, only }: Journey) => {
        const isMeant = (one: TablePlace) =>
          (version === undefined || one.version === version) && (only === undefined || one.id === only)
        const places = row.places.filter(isMeant)
        return chooseBackend({ spec: row.spec, places, backends }, { nowMs: clock.monotonicMs(), site, tried, draw })
      },
      begin(place: TablePlace, isProbe = false) {
        choices += 1
        const chosenAt = choices
        change(place.id, (backend) => begun(backend, chosenAt))
        return (outcome: Outcome, ms: number) => {
          change(place.id, (backend) => ended(backend, outcome, row.spec, clock.monotonicMs()))
          if (outcome !== 'dropped' && !isProbe)
            traffic.place(row.name, place.id, { ms, isFailed: outcome === 'failed' })
        }
      },
      note: (event: RouteEvent) => traffic.route(row.name, event),
      stateOf: (place: TablePlace) => breakerOf(backends.get(place.id) ?? newBackend, clock.monotonicMs()),
      outstandingOf: (place: TablePlace) => backends.get(place.id)?.outstanding ?? 0,
    }
  }

  return {
    table: () => table,
    use(next) {
      table = next
      const names = new Set(next.routes.map(({ name }) => name))
      for (const name of live.keys()) if (!names.has(name)) live.delete(name)
      for (const row of next.routes) {
        const known = live.get(row.name)
        if (known) known.replace(row)
        else live.set(row.name, open(row))
      }
      traffic.keep(names)
    },
    drop() {
      table = undefined
      live.clear()
    },
    find: (name) => live.get(name),
    routes: () => [...live.values()],
    report: () => {
      const routes = [...live.values()]
      return {
        seconds: traffic.seconds(),
        places: routes
          .flatMap((route) =>
            route.row.places.map((place) => ({
              route: route.row.name,
              place: place.id,
              state: route.stateOf(place),
              outstanding: route.outstandingOf(place),
              ...traffic.figures(route.row.name, place.id),
            })),
          )
          .slice(0, ROWS_MAX),
        routes: routes.map(({ row: { name } }) => ({ route: name, ...traffic.routeFigures(name) })),
      }
    },
  }
}
