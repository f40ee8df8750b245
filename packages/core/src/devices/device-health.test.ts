import { expect, test } from 'vitest'
import { type HealthFacts, healthOf, marksOf } from './device-health.ts'

const fine: HealthFacts = {
  status: 'active',
  liveness: 'online',
  generation: 3,
  observedGeneration: 3,
  hasConditions: false,
  items: { isBroken: false, isFallenBack: false, isMoving: false },
}
const marked = (marks: Partial<HealthFacts['items']>): Partial<HealthFacts> => ({ items: { ...fine.items, ...marks } })

test.each<[Partial<HealthFacts>, string]>([
  [{}, 'healthy'],
  [{ observedGeneration: 2 }, 'moving'],
  [marked({ isMoving: true }), 'moving'],
  [{ status: 'conflict-paused' }, 'degraded'],
  [{ hasConditions: true }, 'degraded'],
  [marked({ isFallenBack: true, isMoving: true }), 'degraded'],
  [marked({ isBroken: true, isFallenBack: true }), 'failed'],
  [{ liveness: 'stale', ...marked({ isBroken: true }) }, 'stale'],
  [{ liveness: 'never' }, 'never'],
  [{ status: 'pending', liveness: 'never' }, 'pending'],
  [{ status: 'quarantined', ...marked({ isBroken: true }) }, 'quarantined'],
  [{ status: 'wiping' }, 'quarantined'],
  [{ status: 'wiped' }, 'revoked'],
  [{ status: 'revoked', liveness: 'online' }, 'revoked'],
])('%j is %s', (change, word) => {
  expect(healthOf({ ...fine, ...change })).toBe(word)
})

test('an item that failed is told apart by whether anything serves in its place', () => {
  expect(marksOf([{ state: 'failed', isServing: true }])).toEqual({
    isBroken: false,
    isFallenBack: true,
    isMoving: false,
  })
  expect(marksOf([{ state: 'failed', isServing: false }]).isBroken).toBe(true)
  expect(marksOf([{ state: 'active', isServing: true }])).toEqual(fine.items)
  expect(marksOf([{ state: 'golden', isServing: true }]).isMoving).toBe(true)
})
