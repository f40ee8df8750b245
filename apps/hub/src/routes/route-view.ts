/** Route view: routes with their places, and the traffic that gateways have reported. */
import type {
  PlaceCounts,
  PlaceTraffic,
  Route,
  RouteDetail,
  RouteGateway,
  RoutePlace,
  RouteRow,
  RouteStage,
} from '@skerry/contract/routes/route'
import type { OrganisationId } from '@skerry/contract/values/ids'
import {
  gatewayRefusal,
  isUsed,
  type JudgedPlace,
  judgePlaces,
  modelsOfRoute,
  type RouteSite,
  type ServingFact,
  stageFacts,
} from '@skerry/core/routes/route-table'
import { routeState } from '@skerry/core/routes/route-text'
import type { Hub } from '../hub.ts'
import { listSites } from '../sites/site-store.ts'
import { fromJson } from '../store/json-column.ts'
import type { GatewayTable } from '../store/tables/place-tables.ts'
import { listGateways } from './gateway-store.ts'
import { servingFacts } from './route-facts.ts'
import { type KnownStages, keyOfStage, knownStages } from './stage-store.ts'

/** A gateway reports every ten seconds. */
const FRESH_MS = 30_000

/** Excluded devices that are shown, besides the places. */
const SHOWN_MAX = 400

type World = {
  facts: ReadonlyMap<string, readonly ServingFact[]>
  known: KnownStages
  gateways: readonly GatewayTable[]
  sites: ReadonlyMap<string, RouteSite>
  nowMs: number
}

/** All that the views of these routes need, in a fixed number of queries. */
export async function routeWorld(
  hub: Hub,
  organisationId: OrganisationId,
  routes: readonly Pick<Route, 'spec'>[],
): Promise<World> {
  const { db } = hub.store
  const gateways = await listGateways(db, organisationId)
  const named = new Set(gateways.flatMap(({ site }) => (site === null ? [] : [site])))
  const sites = named.size === 0 ? [] : await listSites(db, { organisationId, limit: 1_000, after: undefined })
  const specs = routes.map(({ spec }) => spec)
  return {
    facts: await servingFacts(hub, organisationId, specs.flatMap(modelsOfRoute)),
    known: await knownStages(db, organisationId, specs),
    gateways,
    sites: new Map(sites.filter(({ name }) => named.has(name)).map((site) => [site.name, site])),
    nowMs: hub.clock.nowMs(),
  }
}

export function routeDetail(route: Route, world: World): RouteDetail {
  const { gateways, sites, nowMs } = world
  const reported = gateways.map((row) => ({
    row,
    isFresh: nowMs - Number(row.seen_at_ms) < FRESH_MS,
    report: row.report === null ? undefined : fromJson(row.report),
  }))
  const trafficOf = (place: string, stage: number | undefined): PlaceTraffic[] =>
    reported.flatMap(({ row, isFresh, report }) => {
      const isMeant = (one: PlaceCounts) => one.route === route.name && one.place === place && one.stage === stage
      const counts = report?.places.find(isMeant)
      if (!isFresh || !report || !counts) return []
      const { state, outstanding, requests, failed, p50Ms, p99Ms } = counts
      const perSecond = rounded(requests / Math.max(1, report.seconds))
      const times = { ...(p50Ms !== undefined && { p50Ms }), ...(p99Ms !== undefined && { p99Ms }) }
      return [{ gateway: row.name, state, outstanding, perSecond, failed, ...times }]
    })
  const places = judgedPlaces(route, world)
    .toSorted((a, b) => Number(isUsed(b)) - Number(isUsed(a)))
    .slice(0, SHOWN_MAX)
    .map(({ fact, verdict, reason, stage }) => ({
      id: fact.id,
      device: fact.device,
      site: fact.site.name,
      kind: fact.site.kind,
      ...(fact.site.country !== undefined && { country: fact.site.country }),
      version: fact.version,
      ...(fact.address !== undefined && { address: fact.address }),
      verdict,
      reason,
      ...(stage !== undefined && { stage }),
      traffic: trafficOf(fact.id, stage),
    }))
  const views = reported.map(({ row, isFresh, report }): RouteGateway => {
    const site = row.site === null ? undefined : sites.get(row.site)
    const refusal = gatewayRefusal(route.spec, site)
    const counts = isFresh ? report?.routes.find((one) => one.route === route.name) : undefined
    return {
      gateway: row.name,
      ...(row.site !== null && { site: row.site }),
      ...(row.url !== null && { url: row.url }),
      seenAtMs: Number(row.seen_at_ms),
      isFresh,
      ...(refusal !== undefined && { refusal }),
      overloaded: counts?.overloaded ?? 0,
      unanswered: counts?.unanswered ?? 0,
      retried: counts?.retried ?? 0,
    }
  })
  const state = routeState({ places, gateways: views, spec: route.spec })
  const stages = stageViews(route, places, world)
  return { ...route, state, ...routeSums(route, places), places, gateways: views, ...(stages && { stages }) }
}

