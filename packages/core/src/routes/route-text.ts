/** Route text: a route in words, and its state from what its gateways report. */
import type { RouteDetail, RouteSpec, RouteState } from '@skerry/contract/routes/route'

/** The rules of the route in one line, such as `local places first, 3 attempts, data class confidential`. */
export function routeWords(spec: RouteSpec): string {
  const { prefer, sites, attempts, hedgeMs, dataClass, residency, split, pipeline } = spec
  const preferences = {
    local: 'local places first',
    least: 'the place with the fewest requests',
    order: `${sites?.join(' before ')}`,
  }
  return [
    preferences[prefer],
    `${attempts} attempt${attempts === 1 ? '' : 's'}`,
    ...(hedgeMs === undefined ? [] : [`a second place after ${hedgeMs} ms`]),
    ...(dataClass ? [`data class ${dataClass}`] : []),
    ...(residency ? [`residency ${residency.join(', ')}`] : []),
    ...(split ? [`${split.percent} % to version ${split.version}`] : []),
    ...(pipeline ? [`${pipeline.stages.length} stages, up to ${pipeline.queue} requests wait for each`] : []),
  ].join(', ')
}

/** A rule of the spec that contradicts another one; undefined if there is none. */
export function specTrouble({ prefer, sites, split, pipeline }: RouteSpec): string | undefined {
  if (pipeline && split) return 'a pipeline names the version of each stage, so it has no split'
  if (prefer === 'order' && sites === undefined) return 'the preference order needs sites'
  if (prefer !== 'order' && sites !== undefined) return `sites need the preference order, not ${prefer}`
  return undefined
}

type StateFacts = Pick<RouteDetail, 'places' | 'gateways'> & { spec: Pick<RouteSpec, 'pipeline'> }

/** The state of a route, from its places and the gateways that have reported lately. A pipeline needs each stage. */
export function routeState({ places, gateways, spec }: StateFacts): RouteState {
  const serving = gateways.filter(({ isFresh, refusal }) => isFresh && refusal === undefined)
  const fresh = new Set(serving.map(({ gateway }) => gateway))
  if (fresh.size === 0) return 'idle'
  const used = places.filter(({ verdict }) => verdict === 'open' || verdict === 'device_silent')
  const isBroken = (place: (typeof used)[number]) =>
    place.traffic.some(({ gateway, state }) => fresh.has(gateway) && state === 'open')
  const stages = spec.pipeline ? spec.pipeline.stages.map((_, at) => at + 1) : [undefined]
  const isDown = stages.some((stage) => used.filter((place) => place.stage === stage).every(isBroken))
  if (isDown) return 'down'
  return used.some((place) => place.verdict === 'device_silent' || isBroken(place)) ? 'limited' : 'serving'
}
