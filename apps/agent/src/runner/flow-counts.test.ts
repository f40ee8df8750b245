import { expect, test } from 'vitest'
import { countsOf, createFlowTally } from './flow-counts.ts'

const part = { in: 0, out: 0, dropped: 0, late: 0, bad: 0, queued: 0 }

test('counts what models and sinks were asked, and not what only passes through', () => {
  const parts = [
    { ...part, part: 'input' as const, name: 'pressure', in: 1_000, bad: 7 },
    { ...part, part: 'step' as const, name: 'window', in: 1_000 },
    { ...part, part: 'step' as const, name: 'score', in: 10, bad: 1, latencyP50Ms: 1.5, latencyP99Ms: 4 },
    { ...part, part: 'sink' as const, name: 'alarm', in: 5, bad: 2, dropped: 1, latencyP50Ms: 0.2, latencyP99Ms: 9 },
  ]
  expect(countsOf({ parts })).toEqual({ requests: 15, failures: 4, p50Us: 1_500, p99Us: 9_000 })
  expect(countsOf({ parts: [] })).toEqual({ requests: 0, failures: 0 })
})

const sink = (asked: number, bad: number) => [{ ...part, part: 'sink' as const, name: 'alarm', in: asked, bad }]

test('goes on counting when a thread begins anew, and does not count what the version before it did', () => {
  const stale = sink(100, 50)
  const tally = createFlowTally(stale)
  expect(tally.hear(stale)).toEqual({ requests: 0, failures: 0 })
  const last = sink(3, 1)
  expect(tally.hear(last)).toEqual({ requests: 3, failures: 1 })
  tally.crashed()
  expect(tally.hear(last)).toEqual({ requests: 4, failures: 2 })
  expect(tally.hear(sink(2, 0))).toEqual({ requests: 6, failures: 2 })
})
