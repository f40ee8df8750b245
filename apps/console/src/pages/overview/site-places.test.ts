import type { SiteState } from '@skerry/contract/sites/site'
import type { GeoProjection } from 'd3-geo'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clusterSites, type Place, placeSites } from './site-places.ts'
import { MAP } from './world.ts'

const site = (name: string, more: Partial<SiteState> = {}): SiteState => ({
  site: name,
  kind: 'edge',
  clearance: 'internal',
  labels: {},
  devices: {},
  ...more,
})
/** Degrees as pixels, so that what is near is seen in the numbers. */
const flat = ((at: [number, number]) => at) as GeoProjection
const at = (name: string, x: number, y: number, devices: SiteState['devices'] = {}): Place => ({
  state: site(name, { devices }),
  at: [x, y],
})

test('a site stands at its coordinates; one without them or a country stands nowhere, and is counted', () => {
  const coordinates = { latitude: 53.5, longitude: 10 }
  const { places, unplaced } = placeSites([site('a', { coordinates }), site('b'), site('c', { country: 'FR' })], [])
  expect(places.map(({ state, at: [longitude] }) => [state.site, longitude])).toEqual([
    ['a', 10],
    ['c', 2.5],
  ])
  expect(unplaced).toBe(1)
})

test('near sites share a mark, which has the colour of the worst of them, and marks stand from left to right', () => {
  const places = [
    at('right', 300, 50, { healthy: 2 }),
    at('left', 10, 50, { failed: 1 }),
    at('too', 20, 50, { healthy: 4 }),
  ]
  expect(clusterSites(places, flat, MAP.width)).toMatchObject([
    { x: 10, worst: 'failed', devices: 5 },
    { x: 300, worst: 'healthy', devices: 2 },
  ])
  // On half the pixels twice as much is near.
  expect(clusterSites([at('a', 0, 0), at('b', 40, 0)], flat, MAP.width / 2)).toHaveLength(1)
  expect(clusterSites([at('a', 0, 0), at('b', 40, 0)], flat, MAP.width)).toHaveLength(2)
})

const place = fc.tuple(fc.double({ min: -50, max: 1_000, noNaN: true }), fc.double({ min: -50, max: 500, noNaN: true }))

test('every site in the picture is in one mark, none outside is, and no two marks are near each other', () => {
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
