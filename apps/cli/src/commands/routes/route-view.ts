/** Route view: routes, their places and their gateways as tables. */
import type { RouteDetail, RoutePlace, RouteRow, RouteState } from '@skerry/contract/routes/route'
import { routeWords } from '@skerry/core/routes/route-text'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { instantText } from '../../program/terminal/words.ts'

const STATES: Readonly<Record<RouteState, string>> = {
  serving: 'serving',
  limited: 'serving, not all places',
  down: 'no place can answer',
  idle: 'no gateway reports',
}

/** One line for each route. */
export const routesTable = (routes: readonly RouteRow[], style: Style): string =>
  tableOf(
    style,
    ['ROUTE', 'MODEL', 'STATE', 'PLACES', 'GATEWAYS', 'REQUESTS/S', 'P50'],
    routes.map(({ name, spec, state, places, gateways, perSecond, p50Ms }) => [
      name,
      spec.model,
      STATES[state],
      places,
      gateways,
      perSecond,
      msText(p50Ms),
    ]),
    'no routes yet; "skerry route create" makes one',
  )

const msText = (ms: number | undefined) => (ms === undefined ? '' : `${Math.round(ms * 100) / 100} ms`)

/** The route, its places and its gateways. */
export function routeText(route: RouteDetail, style: Style): string {
  const { name, spec, state, places, gateways, changedAtMs, changedBy } = route
  const facts = factsOf(style, [
    ['route', name],
    ['model', spec.model],
    ['state', STATES[state]],
    ['rules', routeWords(spec)],
    ['set', `${instantText(changedAtMs)} by ${changedBy}`],
  ])
  const placeTable = tableOf(
    style,
    ['PLACE', 'SITE', 'VERSION', 'STATE', 'REQUESTS/S', 'FAILED', 'P50', 'WHY'],
    places.map((place) => [
      place.device,
      place.country === undefined ? place.site : `${place.site} (${place.country})`,
      place.version,
      placeState(place),
      sumOf(place, ({ perSecond }) => perSecond),
      sumOf(place, ({ failed }) => failed),
      msText(place.traffic[0]?.p50Ms),
      place.reason,
    ]),
    `no device serves the model ${spec.model} yet`,
  )
  const gatewayTable = tableOf(
    style,
    ['GATEWAY', 'SITE', 'ADDRESS', 'LAST SEEN', 'OVERLOADED', 'UNANSWERED', 'REPEATED', 'PROBLEM'],
    gateways.map((gateway) => [
      gateway.gateway,
      gateway.site ?? '',
      gateway.url ?? '',
      gateway.isFresh ? 'now' : instantText(gateway.seenAtMs),
      gateway.overloaded,
      gateway.unanswered,
      gateway.retried,
      gateway.refusal ?? '',
    ]),
    'no gateway yet; "skerry gateway" runs one',
  )
  return `${facts}\n\n${placeTable}\n\n${gatewayTable}`
}

function placeState({ verdict, traffic }: RoutePlace): string {
  if (verdict !== 'open' && verdict !== 'device_silent') return 'not used'
  const isBroken = traffic.some(({ state }) => state !== 'closed')
  if (isBroken) return 'fails'
  return verdict === 'device_silent' ? 'silent' : 'serves'
}

type TrafficOf = RoutePlace['traffic'][number]

const sumOf = ({ traffic }: RoutePlace, figure: (one: TrafficOf) => number) =>
  Math.round(traffic.reduce((sum, one) => sum + figure(one), 0) * 100) / 100
