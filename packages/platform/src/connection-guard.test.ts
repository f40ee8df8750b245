import { expect, test } from 'vitest'
import { chooseForNewcomer, type Guarded } from './connection-guard.ts'

const LIMITS = { connectionsMax: 4, eachAddressMax: 3 }

const quiet = (address: string, quietSinceMs: number, more: Partial<Guarded> = {}): Guarded => ({
  ...{ address, openedMs: 0, quietSinceMs, hasAsked: true, isBusy: false },
  ...more,
})

const choose = (...open: Guarded[]) => chooseForNewcomer(open, { address: 'a', nowMs: 10_000, limits: LIMITS })

test('a connection comes in while there is room', () => {
  expect(choose()).toBe('admit')
  expect(choose(quiet('a', 1), quiet('a', 2), quiet('b', 3))).toBe('admit')
})

test('an address that has its share makes room by a connection of its own', () => {
  const oldest = quiet('a', 5)
  expect(choose(quiet('b', 1), quiet('a', 8), oldest, quiet('a', 7))).toBe(oldest)
})

test('a full port makes room by a connection that has asked nothing, then by the one that is quiet for longest', () => {
  const silent = quiet('b', 9_000, { hasAsked: false })
  expect(choose(quiet('c', 1), quiet('b', 2), silent, quiet('a', 3))).toBe(silent)
  const longest = quiet('c', 1)
  expect(choose(quiet('b', 2), longest, quiet('c', 4), quiet('a', 3))).toBe(longest)
})

test('no connection at work, and none that is just beginning, makes room', () => {
  const atWork = quiet('a', 1, { isBusy: true })
  const beginning = quiet('a', 9_900, { hasAsked: false })
  expect(choose(atWork, atWork, beginning)).toBeUndefined()
})
