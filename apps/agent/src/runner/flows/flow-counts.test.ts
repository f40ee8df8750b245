import { Probation } from '@skerry/contract/models/serving'
import { judgeProbation } from '@skerry/core/device/proof/probation'
import fc from 'fast-check'
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
  expect(countsOf({ parts })).toEqual({ requests: 14, failures: 3, dropped: 1, p50Us: 1_500, p99Us: 9_000 })
  expect(countsOf({ parts: [] })).toEqual({ requests: 0, failures: 0 })
})

const score = (figures: Partial<typeof part>) => [
  { ...part, part: 'step' as const, name: 'score', latencyP50Ms: 1, latencyP99Ms: 2, ...figures },
]

test('a camera that is quicker than its model sends no version back: whatever was left out, what was asked is judged alone', () => {
  const rules = Probation.parse({ seconds: 10, failureRateMax: 0.05 })
  const judge = (figures: Partial<typeof part>) =>
    judgeProbation({ startedMs: 0, nowMs: 9_000, stats: countsOf({ parts: score(figures) }), rules }).kind
  // Of thirty pictures in each second the model looks at one.
  expect(judge({ in: 300, dropped: 290 })).toBe('continue')
  // And one that never answers is not hidden by what waits for it no longer.
  expect(judge({ in: 1_000, bad: 25, dropped: 975 })).toBe('fail')
  fc.assert(
    fc.property(fc.nat(500), fc.nat(500), fc.nat(10_000), (asked, failed, dropped) => {
      const bad = Math.min(asked, failed)
      expect(judge({ in: asked + dropped, bad, dropped })).toBe(judge({ in: asked, bad }))
      expect(countsOf({ parts: score({ in: asked + dropped, bad, dropped }) }).dropped ?? 0).toBe(dropped)
    }),
  )
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
  tally.hear(score({ in: 9, dropped: 7 }))
  tally.crashed()
  expect(tally.hear(score({ in: 5, dropped: 1 })), 'of before and now').toMatchObject({ requests: 11, dropped: 8 })
})
