import type { SiteState } from '@skerry/contract/sites/site'
import type { GeoProjection } from 'd3-geo'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clusterSites, type MapPlace, placeSites } from './site-places.ts'
import { fittingView, MAP, projectionFor, WHOLE_WORLD } from './world.ts'

const site = (name: string, more: Partial<SiteState> = {}): SiteState => ({
  site: name,
  kind: 'edge',
  clearance: 'internal',
  labels: {},
  devices: {},
  ...more,
})
/** Degrees are pixels here, so that the numbers show which places are near. */
const flat = ((at: [number, number]) => at) as GeoProjection
const at = (name: string, x: number, y: number, devices: SiteState['devices'] = {}): MapPlace => ({
  state: site(name, { devices }),
  at: [x, y],
})

test('a site is placed at its coordinates or its country, and other sites are counted', () => {
  const coordinates = { latitude: 53.5, longitude: 10 }
  const { places, unplaced } = placeSites([site('a', { coordinates }), site('b'), site('c', { country: 'FR' })], [])
  expect(places.map(({ state, at: [longitude] }) => [state.site, longitude])).toEqual([
    ['a', 10],
    ['c', 2.5],
  ])
  expect(unplaced).toBe(1)
})

test('near sites share a mark with the worst state, and marks are sorted from left to right', () => {
  const places = [
    at('right', 300, 50, { healthy: 2 }),
    at('left', 10, 50, { failed: 1 }),
    at('too', 20, 50, { healthy: 4 }),
  ]
  expect(clusterSites(places, flat, MAP.width)).toMatchObject([
    { x: 10, worst: 'failed', devices: 5 },
    { x: 300, worst: 'healthy', devices: 2 },
  ])
  // With half the pixels, twice the distance counts as near.
  expect(clusterSites([at('a', 0, 0), at('b', 40, 0)], flat, MAP.width / 2)).toHaveLength(1)
  expect(clusterSites([at('a', 0, 0), at('b', 40, 0)], flat, MAP.width)).toHaveLength(2)
})

const place = fc.tuple(fc.double({ min: -50, max: 1_000, noNaN: true }), fc.double({ min: -50, max: 500, noNaN: true }))

test('each visible site is in one mark, and no two marks are near each other', () => {
  fc.assert(
    fc.property(fc.array(place, { maxLength: 120 }), (spots) => {
      const places = spots.map(([x, y], index) => at(String(index), x, y))
      const clusters = clusterSites(places, flat, MAP.width)
      const inside = spots.filter(([x, y]) => x >= 0 && y >= 0 && x <= MAP.width && y <= MAP.height)
      expect(clusters.reduce((sum, cluster) => sum + cluster.places.length, 0)).toBe(inside.length)
      const near = inside.length > 60 ? 46 : 28
      for (const [index, a] of clusters.entries()) {
        for (const b of clusters.slice(index + 1)) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThanOrEqual(near)
      }
    }),
  )
})

test.each([
  ['one site', [[10, 53.5]]],
  [
    'sites of one country',
    [
      [8.7, 50.1],
      [13.4, 52.5],
      [11.6, 48.1],
    ],
  ],
  [
    'sites on two continents',
    [
      [10, 53.5],
      [-74, 40.7],
    ],
  ],
] as const)('the map begins with %s in the picture, larger than on the whole world', (_, places) => {
  const view = fittingView(places)
  const projection = projectionFor(view)
  expect(view.scale).toBeGreaterThan(1)
  for (const [longitude, latitude] of places) {
    const [x = -1, y = -1] = projection([longitude, latitude]) ?? []
    expect([x > 0 && x < MAP.width, y > 0 && y < MAP.height], `${longitude}`).toEqual([true, true])
  }
})

test('without places, and with places all over the world, the map is the whole world', () => {
  expect(fittingView([])).toEqual(WHOLE_WORLD)
  expect(
    fittingView([
      [-150, -30],
      [150, 60],
    ]),
  ).toEqual(WHOLE_WORLD)
})
