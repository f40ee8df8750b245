import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { expect, test } from 'vitest'
import { createServingHistory } from './serving-history.ts'

const item = (version: number, more: Partial<Parameters<typeof buildDesiredItem>[0]> = {}) =>
  buildDesiredItem({ name: 'ocr', version, ...more })
const stats = (requests: number, failures = 0) => ({ requests, failures, p50Us: 5, p99Us: 9 })

test('a version is told with what it took over from, as it was at that moment', () => {
  const history = createServingHistory()
  history.activated(item(1))
  history.heard(item(1), stats(100, 3))
  expect(history.statsOf(item(1), stats(100, 3))).toEqual({ ...stats(100, 3), restarts: 0 })
  history.activated(item(2))
  // The old one answers what it has, and that is nothing to compare with any more.
  history.heard(item(1), stats(900))
  expect(history.statsOf(item(2), stats(1))).toEqual({
    ...stats(1),
    restarts: 0,
    replaced: { version: 1, stats: stats(100, 3) },
  })
  expect(history.statsOf(item(1), stats(100)), 'what does not serve has no history').toEqual(stats(100))
})

test('a runner that ended is counted, and what it had counted is not lost', () => {
  const history = createServingHistory()
  history.activated(item(1))
  history.heard(item(1), { ...stats(10, 1), dropped: 4 })
  history.ended([])
  history.activated(item(1))
  history.heard(item(1), stats(5, 2))
  history.ended([])
  expect(history.statsOf(item(1), stats(1))).toEqual({ ...stats(16, 3), restarts: 2, dropped: 4 })
  history.activated(item(2))
  expect(history.statsOf(item(2), stats(0))).toMatchObject({
    restarts: 0,
    replaced: { version: 1, stats: { requests: 15 } },
  })
})

test('an end counts for the models that ran, and what the others had counted is not lost either', () => {
  const history = createServingHistory()
  const neighbour = { ...item(1), name: 'neighbour' }
  for (const one of [item(1), neighbour]) {
    history.activated(one)
    history.heard(one, stats(3))
  }
  history.ended([item(1)])
  expect(history.statsOf(item(1), stats(1))).toMatchObject({ restarts: 1, requests: 4 })
  expect(history.statsOf(neighbour, stats(1))).toMatchObject({ restarts: 0, requests: 4 })
  history.heard(item(1), stats(2))
  history.broke(item(1))
  expect(history.statsOf(item(1), stats(0))).toMatchObject({ restarts: 2, requests: 5 })
})

test('a model that is gone has no history', () => {
  const history = createServingHistory()
  history.activated(item(1))
  history.forget('ocr')
  history.activated(item(2))
  expect(history.statsOf(item(2), stats(1))).toEqual({ ...stats(1), restarts: 0 })
})
