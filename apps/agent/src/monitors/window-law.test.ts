/** The law of windows: each answered row is in one window, or counted as lost, over clock jumps and a full queue. */
import type { Watch } from '@skerry/contract/held/monitors'
import type { MonitorWindow } from '@skerry/contract/monitors/profile'
import { digestOf } from '@skerry/platform/files/hash'
import { law, rounds } from '@skerry/testkit/tier'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createWindowCounter } from './window-counter.ts'

const WINDOW_MS = 10_000

const watch: Watch = {
  model: 'm',
  version: 1,
  profile: digestOf('profile'),
  windowMs: WINDOW_MS,
  features: [{ feature: 'x', side: 'input', tensor: 'x', edges: [1] }],
}

const column = (rows: number) => ({
  name: 'x',
  datatype: 'FP32' as const,
  shape: [rows],
  data: new Uint8Array(new Float32Array(rows).buffer),
})

/** A request, a jump of the clock in either direction, hours without a taker, or windows that are taken. */
const anyStep = fc.oneof(
  fc.record({ do: fc.constant('ask' as const), rows: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ do: fc.constant('jump' as const), ms: fc.integer({ min: -100 * WINDOW_MS, max: 100 * WINDOW_MS }) }),
  fc.record({ do: fc.constant('ask-windows' as const), windows: fc.integer({ min: 1, max: 200 }) }),
  fc.record({ do: fc.constant('take' as const) }),
)

type Step = typeof anyStep extends fc.Arbitrary<infer Of> ? Of : never

function played(steps: readonly Step[]) {
  const counter = createWindowCounter(watch)
  const taken: MonitorWindow[] = []
  let nowMs = 1e12
  let asked = 0
  const ask = (rows: number) => {
    counter.inputs([column(rows)], rows, nowMs)
    asked += rows
  }
  const doing: Record<
    Step['do'],
    (step: { do: Step['do']; rows?: number | undefined; ms?: number | undefined; windows?: number | undefined }) => void
  > = {
    ask: ({ rows = 0 }) => ask(rows),
    jump({ ms = 0 }) {
      nowMs += ms
    },
    take: () => void taken.push(...counter.take(nowMs)),
    'ask-windows'({ windows = 0 }) {
      for (let at = 0; at < windows; at++) {
        ask(1)
        nowMs += WINDOW_MS
      }
    },
  }
  for (const step of steps) doing[step.do](step)
  taken.push(...counter.flush(nowMs))
  // Without a window to come, lost rows are still open: the next runner counts them.
  return { taken, asked, open: counter.openRows() }
}

test('rows of windows and lost rows are the answered ones, over clock jumps and hours without a taker', law, () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
      const { taken, asked, open } = played(steps)
      const sum = taken.reduce((total, { rows, lost = 0 }) => total + rows + lost, 0)
      expect(sum + open).toBe(asked)
      for (const { startMs, endMs, rows, counted, features } of taken) {
        expect([startMs % WINDOW_MS, endMs - startMs]).toEqual([0, WINDOW_MS])
        expect(features[0]?.counts[0]).toBe(counted)
        expect(counted).toBeLessThanOrEqual(rows)
      }
    }),
    { numRuns: rounds({ quick: 200, deep: 5_000 }) },
  )
})
