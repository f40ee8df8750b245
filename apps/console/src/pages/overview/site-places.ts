/** Site places: where each site stands on the map, and which stand so near that one mark shows them. */
import type { DeviceHealth } from '@skerry/contract/device'
import type { SiteState } from '@skerry/contract/site'
import type { GeoProjection } from 'd3-geo'
import { HEALTH_ORDER } from '../../components/tones.ts'
import { MAP, middleOf, type World } from './world.ts'

export type Place = { state: SiteState; at: [longitude: number, latitude: number] }

export type Cluster = {
  places: Place[]
  x: number
  y: number
  center: [longitude: number, latitude: number]
  /** Of all devices there; absent where there are none. */
  worst: DeviceHealth | undefined
  devices: number
}

/** [WCAG 2.2, 2.5.8] Marks are 24 pixels wide, and stand apart so that a finger meets one of them. */
const NEAR_PX = 28

/** Where each site stands; a site without coordinates, in the middle of its country. */
export function placeSites(states: readonly SiteState[], world: World | undefined) {
  const places = states.flatMap((state): Place[] => {
    const { coordinates, country } = state
    if (coordinates) return [{ state, at: [coordinates.longitude, coordinates.latitude] }]
    const middle = world && country !== undefined ? middleOf(world, country) : undefined
    return middle ? [{ state, at: middle }] : []
  })
  return { places, unplaced: states.length - places.length }
}

/** Near sites together, on a picture of so many pixels; what lies outside of the picture is left out. Each site joins the first mark near it, so it costs sites × marks. */
export function clusterSites(places: readonly Place[], projection: GeoProjection, widthPx: number): Cluster[] {
  const near = NEAR_PX * (MAP.width / Math.max(1, widthPx))
  const clusters: Cluster[] = []
  for (const place of places) {
    const point = projection(place.at)
    if (!point) continue
    const [x, y] = point
    if (x < 0 || y < 0 || x > MAP.width || y > MAP.height) continue
    const neighbour = clusters.find((cluster) => Math.hypot(cluster.x - x, cluster.y - y) < near)
    if (neighbour) join(neighbour, place)
    else clusters.push({ places: [place], x, y, center: place.at, ...tallyOf(place.state) })
  }
  return clusters
}

function join(cluster: Cluster, place: Place) {
  const { worst, devices } = tallyOf(place.state)
  cluster.places.push(place)
  cluster.devices += devices
  cluster.worst = HEALTH_ORDER.find((health) => health === cluster.worst || health === worst)
}

function tallyOf({ devices }: SiteState) {
  const worst = HEALTH_ORDER.find((health) => devices[health])
  return { worst, devices: Object.values(devices).reduce((sum, count) => sum + count, 0) }
}
