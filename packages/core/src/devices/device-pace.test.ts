import { link } from '@skerry/contract/link/link'
import { expect, test } from 'vitest'
import { DEVICE_PACES, judgePace } from './device-pace.ts'

const pace = { callsMax: 3, everyMs: 100 }

/** How many of so many calls pass at one time, and the wait after them. */
function burst(
  calls: number,
  nowMs: number,
  before?: number,
): { passed: number; waitMs: number; fullAtMs: number | undefined } {
  let passed = 0
  let waitMs = 0
  let fullAtMs = before
  for (let call = 0; call < calls; call++) {
    const verdict = judgePace(fullAtMs, pace, nowMs)
    if (verdict.ok) {
      passed += 1
      fullAtMs = verdict.fullAtMs
    } else waitMs = verdict.waitMs
  }
  return { passed, waitMs, fullAtMs }
}

test('a device makes its calls at once, and then one each interval', () => {
  const first = burst(10, 1_000)
  expect(first).toMatchObject({ passed: 3, waitMs: 100 })
  expect(burst(10, 1_099, first.fullAtMs)).toMatchObject({ passed: 0, waitMs: 1 })
  expect(burst(10, 1_100, first.fullAtMs)).toMatchObject({ passed: 1 })
  expect(burst(10, 9_000, first.fullAtMs)).toMatchObject({ passed: 3 })
})

test('every call of the link has a pace', () => {
  expect(Object.keys(DEVICE_PACES)).toEqual(expect.arrayContaining(Object.keys(link)))
})
