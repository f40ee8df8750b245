import { SurveySpec } from '@skerry/contract/campaigns/survey'
import { expect, test } from 'vitest'
import { normalNumbers } from '../privacy/clipping.ts'
import {
  blurCounts,
  countedDevicesMax,
  countRows,
  layoutOf,
  lineTrouble,
  readSurvey,
  rowSensitivity,
  surveyTrouble,
  surveyWords,
} from './survey.ts'

const SPEC = {
  name: 'motors',
  data: { name: 'motors', shape: [3], classes: 2, rowsMin: 1 },
  columns: [
    { name: 'current', at: 0, low: 0, high: 10, bins: 10 },
    { name: 'heat', at: 2, low: -20, high: 80, bins: 200 },
    { name: 'whole', low: -1, high: 1, bins: 2 },
  ],
}

const declared = (change: object = {}) => SurveySpec.parse({ ...SPEC, ...change })

function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Rows of one device. A device with a larger number has warmer motors. */
function rowsOf(device: number, rows: number) {
  const next = random(device + 1)
  const normal = normalNumbers(next)
  const data = Float32Array.from({ length: rows * 3 }, (_, i) => {
    if (i % 3 === 2) return 20 + device * 5 + 6 * normal()
    return i % 3 === 1 && next() < 0.1 ? Number.NaN : next() * 12 - 1
  })
  return { rows, data, labels: BigInt64Array.from({ length: rows }, (_, row) => BigInt(row % 3 === 0 ? 1 : 0)) }
}

const addLines = (lines: readonly Uint32Array[]) =>
  Uint32Array.from({ length: lines[0]?.length ?? 0 }, (_, at) => lines.reduce((sum, line) => sum + (line[at] ?? 0), 0))

test('the sum of the counts of devices gives the statistics of all rows together', () => {
  const spec = declared()
  const layout = layoutOf(spec)
  const devices = [900, 40, 3_001].map((rows, device) => rowsOf(device, rows))
  const lines = devices.map((rows) => countRows(layout, rows))
  for (const line of lines) {
    expect(line.length).toBe(surveyWords(layout))
    expect(lineTrouble(layout, line)).toBeUndefined()
  }
  const result = readSurvey(spec, addLines(lines), devices.length)
  expect(result).toMatchObject({ devices: 3, rows: 3_941 })
  expect(result.classes).toEqual([3_941 - 1_315, 1_315])

  const heat = devices.flatMap(({ data }) => [...data].filter((_, i) => i % 3 === 2)).toSorted((a, b) => a - b)
  const mean = heat.reduce((a, b) => a + b, 0) / heat.length
  const deviation = Math.sqrt(heat.reduce((sum, value) => sum + (value - mean) ** 2, 0) / heat.length)
  const [current, column, whole] = result.columns
  expect(column?.mean).toBeCloseTo(mean, 3)
  expect(column?.deviation).toBeCloseTo(deviation, 2)
  // A bin is half a degree wide.
  for (const { share, value } of column?.quantiles ?? [])
    expect(Math.abs((value ?? Number.NaN) - (heat[Math.floor(share * heat.length)] ?? 0))).toBeLessThan(0.6)

  const currents = devices.flatMap(({ data }) => [...data].filter((_, i) => i % 3 === 0))
  expect(current?.below).toBe(currents.filter((value) => value < 0).length)
  expect(current?.above).toBe(currents.filter((value) => value > 10).length)
  expect(current?.counts).toEqual(
    Array.from({ length: 10 }, (_, bin) => currents.filter((value) => value >= bin && value < bin + 1).length),
  )
  // The lowest values are outside of the range, so the smallest quantiles are unknown.
  expect(current?.quantiles[0]).toEqual({ share: 0.01 })
  const values = devices.flatMap(({ data }) => [...data])
  expect(whole?.missing).toBe(values.filter((value) => Number.isNaN(value)).length)
  expect(whole?.missing).toBeGreaterThan(0)
})

test('values on an edge have one bin, and a survey of nothing has no mean', () => {
  const spec = declared({ data: { ...SPEC.data, shape: [1] }, columns: [{ name: 'a', low: 0, high: 2, bins: 2 }] })
  const line = countRows(layoutOf(spec), { rows: 5, data: [0, 1, 2, Number.NaN, 2.001], labels: [0, 0, 1, 1, 0] })
  const result = readSurvey(spec, line, 1)
  expect(result.columns[0]).toMatchObject({ below: 0, counts: [1, 2], above: 1, missing: 1 })
  expect(result.columns[0]?.mean).toBeCloseTo((0 + 1 + 2 + 2) / 4, 4)
  const empty = readSurvey(spec, new Uint32Array(line.length), 1)
  expect(empty.columns[0]?.mean).toBeUndefined()
  expect(empty.columns[0]?.quantiles.every(({ value }) => value === undefined)).toBe(true)
})

test('counts that contradict each other are found', () => {
  const layout = layoutOf(declared())
  const line = countRows(layout, rowsOf(0, 50))
  for (const at of [0, 1, 4, 12, 100]) {
    const wrong = Uint32Array.from(line)
    wrong[at] = (wrong[at] ?? 0) + 7
    expect(lineTrouble(layout, wrong), `word ${at}`).toContain('counted')
  }
})

test('noise leaves the rows, and no count is negative', () => {
  const spec = declared({ privacy: { noise: { multiplier: 1 } } })
  const layout = layoutOf(spec)
  // A row changes its class, two single values, and three values of the column of all.
  expect(rowSensitivity(layout)).toBeCloseTo(Math.sqrt(2 + 2 + 2 + 2 * 9))
  const line = countRows(layout, rowsOf(0, 5_000))
  const blurred = blurCounts(layout, line, { multiplier: 1, delta: 1e-5 }, normalNumbers(random(3)))
  expect(blurred[0]).toBe(5_000)
  expect(blurred.every((count) => Number.isInteger(count) && count >= 0)).toBe(true)
  expect(blurred.filter((count, at) => count !== line[at]).length).toBeGreaterThan(100)
  const result = readSurvey(spec, blurred, 4)
  // [Mironov 2017] One Gaussian mechanism with this noise, at δ 1e-5.
  expect(result.epsilon).toBeGreaterThan(4)
  expect(result.epsilon).toBeLessThan(5.3)
  expect(result.columns[1]?.mean).toBeUndefined()
  expect(result.columns[1]?.quantiles.find(({ share }) => share === 0.5)?.value).toBeCloseTo(20, -1)
})

test('declarations that cannot work are refused with the reason', () => {
  expect(surveyTrouble(declared())).toBeUndefined()
  const [first] = SPEC.columns
  expect(surveyTrouble(declared({ columns: [first, first] }))).toBe('two columns have the name current')
  expect(surveyTrouble(declared({ columns: [{ ...first, at: 3 }] }))).toContain('a row has 3 values')
  expect(surveyTrouble(declared({ privacy: { masks: {} } }))).toContain('participants.minimum to 3')
  expect(SurveySpec.safeParse({ ...SPEC, columns: [{ ...first, high: 0 }] }).success).toBe(false)
  expect(countedDevicesMax({ classes: 2, width: 784, columns: [] }, 60_000)).toBe(91)
})
