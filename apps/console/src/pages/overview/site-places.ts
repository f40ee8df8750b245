/** Site places: the position of each site on the map, and the groups of near sites that share a mark. */
import type { DeviceHealth } from '@skerry/contract/devices/device'
import type { SiteState } from '@skerry/contract/sites/site'
import type { GeoProjection } from 'd3-geo'
import { HEALTH_ORDER } from '../../components/facts/tones.ts'
import { MAP, middleOf, type World } from './world.ts'

export type MapPlace = { state: SiteState; at: [longitude: number, latitude: number] }

export type Cluster = {
  places: MapPlace[]
  x: number
  y: number
  center: [longitude: number, latitude: number]
  /** The worst health of all devices there. It is absent if there are none. */
  worst: DeviceHealth | undefined
  devices: number
}

/** [WCAG 2.2, 2.5.8] Marks are 24 pixels wide. This distance lets a finger hit one of them. */
const NEAR_PX = 28
/** The marks of a crowd are large. This distance keeps the land between them visible. */
const NEAR_IN_CROWD_PX = 46
const CROWD = 60

/** The position of each site. A site without coordinates is in the middle of its country. */
export function placeSites(states: readonly SiteState[], world: World | undefined) {
  const places = states.flatMap((state): MapPlace[] => {
    const { coordinates, country } = state
    if (coordinates) return [{ state, at: [coordinates.longitude, coordinates.latitude] }]
    const middle = world && country !== undefined ? middleOf(world, country) : undefined
    return middle ? [{ state, at: middle }] : []
  })
  return { places, unplaced: states.length - places.length }
}

/**
 * Groups near sites on a picture of this width, from left to right, and omits sites outside of it. Each site joins the
 * first mark near it, so the cost is sites × marks.
 */
export function clusterSites(places: readonly MapPlace[], projection: GeoProjection, widthPx: number): Cluster[] {
  const visible = places.flatMap((place) => {
    const [x, y] = projection(place.at) ?? [-1, -1]
    return x < 0 || y < 0 || x > MAP.width || y > MAP.height ? [] : [{ place, x, y }]
  })
  const near = (visible.length > CROWD ? NEAR_IN_CROWD_PX : NEAR_PX) * (MAP.width / Math.max(1, widthPx))
  const clusters: Cluster[] = []
  for (const { place, x, y } of visible) {
    const neighbour = clusters.find((cluster) => Math.hypot(cluster.x - x, cluster.y - y) < near)
    if (neighbour) join(neighbour, place)
    else clusters.push({ places: [place], x, y, center: place.at, ...tallyOf(place.state) })
  }
  return clusters.sort((a, b) => a.x - b.x)
}

function join(cluster: Cluster, place: MapPlace) {
  const { worst, devices } = tallyOf(place.state)
  cluster.places.push(place)
  cluster.devices += devices
  cluster.worst = HEALTH_ORDER.find((health) => health === cluster.worst || health === worst)
}

function tallyOf({ devices }: SiteState) {
  const worst = HEALTH_ORDER.find((health) => devices[health])
  return { worst, devices: Object.values(devices).reduce((sum, count) => sum + count, 0) }
}
