/** World: the countries as shapes, and the position of a place in a picture of them. */
import { type GeoProjection, geoCentroid, geoEqualEarth, geoPath } from 'd3-geo'
import { feature } from 'topojson-client'
import { language } from '../../texts/language.ts'

export type World = ReturnType<typeof shapesOf>

/** The size of the drawing. The picture scales. Antarctica has no sites, and is cut off. */
export const MAP = { width: 960, height: 430 } as const

/** The centre in degrees, and the enlargement of the whole world. */
export type View = { center: [longitude: number, latitude: number]; scale: number }

export const WHOLE_WORLD: View = { center: [11, 17], scale: 1 }

const WORLD_SCALE = 192

/** Antarctica in [ISO 3166-1 numeric]. */
const ANTARCTICA = '010'

export type Topology = Parameters<typeof feature>[0]
type Countries = Extract<Topology['objects'][string], { type: 'GeometryCollection' }>

/** The shapes of the countries, without the one that has no sites. */
export function shapesOf(topology: Topology) {
  const countries = topology.objects.countries as Countries
  return feature(topology, countries).features.filter(({ id }) => id !== ANTARCTICA)
}

/** From degrees to places in the picture. */
export const projectionFor = ({ center, scale }: View): GeoProjection =>
  geoEqualEarth()
    .rotate([-center[0], 0])
    .center([0, center[1]])
    .scale(WORLD_SCALE * scale)
    .translate([MAP.width / 2, MAP.height / 2])

/** The share of the picture that the sites fill. The rest shows their surroundings. */
const FILLED = 0.6

/** A country with its neighbours: a single site needs no more. */
const FIT_SCALE_MAX = 8

/** The view that shows all of the places. Without a place, it is the whole world. */
export function fittingView(places: readonly (readonly [longitude: number, latitude: number])[]): View {
  const projection = projectionFor(WHOLE_WORLD)
  const points = places.flatMap(([longitude, latitude]) => {
    const point = projection([longitude, latitude])
    return point ? [point] : []
  })
  if (points.length === 0) return WHOLE_WORLD
  const [left, right] = boundsIn(points.map(([x]) => x))
  const [top, bottom] = boundsIn(points.map(([, y]) => y))
  const center = projection.invert?.([(left + right) / 2, (top + bottom) / 2])
  const scale = Math.min(
    FIT_SCALE_MAX,
    (FILLED * MAP.width) / Math.max(1, right - left),
    (FILLED * MAP.height) / Math.max(1, bottom - top),
  )
  return center && scale > 1 ? { center, scale } : WHOLE_WORLD
}

function boundsIn(values: readonly number[]): [low: number, high: number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
}

/** All land as one path. */
export const landPath = (world: World, projection: GeoProjection): string =>
  geoPath(projection)({ type: 'FeatureCollection', features: world }) ?? ''

const regionNames = new Intl.DisplayNames(language, { type: 'region' })

/** Countries that the map names differently from the browser. */
const NAMES: Readonly<Record<string, string>> = {
  BA: 'Bosnia and Herz.',
  CD: 'Dem. Rep. Congo',
  CF: 'Central African Rep.',
  CG: 'Congo',
  CI: "Côte d'Ivoire",
  DO: 'Dominican Rep.',
  EH: 'W. Sahara',
  FK: 'Falkland Is.',
  GQ: 'Eq. Guinea',
  MK: 'Macedonia',
  MM: 'Myanmar',
  PS: 'Palestine',
  SB: 'Solomon Is.',
  SS: 'S. Sudan',
  SZ: 'eSwatini',
  TR: 'Turkey',
  US: 'United States of America',
}

/** Countries whose overseas land would pull their middle into the sea. */
const MIDDLES: Readonly<Record<string, [number, number]>> = {
  FR: [2.5, 46.6],
  NL: [5.3, 52.2],
  NO: [9.5, 61.5],
  US: [-98.5, 39.5],
  SG: [103.8, 1.35],
  MT: [14.4, 35.9],
  HK: [114.2, 22.3],
}

/** The middle of a country, by ISO 3166-1 alpha-2; undefined if the map does not have the code. */
export function middleOf(world: World, country: string): [number, number] | undefined {
  const known = MIDDLES[country]
  if (known) return known
  const name = NAMES[country] ?? regionNames.of(country)
  const shape = world.find(({ properties }) => properties !== null && 'name' in properties && properties.name === name)
  return shape && geoCentroid(shape)
}
