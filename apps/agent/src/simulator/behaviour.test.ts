import { Behaviour } from '@skerry/contract/devices/simulation'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assignBehaviours } from './behaviour.ts'
import { randomStream } from './random-stream.ts'

const countOf = (behaviours: readonly unknown[], name: unknown) => behaviours.filter((one) => one === name).length

test('each behaviour has its share, spread over the fleet; the others have none', () => {
  const behaviours = assignBehaviours(1_000, { flaky: 0.05, slow: 0.1 }, randomStream(1, 'behaviours'))
  expect([countOf(behaviours, 'flaky'), countOf(behaviours, 'slow'), countOf(behaviours, undefined)]).toEqual([
    50, 100, 850,
  ])
  expect(countOf(behaviours.slice(0, 500), 'slow')).toBeGreaterThan(20)
})

test('whatever the shares, each device has at most one, and the same seed decides the same', () => {
  const shares = fc.dictionary(fc.constantFrom(...Behaviour.options), fc.double({ min: 0, max: 1, noNaN: true }))
  fc.assert(
    fc.property(fc.nat(300), shares, fc.nat(), (count, wished, seed) => {
      const once = assignBehaviours(count, wished, randomStream(seed, 'behaviours'))
      expect(once.length).toBe(count)
      expect(assignBehaviours(count, wished, randomStream(seed, 'behaviours'))).toEqual(once)
    }),
  )
})
