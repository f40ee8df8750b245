/** Route text: a route in words, and its state from what its gateways report. */
import type { RouteDetail, RouteSpec, RouteState } from '@skerry/contract/routes/route'

/** The rules of the route in one line, such as `local places first, 3 attempts, data class confidential`. */
export function routeWords({ prefer, sites, attempts, hedgeMs, dataClass, residency, split }: RouteSpec): string {
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
  ].join(', ')
}

/** A rule of the spec that contradicts another one; undefined if there is none. */
export function specTrouble({ prefer, sites }: RouteSpec): string | undefined {
  if (prefer === 'order' && sites === undefined) return 'the preference order needs sites'
  if (prefer !== 'order' && sites !== undefined) return `sites need the preference order, not ${prefer}`
  return undefined
}

/** The state of a route, from its places and the gateways that have reported lately. */
export function routeState({ places, gateways }: Pick<RouteDetail, 'places' | 'gateways'>): RouteState {
  const serving = gateways.filter(({ isFresh, refusal }) => isFresh && refusal === undefined)
  const fresh = new Set(serving.map(({ gateway }) => gateway))
  if (fresh.size === 0) return 'idle'
  const used = places.filter(({ verdict }) => verdict === 'open' || verdict === 'device_silent')
  const isBroken = (place: (typeof used)[number]) =>
    place.traffic.some(({ gateway, state }) => fresh.has(gateway) && state === 'open')
  if (used.length === 0 || used.every(isBroken)) return 'down'
  return used.some((place) => place.verdict === 'device_silent' || isBroken(place)) ? 'limited' : 'serving'
}
