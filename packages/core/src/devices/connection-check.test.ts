import { expect, test } from 'vitest'
import { connectionCheck } from './connection-check.ts'

const NOW_MS = 1_000_000_000

test.each([
  [{ connected: true, sinceMs: 1 }, 'online', true, 'the device is connected and reports'],
  [
    { connected: true, sinceMs: 1 },
    'stale',
    false,
    'connected, but its reports are missing; check its agent and its log',
  ],
  [
    { connected: false, sinceMs: NOW_MS - 30_900, ended: 'closed' },
    'online',
    false,
    'not connected for 30 s: the connection was lost; check that the device is on, that its agent runs, and its network',
  ],
  [
    { connected: false, sinceMs: NOW_MS - 7_200_000, ended: 'goodbye' },
    'stale',
    false,
    'not connected for 2 h: its agent was stopped; start it',
  ],
  [
    { connected: false, sinceMs: NOW_MS + 5, ended: 'hub' },
    'stale',
    false,
    'not connected for 0 s: its hub ended; the device connects again by itself',
  ],
  [{ connected: false }, 'never', false, 'never connected; check that its agent runs and reaches the hub'],
] as const)('the connection is a check with the reason and the next step: %o, %s', (link, liveness, passed, detail) => {
  expect(connectionCheck({ link, liveness }, NOW_MS)).toEqual({ check: 'connection', passed, detail })
})

test('an older hub does not say how the connection ended', () => {
  const { detail } = connectionCheck(
    { link: { connected: false, sinceMs: NOW_MS - 90_000 }, liveness: 'stale' },
    NOW_MS,
  )
  expect(detail).toBe('not connected for 1 min: check that the device is on, that its agent runs, and its network')
})
