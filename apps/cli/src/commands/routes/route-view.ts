/** Route view: routes, their places and their gateways as tables. */
import type { RouteDetail, RoutePlace, RouteRow, RouteStage, RouteState } from '@skerry/contract/routes/route'
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
  const { name, spec, state, places, gateways, stages, changedAtMs, changedBy } = route
  const facts = factsOf(style, [
    ['route', name],
    ['model', spec.model],
    ['state', STATES[state]],
    ['rules', routeWords(spec)],
    ['set', `${instantText(changedAtMs)} by ${changedBy}`],
  ])
  const placeTable = tableOf(
    style,
    [...(stages ? ['STAGE'] : []), 'PLACE', 'SITE', 'VERSION', 'STATE', 'REQUESTS/S', 'FAILED', 'P50', 'WHY'],
    places.map((place) => [
      ...(stages ? [place.stage] : []),
      place.device,
      place.country === undefined ? place.site : `${place.site} (${place.country})`,
      place.version,
      placeState(place),
      sumOf(place, ({ perSecond }) => perSecond),
      sumOf(place, ({ failed }) => failed),
      msText(place.traffic[0]?.p50Ms),
      place.reason,
    ]),
    stages ? 'no device serves a stage yet' : `no device serves the model ${spec.model} yet`,
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
  return [facts, ...(stages ? [stagesTable(stages, style)] : []), placeTable, gatewayTable].join('\n\n')
}

/** The stages of a pipeline, and the tensors that pass. */
const stagesTable = (stages: readonly RouteStage[], style: Style): string =>
  tableOf(
    style,
    ['STAGE', 'VERSION', 'PLACES', 'TAKES', 'GIVES'],
    stages.map(({ model, version, places, takes, gives }, at) => [
      at + 1,
      `${model}:${version}`,
      places,
      tensorsText(takes),
      tensorsText(gives),
    ]),
    '',
  )

const tensorsText = (tensors: RouteStage['takes']) =>
  tensors.map(({ name, shape }) => `${name} [${shape.map((size) => (size === -1 ? '?' : size)).join(', ')}]`).join('; ')

function placeState({ verdict, traffic }: RoutePlace): string {
  if (verdict !== 'open' && verdict !== 'device_silent') return 'not used'
  const isBroken = traffic.some(({ state }) => state !== 'closed')
  if (isBroken) return 'fails'
  return verdict === 'device_silent' ? 'silent' : 'serves'
}

type TrafficOf = RoutePlace['traffic'][number]

const sumOf = ({ traffic }: RoutePlace, figure: (one: TrafficOf) => number) =>
  Math.round(traffic.reduce((sum, one) => sum + figure(one), 0) * 100) / 100