type StagedPlace = JudgedPlace & { stage?: number }

/** The devices with the model of the route, or those of each stage, in the order of the stages. */
function judgedPlaces({ spec }: Route, { facts }: World): StagedPlace[] {
  if (!spec.pipeline) return judgePlaces(spec, facts.get(spec.model) ?? [])
  return spec.pipeline.stages.flatMap((stage, at) =>
    judgePlaces(spec, stageFacts(facts.get(stage.model) ?? [], stage)).map((judged) => ({ ...judged, stage: at + 1 })),
  )
}

function stageViews({ spec }: Route, places: readonly RoutePlace[], { known }: World): RouteStage[] | undefined {
  return spec.pipeline?.stages.map(({ model, version }, at) => {
    const sides = known.get(keyOfStage({ model, version }))
    const used = places.filter((place) => place.stage === at + 1 && isUsed(place))
    return { model, version, takes: sides?.inputs ?? [], gives: sides?.outputs ?? [], places: used.length }
  })
}

export function routeRow(route: Route, world: World): RouteRow {
  const { places, gateways, stages: _, ...row } = routeDetail(route, world)
  return {
    ...row,
    places: places.filter(isUsed).length,
    gateways: gateways.filter(({ isFresh, refusal }) => isFresh && refusal === undefined).length,
  }
}

/** Each request of a pipeline passes all stages: the first one counts them, and their times add up. */
function routeSums({ spec }: Route, places: readonly RoutePlace[]): { perSecond: number; p50Ms?: number } {
  const sums = (spec.pipeline?.stages ?? [undefined]).map((stage, at) =>
    sumsOf(places.filter((place) => place.stage === (stage && at + 1)).flatMap((place) => place.traffic)),
  )
  const times = sums.flatMap(({ p50Ms }) => p50Ms ?? [])
  const isTimed = times.length === sums.length
  const p50Ms = rounded(times.reduce((sum, each) => sum + each, 0))
  return { perSecond: sums[0]?.perSecond ?? 0, ...(isTimed && { p50Ms }) }
}

/** The median of all is near the medians of the places, weighted by their requests. */
function sumsOf(traffic: readonly PlaceTraffic[]): { perSecond: number; p50Ms?: number } {
  const perSecond = traffic.reduce((sum, one) => sum + one.perSecond, 0)
  const timed = traffic.filter(({ p50Ms }) => p50Ms !== undefined)
  const weight = timed.reduce((sum, one) => sum + one.perSecond, 0)
  const weighted = timed.reduce((sum, one) => sum + one.perSecond * (one.p50Ms ?? 0), 0)
  return { perSecond: rounded(perSecond), ...(weight > 0 && { p50Ms: rounded(weighted / weight) }) }
}

const rounded = (value: number) => Math.round(value * 100) / 100
