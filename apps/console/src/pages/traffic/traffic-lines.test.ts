import type { TrafficPoint } from '@skerry/contract/traffic/traffic'
import { expect, test } from 'vitest'
import { errorShare, gapsBetween, panelsOf, piecesOfLine } from './traffic-lines.ts'

const STEP_MS = 300_000
const point = (at: number, requests: number, more: Partial<TrafficPoint> = {}): TrafficPoint => ({
  startMs: at * STEP_MS,
  endMs: (at + 1) * STEP_MS,
  requests,
  failures: 0,
  dropped: 0,
  ...more,
})

test('a line ends where no device has reported, and an idle time has a rate of zero', () => {
  const points = [point(0, 300), point(1, 0), point(4, 600)]
  const [rate] = panelsOf(points, 9e9)
  const [line] = rate?.lines ?? []
  expect(line && piecesOfLine(points, line).map((piece) => piece.map(({ value }) => value))).toEqual([[1, 0], [2]])
  expect(rate?.high).toBe(2)
  expect(gapsBetween(points)).toEqual([{ fromMs: 2 * STEP_MS, toMs: 4 * STEP_MS }])
})

test('an idle time has no share of errors and no latency, and few errors of many requests stay small', () => {
  const points = [point(0, 1_000, { failures: 1, p50Us: 900, p95Us: 2_000 }), point(1, 0)]
  const [, errors, latency] = panelsOf(points, 9e9)
  expect(points.map(errorShare)).toEqual([0.001, undefined])
  expect([errors?.high, latency?.high]).toEqual([0.01, 2_000])
  expect(latency?.lines.map((line) => piecesOfLine(points, line).flat().length)).toEqual([1, 1])
})

test('the newest point is divided by the time that it has lasted', () => {
  const points = [point(0, 600, { isOpen: true })]
  expect(panelsOf(points, 60_000)[0]?.high).toBe(10)
})
