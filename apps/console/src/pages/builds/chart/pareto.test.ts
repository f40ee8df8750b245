import fc from 'fast-check'
import { expect, test } from 'vitest'
import { frontierOf, placeLabels } from './pareto.ts'

const point = (key: string, x: number, y: number) => ({ key, x, y })

test('the frontier has the points that no other one beats, from left to right', () => {
  const frontier = frontierOf([
    point('version', 100, 1),
    point('a', 30, 0.99),
    point('b', 40, 0.98),
    point('c', 25, 0.9),
  ])
  expect(frontier.map(({ key }) => key)).toEqual(['c', 'a', 'version'])
})

test('equal points do not beat each other', () => {
  expect(frontierOf([point('a', 1, 1), point('b', 1, 1)])).toHaveLength(2)
})

const points = fc.array(fc.record({ x: fc.nat(50), y: fc.nat(50) }), { minLength: 1, maxLength: 12 })

test('each point is on the frontier or is beaten by a point there', () => {
  fc.assert(
    fc.property(points, (all) => {
      const keyed = all.map((each, index) => ({ ...each, key: String(index) }))
      const frontier = frontierOf(keyed)
      for (const { x, y } of keyed) expect(frontier.some((best) => best.x <= x && best.y >= y)).toBe(true)
      for (const best of frontier)
        expect(keyed.some(({ x, y }) => x <= best.x && y >= best.y && (x < best.x || y > best.y))).toBe(false)
    }),
  )
})

const PLOT = { left: 0, right: 400, top: 0, bottom: 200 }

test('names of close points do not overlap, and one without room is left out', () => {
  const close = ['first', 'second', 'third'].map((name, index) => ({ ...point(name, 200, 100 + index), name }))
  const labels = placeLabels(close, PLOT)
  expect(labels.map(({ key }) => key)).toEqual(['first', 'second', 'third'])
  expect(new Set(labels.map(({ x, y }) => `${x},${y}`)).size).toBe(3)
  const wide = { ...point('wide', 10, 10), name: 'x'.repeat(100) }
  expect(placeLabels([wide], PLOT)).toEqual([])
})

test('a name at the right edge stands on the left of its point', () => {
  expect(placeLabels([{ ...point('a', 395, 100), name: 'the version' }], PLOT)).toMatchObject([{ anchor: 'end' }])
})
