import type { Watch } from '@skerry/contract/held/monitors'
import type { MonitorWindow } from '@skerry/contract/monitors/profile'
import type { TagContent, TagValue } from '@skerry/contract/sources/tag'
import { digestOf } from '@skerry/platform/files/hash'
import { expect, test } from 'vitest'
import { createMonitorBoard } from './monitor-board.ts'

const TAGS = ['speed', 'running', 'state', 'axes', 'later']

const watch: Watch = {
  model: 'source:press',
  version: 3,
  profile: digestOf('profile'),
  windowMs: 10_000,
  features: TAGS.map((tag) => ({ feature: tag, side: 'input', tensor: tag, edges: [], hasGrid: true })),
}

const good = (tag: string, value: TagContent): TagValue => ({
  tag,
  receivedTimeMs: 0,
  quality: 'good',
  value,
})

const bad = (tag: string): TagValue => ({
  tag,
  receivedTimeMs: 0,
  quality: 'bad',
  cause: { code: 'source_down', message: 'the line is cut' },
})

/** The window after these samples, one a second. */
function windowOf(samples: readonly (readonly TagValue[])[]): MonitorWindow[] {
  let nowMs = 60_000
  const board = createMonitorBoard({ clock: { nowMs: () => nowMs } })
  board.become([watch, { ...watch, model: 'anomaly' }])
  for (const sample of samples) {
    nowMs += 1_000
    board.sample((source, tag) => (source === 'press' ? sample.find((one) => one.tag === tag) : undefined))
  }
  return board.close()
}

test('each second is a row: numbers, booleans and texts are counted, a bad value is missing, and a list is left out', () => {
  const [window, ...others] = windowOf([
    [good('speed', 1.5), good('running', true), good('state', 'idle'), good('axes', [1, 2])],
    [good('speed', 1.5), good('running', false), good('state', 'idle'), good('axes', [1, 2])],
    [bad('speed'), good('running', true), good('state', 'busy'), good('axes', [1, 2])],
  ])
  // The model of the second watch has answered nothing.
  expect(others).toEqual([])
  expect(window).toMatchObject({ model: 'source:press', version: 3, rows: 3, counted: 3 })
  const [speed, running, state, axes, later] = window?.features ?? []
  expect(speed).toMatchObject({ counts: [2], missing: 1, moments: { n: 2, min: 1.5, max: 1.5 } })
  expect(running).toMatchObject({ counts: [3], missing: 0, moments: { mean: 2 / 3 }, grid: { isWhole: true } })
  expect(state?.grid?.counts.reduce((sum, count) => sum + count, 0)).toBe(3)
  expect(axes).toEqual({ counts: [0], missing: 0 })
  expect(later).toEqual({ counts: [0], missing: 0 })
})

test('a source without any value yet has no row, and so no window', () => {
  expect(windowOf([[], []])).toEqual([])
})

test('the whole window of 64 tags stays below 64 KB, whatever the values are', () => {
  const features = Array.from({ length: 64 }, (_, at) => ({
    feature: `tag-${at}`,
    side: 'input' as const,
    tensor: `tag-${at}`,
    edges: [1, 2, 3, 4, 5, 6, 7, 8, 9],
    hasGrid: true as const,
  }))
  const board = createMonitorBoard({ clock: { nowMs: () => 60_000 } })
  board.become([{ ...watch, features }])
  for (let second = 0; second < 500; second++)
    board.sample((_, tag) => good(tag, Math.sin(second * 12.9898) * 10 ** (second % 12)))
  const [window] = board.close()
  expect(window?.features[0]?.grid?.counts.length).toBeGreaterThan(20)
  expect(JSON.stringify(window).length).toBeLessThan(64_000)
})
