import { expect, test } from 'vitest'
import { NO_HISTORY, withFigures } from './figure-history.ts'

test('each report adds a point for each figure that it has', () => {
  const first = withFigures(NO_HISTORY, { memoryBytes: 3 * 1024 ** 2, running: 1 }, 1_000)
  const second = withFigures(first, { memoryBytes: 4 * 1024 ** 2, cpuPercent: 12.5 }, 2_000)
  expect(second.memory.map(({ atMs, mean }) => [atMs, mean])).toEqual([
    [1_000, 3],
    [2_000, 4],
  ])
  expect(second.processor).toMatchObject([{ atMs: 2_000, mean: 12.5, count: 1 }])
})

test('the same report adds nothing', () => {
  const once = withFigures(NO_HISTORY, { cpuPercent: 1 }, 5)
  expect(withFigures(once, { cpuPercent: 1 }, 5).processor).toHaveLength(1)
})

test('the history is bounded, and keeps the newest points', () => {
  let history = NO_HISTORY
  for (let at = 1; at < 1_000; at++) history = withFigures(history, { cpuPercent: at }, at)
  expect(history.processor).toHaveLength(360)
  expect(history.processor.at(-1)).toMatchObject({ mean: 999 })
})
