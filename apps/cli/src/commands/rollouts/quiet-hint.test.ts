import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { QUIET_MS, quietHint } from './quiet-hint.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const rolling = { deployment: 'leak', status: 'rolling' } as const

test('a rollout without a change for a minute names the command that explains it, once for each change', () => {
  const said: string[] = []
  using hint = quietHint((text) => said.push(text))
  hint.heard(rolling)
  vi.advanceTimersByTime(QUIET_MS - 1)
  hint.heard(rolling)
  vi.advanceTimersByTime(QUIET_MS - 1)
  expect(said).toEqual([])
  vi.advanceTimersByTime(3 * QUIET_MS)
  expect(said).toEqual([expect.stringContaining('"skerry rollout show leak"')])
})

test('a rollout that ended, and a watch that ended, have no hint', () => {
  const said: string[] = []
  const hint = quietHint((text) => said.push(text))
  hint.heard(rolling)
  hint.heard({ ...rolling, status: 'paused' })
  vi.advanceTimersByTime(2 * QUIET_MS)
  hint.heard(rolling)
  hint[Symbol.dispose]()
  vi.advanceTimersByTime(2 * QUIET_MS)
  expect(said).toEqual([])
})
