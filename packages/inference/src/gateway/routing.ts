/** Routing: the routes of a gateway with the states of their places and their budgets, as the forwarder needs them. */
import type {
  BreakerState,
  GatewayReport,
  PlaceCounts,
  RouteTable,
  TablePlace,
  TableRoute,
} from '@skerry/contract/routes/route'
import type { DeviceId } from '@skerry/contract/values/ids'
import { type Backend, begun, breakerOf, ended, newBackend, type Outcome } from '@skerry/core/routes/backend'
import { type Choice, chooseBackend } from '@skerry/core/routes/choose-backend'
import { earned, fullBudget, type RetryBudget, spent } from '@skerry/core/routes/retry-budget'
import type { Clock } from '@skerry/platform/process/clock'
import { createGate } from './pipeline/gate.ts'
import { createPipeline, isSamePipeline, type LivePipeline, stageRow } from './pipeline/live-pipeline.ts'
import { createSequences, type Sequences } from './sequences.ts'
import { createTraffic, type RouteEvent } from './traffic.ts'
import { createTrips } from './trips.ts'

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
  /** The origin of the place; undefined if only a stream through the hub reaches it. */
  originOf(place: TablePlace): string | undefined
  /** Of a route that is a pipeline. */
  readonly pipeline: LivePipeline | undefined
}

export type Routing = {
  /** Undefined until the first table has come. */
  table(): RouteTable | undefined
  use(table: RouteTable): void
  /** Forgets the table, and so all routes. */
  drop(): void
  find(name: string): LiveRoute | undefined
  /** The gateway has measured the round trip to a place. */
  noteTrip(place: DeviceId, ms: number): void
  /** All routes, and the stages of pipelines, each of which has places as a route. */
  routes(): LiveRoute[]
  report(): GatewayReport
}

type Options = {
  clock: Pick<Clock, 'monotonicMs'>
  site: string | undefined
  /** The device whose agent runs the gateway, and the origin of its inference server. */
  own?: { device: DeviceId; origin: string } | undefined
}

type Live = LiveRoute & { replace(row: TableRoute): void; outstandingOf(place: TablePlace): number }

/** A route, or a stage of it: `traffic` counts its places under this name. */
type Opening = { row: TableRoute; key: string }

/** [contract, GatewayReport] */
const ROWS_MAX = 1_000

/**
 * Requests in all pipelines at the same time. Each has its tensors in memory, 16 MiB for each of the largest: so these are
 * fewer than the requests that a gateway only passes on.
 */
const PIPELINE_REQUESTS_MAX = 64

export function createRouting({ clock, site, own }: Options): Routing {
  const traffic = createTraffic(clock)
  const live = new Map<string, Live>()
  let table: RouteTable | undefined
  let choices = 0
  const trips = createTrips()
  const admission = createGate(() => PIPELINE_REQUESTS_MAX)

  const open = ({ row: first, key }: Opening): Live => {
    let row = first
    let pipeline = pipelineOf(first)
    let budget: RetryBudget = fullBudget
    const backends = new Map<DeviceId, Backend>()
    const change = (id: DeviceId, next: (backend: Backend) => Backend) => {
      if (row.places.some((place) => place.id === id)) backends.set(id, next(backends.get(id) ?? newBackend))
    }
    return {
      get row() {
        return row
      },
      get pipeline() {
        return pipeline
      },
      replace(next: TableRoute) {
        if (pipeline && isSamePipeline(row, next)) replaceStages(pipeline, next)
        else pipeline = pipelineOf(next)
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
        const attempt = { nowMs: clock.monotonicMs(), site, own: own?.device, trips: trips.steps(), tried, draw }
        return chooseBackend({ spec: row.spec, places, backends }, attempt)
      },
      begin(place: TablePlace, isProbe = false) {
        choices += 1
        const chosenAt = choices
        change(place.id, (backend) => begun(backend, chosenAt))
        return (outcome: Outcome, ms: number) => {
          change(place.id, (backend) => ended(backend, outcome, row.spec, clock.monotonicMs()))
          if (outcome !== 'dropped' && !isProbe) traffic.place(key, place.id, { ms, isFailed: outcome === 'failed' })
        }
      },
      // A pipeline counts its own requests. A request that waits for a full stage is neither overloaded nor unanswered.
      note: (event: RouteEvent) => {
        if (key === row.name || event === 'retried') traffic.route(row.name, event)
      },
      stateOf: (place: TablePlace) => breakerOf(backends.get(place.id) ?? newBackend, clock.monotonicMs()),
      originOf: ({ id, address }: TablePlace) => (id === own?.device ? own.origin : address),
      outstandingOf: (place: TablePlace) => backends.get(place.id)?.outstanding ?? 0,
    }
  }

  const placeCounts = (one: Live, { key, ...about }: { route: string; stage?: number; key: string }): PlaceCounts[] =>
    one.row.places.map((place) => ({
      ...about,
      place: place.id,
      state: one.stateOf(place),
      outstanding: one.outstandingOf(place),
      ...traffic.figures(key, place.id),
    }))

  const pipelineOf = (row: TableRoute): LivePipeline | undefined =>
    createPipeline(row, { admission, open: (stage, at) => open({ row: stage, key: keyOf(row.name, at) }) })

  const replaceStages = ({ stages }: LivePipeline, row: TableRoute) => {
    for (const [at, stage] of stages.entries()) (stage.live as Live).replace(stageRow(row, at))
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
        else live.set(row.name, open({ row, key: row.name }))
      }
      traffic.keep(new Set(next.routes.flatMap(keysOf)))
      const known = new Set(next.routes.flatMap((row) => [row, ...(row.stages ?? [])]).flatMap(idsOf))
      trips.keep(known)
    },
    drop() {
      table = undefined
      live.clear()
    },
    find: (name) => live.get(name),
    noteTrip: trips.note,
    routes: () => [...live.values()].flatMap((route) => [route, ...stagesOf(route)]),
    report: () => {
      const routes = [...live.values()]
      return {
        seconds: traffic.seconds(),
        places: routes
          .flatMap((route) => [
            ...placeCounts(route, { route: route.row.name, key: route.row.name }),
            ...stagesOf(route).flatMap((stage, at) =>
              placeCounts(stage as Live, { route: route.row.name, stage: at + 1, key: keyOf(route.row.name, at) }),
            ),
          ])
          .slice(0, ROWS_MAX),
        routes: routes.map(({ row: { name } }) => ({ route: name, ...traffic.routeFigures(name) })),
      }
    },
  }
}

const idsOf = ({ places }: Pick<TableRoute, 'places'>) => places.map(({ id }) => id)

/** No route has a slash in its name. */
const keyOf = (route: string, stage: number) => `${route}/${stage + 1}`

const keysOf = ({ name, stages = [] }: TableRoute) => [name, ...stages.map((_, at) => keyOf(name, at))]

const stagesOf = ({ pipeline }: LiveRoute) => pipeline?.stages.map(({ live }) => live) ?? []
