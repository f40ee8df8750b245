import { Measure } from '@skerry/contract/flows/flow-step'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { measure } from './measure.ts'
import { createSampleWindow } from './sample-window.ts'
import { newSignal, QUALITY, type Quality } from './signal.ts'

const signalOf = (timeMs: number, values: readonly number[], quality: Quality = QUALITY.good) => ({
  ...newSignal(),
  timeMs,
  quality,
  number: values[0] ?? Number.NaN,
  other: values.length > 1 ? Float64Array.from(values) : undefined,
})

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true })
const step = fc.oneof(
  fc.record({ kind: fc.constant('push' as const), row: fc.tuple(value, value), quality: fc.constantFrom(0, 1, 2) }),
  fc.record({ kind: fc.constant('drop' as const), ageMs: fc.integer({ min: 0, max: 12 }) }),
)

test('a window holds what a list would that is cut at its front', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.array(step, { maxLength: 60 }), (samples, steps) => {
      const window = createSampleWindow({ samples, columns: 2 })
      let list: { timeMs: number; row: readonly number[]; quality: number }[] = []
      for (const [timeMs, one] of steps.entries()) {
        if (one.kind === 'drop') {
          window.dropUntil(timeMs - one.ageMs)
          list = list.filter((kept) => kept.timeMs > timeMs - one.ageMs)
          continue
        }
        const quality = one.quality as Quality
        const isFull = window.push(signalOf(timeMs, one.row, quality))
        expect(isFull).toBe(list.length === samples)
        const row = quality === QUALITY.bad ? [Number.NaN, Number.NaN] : one.row
        list = [...list, { timeMs, row, quality }].slice(-samples)
      }
      const { rows, values, timesMs } = window.content()
      expect(rows).toBe(list.length)
      expect([...values]).toEqual(list.flatMap(({ row }) => row))
      expect([...timesMs]).toEqual(list.map(({ timeMs }) => timeMs))
      expect(window.worst()).toBe(Math.max(0, ...list.map(({ quality }) => quality)))
    }),
  )
})

/** As a text book has it, over a list. */
const byTheBook: Record<string, (list: number[]) => number> = {
  count: (list) => list.length,
  sum: (list) => list.reduce((sum, one) => sum + one, 0),
  mean: (list) => list.reduce((sum, one) => sum + one, 0) / list.length,
  std: (list) => {
    const mean = list.reduce((sum, one) => sum + one, 0) / list.length
    return Math.sqrt(list.reduce((sum, one) => sum + (one - mean) ** 2, 0) / list.length)
  },
  rms: (list) => Math.sqrt(list.reduce((sum, one) => sum + one ** 2, 0) / list.length),
  min: (list) => Math.min(...list),
  max: (list) => Math.max(...list),
  range: (list) => Math.max(...list) - Math.min(...list),
  median: (list) => {
    const sorted = [...list].sort((a, b) => a - b)
    const middle = Math.floor(sorted.length / 2)
    const above = sorted[middle] ?? Number.NaN
    return sorted.length % 2 === 1 ? above : ((sorted[middle - 1] ?? Number.NaN) + above) / 2
  },
  first: (list) => list[0] ?? Number.NaN,
  last: (list) => list.at(-1) ?? Number.NaN,
}

test.each(Object.keys(byTheBook))('%s of a sliding window is that of its samples, computed afresh', (name) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 }), fc.array(value, { minLength: 1, maxLength: 40 }), (samples, list) => {
      const window = createSampleWindow({ samples, columns: 1 })
      for (const [timeMs, one] of list.entries()) {
        window.push(signalOf(timeMs, [one]))
        const expected = byTheBook[name]?.(list.slice(Math.max(0, timeMs + 1 - samples), timeMs + 1)) ?? Number.NaN
        const given = measure(Measure.parse(name), window.content(), 0)
        expect(Math.abs(given - expected)).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(expected)))
      }
    }),
  )
})

test('a slope is per second, and a quantile lies between samples', () => {
  const window = createSampleWindow({ samples: 5, columns: 1 })
  for (const [at, one] of [1, 3, 5, 7, 9].entries()) window.push(signalOf(1.8e12 + at * 500, [one]))
  expect(measure('slope', window.content(), 0)).toBeCloseTo(4, 9)
  expect(measure({ quantile: 0.9 }, window.content(), 0)).toBeCloseTo(8.2, 12)
  window.clear()
  expect([measure('count', window.content(), 0), measure('mean', window.content(), 0)]).toEqual([0, Number.NaN])
})
