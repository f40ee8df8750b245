import { expect, test } from 'vitest'
import { heldUntil, LOCK_BELIEVED_MS } from './held-report.ts'

const waits = { cause: { code: 'window_waits', message: '' }, opensAtMs: 900_000 }
const locked = { cause: { code: 'update_locked', message: '' } }
const failing = { cause: { code: 'fetch_failed', message: '' } }
const heard = (item: Parameters<typeof heldUntil>[0]['item'], saidAtMs = 100_000, heardAtMs = 100_000) => ({
  item,
  saidAtMs,
  heardAtMs,
})

test('a window holds until it opens, however wrong the clock of the device is', () => {
  expect(heldUntil(heard(waits), undefined, 100_000)).toBe(900_000)
  expect(heldUntil(heard(waits, 800_000, 5_000_000), undefined, 5_000_000)).toBe(5_100_000)
  expect(heldUntil(heard(waits, 901_000, 5_000_000), undefined, 5_000_000)).toBe(5_000_000)
})

test('a lock holds for an hour after it was heard of, and is written down twice an hour', () => {
  expect(heldUntil(heard(locked), undefined, 100_000)).toBe(100_000 + LOCK_BELIEVED_MS)
  const known = 100_000 + LOCK_BELIEVED_MS
  expect(heldUntil(heard(locked, 0, 100_000 + LOCK_BELIEVED_MS / 2), known, 0)).toBeUndefined()
  expect(heldUntil(heard(locked, 0, 100_001 + LOCK_BELIEVED_MS / 2), known, 0)).toBe(known + 1 + LOCK_BELIEVED_MS / 2)
})

test('the same said again is no news, and an end that has passed needs no other', () => {
  expect(heldUntil(heard(waits), 900_000, 100_000)).toBeUndefined()
  expect(heldUntil(heard(waits), 896_000, 100_000)).toBeUndefined()
  expect(heldUntil(heard(failing), 90_000, 100_000)).toBeUndefined()
  expect(heldUntil(heard(failing), undefined, 100_000)).toBeUndefined()
})

test('the time of a device that waits no more begins now', () => {
  expect(heldUntil(heard(failing), 900_000, 100_000)).toBe(100_000)
})
