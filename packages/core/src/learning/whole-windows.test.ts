import { expect, test } from 'vitest'
import { createWholeWindows } from './whole-windows.ts'

const SPEC = { everyMs: 100, samples: 8 }
const WANTED = 160

/** Rows with a pause of a second before each of these rows. */
function collected(rows: number, pauses: readonly number[], wanted = WANTED) {
  const windows = createWholeWindows(SPEC, wanted)
  let timeMs = 0
  for (let row = 0; row < rows; row += 1) {
    timeMs += pauses.includes(row) ? 1_000 : SPEC.everyMs
    windows.add(timeMs)
  }
  return windows
}

test('rows without a gap are enough, and a late row is no gap', () => {
  expect(collected(WANTED, []).lack(WANTED)).toBeUndefined()
  const windows = createWholeWindows(SPEC, WANTED)
  for (const timeMs of [0, 100, 340, 440, 540, 640, 740, 840, 1_100]) windows.add(timeMs)
  expect(windows.count()).toBe(1)
})

test('after five gaps, the device takes so many rows more that the windows are enough', () => {
  const pauses = [20, 40, 60, 80, 100]
  const short = collected(WANTED, pauses)
  expect(short.count()).toBe(160 - 6 * 7)
  expect(short.lack(WANTED - 1)).toBeUndefined()
  expect(short.lack(WANTED)).toContain('118 of 120 whole windows')
  expect(collected(WANTED + 1, pauses).lack(WANTED + 1)).toContain('119 of 120')
  expect(collected(WANTED + 2, pauses).lack(WANTED + 2)).toBeUndefined()
})

test('rows that never come in a row end after twice the wanted ones', () => {
  const each = Array.from({ length: 2 * WANTED }, (_, at) => at)
  expect(collected(2 * WANTED - 1, each).lack(2 * WANTED - 1)).toContain('0 of 120')
  expect(collected(2 * WANTED, each).lack(2 * WANTED)).toBeUndefined()
})

test('an order of too few rows is not made longer, because its gaps are not the reason', () => {
  expect(collected(120, [60], 120).lack(120)).toBeUndefined()
})
