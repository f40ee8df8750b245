import { Socket } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { chooseForNewcomer, createConnectionGuard, type Guarded } from './connection-guard.ts'

const LIMITS = { connectionsMax: 4, eachAddressMax: 3 }

const quiet = (address: string, quietSinceMs: number, more: Partial<Guarded> = {}): Guarded => ({
  address,
  openedMs: 0,
  quietSinceMs,
  hasAsked: true,
  isBusy: false,
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

test('a process that overslept does not hold its own silence against its clients', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  let nowMs = 0
  const guard = createConnectionGuard(
    { ...LIMITS, firstRequestMs: 5_000, stallMs: 5_000, transferMs: 60_000, idleMs: 60_000 },
    { nowMs: () => nowMs },
  )
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: '127.0.0.1' })
  onTestFinished(() => void socket.destroy())
  expect(guard.admit(socket)).toBe(true)
  nowMs = 30_000
  vi.advanceTimersByTime(1_000)
  expect(socket.destroyed).toBe(false)
  for (let seconds = 0; seconds < 6; seconds++) {
    nowMs += 1_000
    vi.advanceTimersByTime(1_000)
  }
  expect(socket.destroyed).toBe(true)
})
