/**
 * Route table: the devices that are places of a route, and why the others are not. The rules of data and law are those of
 * placements. They count again here, because a plain selector may have brought the model to any device.
 */
import {
  ROUTE_PLACES_MAX,
  type RouteSpec,
  type RouteVerdict,
  type TablePlace,
  type TableRoute,
  type TableStage,
} from '@skerry/contract/routes/route'
import type { SiteKind } from '@skerry/contract/sites/site'
import type { Clearance } from '@skerry/contract/values/clearance'
import type { DeviceId } from '@skerry/contract/values/ids'
import { isCleared } from '../places/data-class.ts'
import { isWithin } from '../places/residency.ts'
import type { StageSides } from './pipeline-sides.ts'

export type RouteSite = { name: string; kind: SiteKind; country?: string | undefined; clearance: Clearance }

/** A device that serves the model by its last report, and that the hub trusts. */
export type ServingFact = {
  id: DeviceId
  device: string
  site: RouteSite
  version: number
  /** The operator of the computer states them. They count beside those of the site. */
  stated?: { clearance?: Clearance | undefined; country?: string | undefined } | undefined
  /** The address for gateways that the device declares. */
  address?: string | undefined
  isSilent: boolean
}

export type JudgedPlace = { fact: ServingFact; verdict: RouteVerdict; reason: string }

/**
 * Each device with its verdict, by name. The same facts always give the same answer. `own`: the device whose agent runs
 * the gateway; its requests never leave it.
 */
export function judgePlaces(spec: RouteSpec, facts: readonly ServingFact[], own?: DeviceId): JudgedPlace[] {
  let room = ROUTE_PLACES_MAX
  return facts
    .toSorted((a, b) => compareText(a.device, b.device) || compareText(a.id, b.id))
    .map((fact) => {
      const judged = judgePlace(spec, fact, own === fact.id)
      if (!isUsed(judged)) return { fact, ...judged }
      room -= 1
      if (room >= 0) return { fact, ...judged }
      const reason = `a route has ${ROUTE_PLACES_MAX} places at most`
      return { fact, verdict: 'too_many' as const, reason }
    })
}

/** Whether gateways may send requests to a place with this verdict. */
export const isUsed = ({ verdict }: { verdict: RouteVerdict }): boolean =>
  verdict === 'open' || verdict === 'device_silent'

function judgePlace(
  spec: RouteSpec,
  { site, stated, address, isSilent }: ServingFact,
  isOwn: boolean,
): Omit<JudgedPlace, 'fact'> {
  const broken = brokenBy(spec, site) ?? brokenByOperator(spec, stated)
  if (broken) return broken
  if (spec.prefer === 'order' && !spec.sites?.includes(site.name)) {
    return { verdict: 'site_excluded', reason: `the route names the sites ${spec.sites?.join(', ')}` }
  }
  if (isOwn) return { verdict: 'open', reason: 'it serves the model, and runs the gateway' }
  if (address === undefined) return judgeLink(spec, isSilent)
  return isSilent
    ? {
        verdict: 'device_silent',
        reason: 'the hub does not hear it, so it gets requests only if no other place is left',
      }
    : { verdict: 'open', reason: 'it serves the model' }
}

/** A device without an address is reached by a stream through the hub. */
function judgeLink({ dataClass, residency }: RouteSpec, isSilent: boolean): Omit<JudgedPlace, 'fact'> {
  const advice = 'start its agent with --serve-address'
  // Nobody states where the hub is, so nobody can say that the data may pass it.
  if (dataClass !== undefined || residency !== undefined) {
    const reason = `the route has rules of data or law, and without an address its requests would pass the hub: ${advice}`
    return { verdict: 'address_missing', reason }
  }
  return isSilent
    ? { verdict: 'address_missing', reason: `the hub does not hear it, and it declares no address: ${advice}` }
    : { verdict: 'open', reason: 'it serves the model, and is reached through the hub' }
}

type Broken = { verdict: 'clearance_too_low' | 'residency_violated'; reason: string }

