import { expect, test } from 'vitest'
import { checkRows } from './check-rows.ts'
import { chanceOf, normalOf } from './numbers.ts'
import { findUnitChange } from './unit-change.ts'
import type { TagRows } from './windows.ts'

const ROWS = 600
const chance = chanceOf(2)
const wave = Float64Array.from({ length: ROWS }, (_, row) => 20 + 3 * Math.sin(row / 15) + 0.1 * normalOf(chance))

const rowsOf = (column: ArrayLike<number>): TagRows => ({
  tags: ['a'],
  values: Float64Array.from(column),
  rows: column.length,
})

const codesOf = (column: ArrayLike<number>, accept: string[] = []) =>
  checkRows(rowsOf(column), 16, accept).map(({ code }) => code)

test('sound signals have no finding: a wave, a ramp, and a slow walk', () => {
  expect(codesOf(wave)).toEqual([])
  expect(codesOf(wave.map((_, row) => row % 100))).toEqual([])
  let level = 0
  expect(codesOf(wave.map(() => (level += 0.1 * normalOf(chance))))).toEqual([])
})

test('nobody can accept rows without windows to learn from', () => {
  expect(
    codesOf(
      wave.map(() => Number.NaN),
      ['missing_values', 'too_little_data'],
    ),
  ).toEqual(['too_little_data'])
  expect(codesOf(wave.subarray(0, 100), ['too_little_data'])).toEqual([])
})

test('each property of rows that stands in the way has its code and an advice', () => {
  expect(codesOf(wave.subarray(0, 100))).toEqual(['too_little_data'])
  expect(codesOf(wave.map(() => 7))).toEqual(['constant_tag'])
  expect(codesOf(wave.map((value, row) => (row % 3 === 0 ? Number.NaN : value)))).toEqual(['missing_values'])
  expect(codesOf(wave.map((value, row) => (row > 400 ? 21.5 : value)))).toEqual(['source_faulty'])
  expect(codesOf(wave.map((value, row) => (row % 20 === 0 ? value + 900 : value)))).toEqual(['source_faulty'])
  expect(codesOf(wave.map((value, row) => (row > 300 ? value * 10 : value)))).toEqual(['unit_changed'])
  const fahrenheit = wave.map((value, row) => (row > 300 ? value * 1.8 + 32 : value))
  expect(checkRows(rowsOf(fahrenheit), 16, [])).toMatchObject([
    { code: 'unit_changed', tag: 'a', message: expect.stringContaining('°F'), advice: expect.any(String) },
  ])
  const dayAndNight = wave.map((value, row) => (Math.floor(row / 100) % 2 === 0 ? value : value + 90))
  expect(codesOf(dayAndNight)).toEqual(['two_regimes'])
  expect(codesOf(dayAndNight, ['two_regimes'])).toEqual([])
})

test('a change of unit is found although the values before and after overlap', () => {
  const flow = wave.map((value) => Math.abs(value - 20) + 0.5)
  for (const factor of [3.6, 1 / 3.6, 2.204_62, 14.503_8]) {
    const scaled = flow.map((value, row) => (row >= 350 ? value * factor : value))
    expect(checkRows(rowsOf(scaled), 16, [])).toMatchObject([{ code: 'unit_changed', tag: 'a' }])
  }
  const pressure = wave.map((_, row) => 5.5 + 5 * Math.sin(row / 5))
  const inPsi = pressure.map((value, row) => (row > 300 ? value * 14.5038 : value))
  expect(checkRows(rowsOf(inPsi), 16, [])).toMatchObject([
    { code: 'unit_changed', message: expect.stringContaining('a factor of 14.5') },
  ])
})

test('a machine that works harder, wanders or grows has not changed its unit', () => {
  const load = wave.map((_, row) => 5.2 + 5 * Math.sin(row / 15))
  expect(codesOf(load.map((value, row) => (row > 300 ? value * 1.3 : value)))).toEqual([])
  expect(codesOf(load.map((value, row) => value * (1 + row / 300)))).toEqual([])
  for (let seed = 1; seed <= 200; seed += 1) {
    const dice = chanceOf(seed)
    let level = 0
    const walk = wave.map(() => (level = 0.97 * level + normalOf(dice)))
    const lifted = walk.map((value) => Math.exp(value / 4))
    expect(findUnitChange(walk), `seed ${seed}`).toBeUndefined()
    expect(findUnitChange(lifted), `seed ${seed}`).toBeUndefined()
  }
})
