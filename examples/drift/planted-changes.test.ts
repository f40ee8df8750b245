/** Changes that are planted into the readings of the eight motes are found, and the readings themselves are calm. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MonitorSpec } from '@skerry/contract/monitors/monitor'
import type { FeatureProfile } from '@skerry/contract/monitors/profile'
import { addValue, binOf, countsIn, countsOf, createTally, deviationOf } from '@skerry/core/monitors/bins'
import { stabilityIndex } from '@skerry/core/monitors/distance'
import { binningOf } from '@skerry/core/monitors/grid/grid-bins'
import { profileOf } from '@skerry/core/monitors/profile'
import { verdictOf } from '@skerry/core/monitors/verdict'
import { describe, expect, test } from 'vitest'

const FOLDER = join(import.meta.dirname, '../sensor-anomaly/readings')
const COLUMNS = ['humidity', 'temperature'] as const

/** Three windows have more rows than a verdict needs. */
const WINDOW_ROWS = 200
const WINDOWS = 3
const REFERENCE_ROWS = 3_000
const limits = MonitorSpec.parse({ model: 'm', windows: WINDOWS })

type Readings = { mote: string; before: number[]; now: number[] }

/** A prime step puts readings of all times into each window: without a planted change, the readings are stationary. */
function readingsOf(file: string, column: number): Readings {
  const [, ...lines] = readFileSync(join(FOLDER, file), 'utf8').trim().split('\n')
  const values = lines.map((line) => Number(line.split(',')[column]))
  const spread = values.map((_, at) => values[(at * 2_011) % values.length] ?? Number.NaN)
  const mote = `${file.replace('.csv', '')} ${COLUMNS[column - 1]}`
  return { mote, before: spread.slice(0, REFERENCE_ROWS), now: spread.slice(REFERENCE_ROWS) }
}

const all = readdirSync(FOLDER).flatMap((file) => COLUMNS.map((_, at) => readingsOf(file, at + 1)))

const profiled = (values: readonly number[]) => profileOf({ feature: 'x', side: 'input', tensor: 'x' }, values)

/** The verdict after that many windows of these values. */
function verdictAfter(windows: number, reference: FeatureProfile, values: readonly number[]) {
  const profile = { v: 1, model: 'm', version: 1, origin: 'data-set', rows: REFERENCE_ROWS, left: 0 } as const
  const counted = Array.from({ length: windows }, (_, at) => ({
    windows: 1,
    startMs: at * 300_000,
    endMs: (at + 1) * 300_000,
    rows: WINDOW_ROWS,
    counted: WINDOW_ROWS,
    features: [countsOf(reference.edges, values.slice(at * WINDOW_ROWS, (at + 1) * WINDOW_ROWS))],
  }))
  return verdictOf({ ...profile, features: [reference] }, counted, limits).features[0]
}

type Spread = { mean: number; deviation: number }

const CHANGES: Record<string, (value: number, at: number, spread: Spread) => number> = {
  'a shift of half a deviation': (value, _, { deviation }) => value + deviation / 2,
  'a doubled variance': (value, _, { mean }) => mean + (value - mean) * Math.SQRT2,
  'another unit': (value) => value * 1.8 + 32,
  'missing values': (value, at) => (at % 10 === 0 ? Number.NaN : value),
  'a stuck sensor': (_, __, { mean }) => mean,
}

describe('the eight motes', () => {
  test('readings without a change are calm', () => {
    const states = all.map(({ mote, before, now }) => [mote, verdictAfter(WINDOWS, profiled(before), now)?.state])
    expect(states).toEqual(all.map(({ mote }) => [mote, 'ok']))
    expect(all).toHaveLength(16)
  })

  test.each(Object.entries(CHANGES))('%s is found within three windows, on each of them', (_name, change) => {
    for (const { mote, before, now } of all) {
      const reference = profiled(before)
      const { moments } = reference
      if (!moments) throw new Error(`${mote} has no readings`)
      const spread = { mean: moments.mean, deviation: deviationOf(moments) }
      const moved = now.map((value, at) => change(value, at, spread))
      const verdict = verdictAfter(WINDOWS, reference, moved)
      expect([mote, verdict?.findings.length]).not.toEqual([mote, 0])
      expect([mote, verdict?.state]).not.toEqual([mote, 'ok'])
    }
  })

  test('two categories that are swapped are found, if their shares differ', () => {
    for (const { mote, before, now } of all) {
      const { edges } = profiled(before)
      // Three levels of about three tenths of the readings each, and one of a tenth.
      const levelOf = (value: number) => Math.floor(binOf(edges, value) / 3)
      const reference = profiled(before.map(levelOf))
      expect([mote, reference.form]).toEqual([mote, 'category'])
      const levels = now.map(levelOf)
      const swapped = levels.map((level) => ({ 0: 3, 3: 0 })[level] ?? level)
      expect([mote, verdictAfter(WINDOWS, reference, levels)?.state]).toEqual([mote, 'ok'])
      expect([mote, verdictAfter(WINDOWS, reference, swapped)]).toMatchObject([
        mote,
        { state: 'alert', findings: ['drift'] },
      ])
    }
  })
})

test('bins from a grid give the verdict of exact deciles on each mote, and an index at most twice or half as large', () => {
  for (const { mote, before, now } of all) {
    const tally = createTally([], true)
    for (const value of before) addValue(tally, value)
    const counted = countsIn(tally)
    const { edges: exact, moments } = profiled(before)
    const { edges: rough } = binningOf(counted)
    const index = (edges: readonly number[], values: readonly number[]) =>
      stabilityIndex(countsOf(edges, before).counts, countsOf(edges, values).counts) ?? Number.NaN
    const deviation = moments ? deviationOf(moments) : Number.NaN
    const shifted = now.map((value) => value + deviation / 2)
    expect([mote, Math.abs(index(rough, now) - index(exact, now)) < 0.02]).toEqual([mote, true])
    const ratio = index(rough, shifted) / index(exact, shifted)
    expect([mote, ratio > 0.5 && ratio < 2]).toEqual([mote, true])
    expect([mote, index(rough, shifted) > limits.drift.alert, index(exact, shifted) > limits.drift.alert]).toEqual([
      mote,
      true,
      true,
    ])
  }
})