/** The rule of data or law that the site breaks. */
function brokenBy({ dataClass, residency }: RouteSpec, site: RouteSite): Broken | undefined {
  if (dataClass && !isCleared(site.clearance, dataClass)) {
    const reason = `the rule dataClass ${dataClass} excludes it: the site ${site.name} has the clearance ${site.clearance}`
    return { verdict: 'clearance_too_low', reason }
  }
  if (residency && !isWithin(site.country, residency)) {
    const where = site.country ?? 'no stated country'
    const reason = `the rule residency ${residency.join(', ')} excludes it: the site ${site.name} is in ${where}`
    return { verdict: 'residency_violated', reason }
  }
  return undefined
}

function brokenByOperator({ dataClass, residency }: RouteSpec, stated: ServingFact['stated'] = {}): Broken | undefined {
  const { clearance, country } = stated
  if (dataClass && clearance && !isCleared(clearance, dataClass)) {
    const reason = `the rule dataClass ${dataClass} excludes it: its operator states the clearance ${clearance}`
    return { verdict: 'clearance_too_low', reason }
  }
  if (residency && country !== undefined && !isWithin(country, residency)) {
    const reason = `the rule residency ${residency.join(', ')} excludes it: its operator states that it is in ${country}`
    return { verdict: 'residency_violated', reason }
  }
  return undefined
}

/** Why a gateway at this site must not serve the route; undefined if it may. The data passes through the gateway. */
export function gatewayRefusal(spec: RouteSpec, site: RouteSite | undefined): string | undefined {
  if (site) return brokenBy(spec, site)?.reason
  if (spec.dataClass === undefined && spec.residency === undefined) return undefined
  return 'the route has rules of data or law, and the gateway has no site: start it with --site'
}

type Asked = {
  name: string
  spec: RouteSpec
  /** The devices that serve the models of the route, by model. */
  facts: ReadonlyMap<string, readonly ServingFact[]>
  gateway: RouteSite | undefined
  /** The device whose agent runs the gateway. */
  own?: DeviceId | undefined
  /** Of a pipeline, in their order. */
  stages?: readonly StageSides[] | undefined
}

/** The row of the route in the table of one gateway. */
export function tableRoute({ name, spec, facts, gateway, own, stages }: Asked): TableRoute {
  const refusal = gatewayRefusal(spec, gateway)
  if (refusal !== undefined) return { name, spec, refusal, places: [] }
  if (!spec.pipeline)
    return { name, spec, ...placesOf(spec, { facts: facts.get(spec.model) ?? [], what: spec.model, own }) }
  if (!stages) return { name, spec, places: [], lack: 'a version of its pipeline is gone' }
  return {
    name,
    spec,
    places: [],
    lack: OLD_GATEWAY,
    stages: stages.map((stage) => tableStage(spec, stage, { facts, own })),
  }
}

/** Gateways that know pipelines do not read it. */
const OLD_GATEWAY = 'it is a pipeline, and this gateway is too old for pipelines: update it'

function tableStage(spec: RouteSpec, stage: StageSides, { facts, own }: Pick<Asked, 'facts' | 'own'>): TableStage {
  const { model, version } = stage
  const places = placesOf(spec, { facts: stageFacts(facts.get(model) ?? [], stage), what: `${model}:${version}`, own })
  return { ...stage, ...places }
}

/** Devices with another version of the stage are none of its places. */
export const stageFacts = (facts: readonly ServingFact[], { version }: Pick<StageSides, 'version'>): ServingFact[] =>
  facts.filter((fact) => fact.version === version)

/** The models whose devices are places of the route. */
export const modelsOfRoute = ({ model, pipeline }: RouteSpec): string[] =>
  pipeline ? pipeline.stages.map((stage) => stage.model) : [model]

type Served = { facts: readonly ServingFact[]; what: string; own: DeviceId | undefined }

function placesOf(spec: RouteSpec, { facts, what, own }: Served): { places: TablePlace[]; lack?: string } {
  const judged = judgePlaces(spec, facts, own)
  const places = judged.filter(isUsed).map(({ fact: { id, device, site, version, address, isSilent } }) => ({
    id,
    device,
    site: site.name,
    version,
    ...(address !== undefined && { address }),
    isSilent,
  }))
  const [first] = judged
  if (places.length > 0) return { places }
  const lack = first ? `${first.fact.device}: ${first.reason}` : `no device serves the model ${what}`
  return { places, lack: lack.slice(0, 500) }
}

const compareText = (a: string, b: string) => Number(a > b) - Number(a < b)
