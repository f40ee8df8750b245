import type { JobOutcome } from '@skerry/contract/batches/batch'
import { JobOutcome as JobOutcomes } from '@skerry/contract/batches/batch'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type BatchState,
  handProblem,
  judgeWish,
  mayTell,
  moved,
  noCounts,
  outcomeAfter,
  planBatch,
  RETRIED,
  told,
} from './batch.ts'

const START = 1_700_000_000_000

const draft = (devices: number, more: Partial<BatchState> = {}): BatchState => ({
  status: 'draft',
  pace: [],
  startAtMs: START,
  expiresAtMs: START + 600_000,
  timeoutMs: 60_000,
  counts: { ...noCounts, waiting: devices },
  ...more,
})

type Row = { outcome: JobOutcome; attempt: number; toldAtMs: number; decided: number }

/** A shell as small as can be: rows, and a clock. Does what the decisions say, and writes down what was told when. */
function createWorld(devices: number, more: Partial<BatchState>) {
  const rows = Array.from({ length: devices }, (): Row => ({ outcome: 'waiting', attempt: 1, toldAtMs: 0, decided: 0 }))
  const world = { nowMs: START - 30_000, batch: draft(devices, more), rows, tells: [] as number[], isCancelled: false }
  const move = (row: Row, to: JobOutcome) => {
    world.batch = moved(world.batch, row.outcome, to, 1)
    row.outcome = to
  }
  const wish = (kind: 'sign' | 'send' | 'cancel') => {
    const verdict = judgeWish(world.batch, kind, world.nowMs)
    if (!verdict.ok) return
    if (kind === 'cancel') {
      world.isCancelled = true
      for (const row of rows) if (row.outcome === 'waiting') move(row, 'cancelled')
    }
    world.batch = { ...world.batch, status: verdict.status }
  }
  const tell = (chosen: readonly Row[]) => {
    if (chosen.length === 0) return
    expect(world.isCancelled).toBe(false)
    expect(world.nowMs).toBeGreaterThanOrEqual(START)
    expect(world.nowMs).toBeLessThan(world.batch.expiresAtMs)
    world.batch = told(world.batch, chosen.length, world.nowMs)
    for (const row of chosen) Object.assign(row, { outcome: 'told', toldAtMs: world.nowMs })
    world.tells.push(...chosen.map(() => world.nowMs))
  }
  const waiting = () => rows.filter(({ outcome }) => outcome === 'waiting')
  const tick = () => {
    const plan = planBatch(world.batch, world.nowMs)
    world.batch = { ...world.batch, status: plan.status }
    tell(waiting().slice(0, plan.tellMax))
    for (const row of plan.isExpired ? waiting() : []) move(row, 'expired')
    const lateAtMs = plan.timedOutAtMs ?? Number.NEGATIVE_INFINITY
    for (const row of rows) if (row.outcome === 'told' && row.toldAtMs <= lateAtMs) move(row, 'timed-out')
  }
  const answer = (place: number, outcome: 'succeeded' | 'failed' | 'cancelled') => {
    const row = rows[place % rows.length]
    if (!row || row.toldAtMs === 0) return
    const next = outcomeAfter(row, { attempt: 1, outcome })
    if (next === undefined) return
    if (next !== 'cancelled') row.decided += 1
    move(row, next)
  }
  return { world, wish, tick, answer }
}

function expectLaws({ batch, rows, tells, nowMs }: ReturnType<typeof createWorld>['world'], limit: number | undefined) {
  for (const outcome of JobOutcomes.options)
    expect(batch.counts[outcome]).toBe(rows.filter((row) => row.outcome === outcome).length)
  expect(rows.every(({ decided }) => decided <= 1)).toBe(true)
  const lately = tells.filter((atMs) => atMs > nowMs - 60_000)
  expect(lately.length).toBeLessThanOrEqual(limit ?? rows.length)
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat({ max: 90_000 }) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('answer' as const),
      place: fc.nat({ max: 99 }),
      outcome: fc.constantFrom('succeeded' as const, 'failed' as const, 'cancelled' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const) }) },
)

test('whatever happens: the rate is held, nobody is told after a cancel or the expiry, an answer counts once, counters are the rows', () => {
  const devices = fc.integer({ min: 1, max: 40 })
  const perMinute = fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined })
  fc.assert(
    fc.property(devices, perMinute, fc.array(step, { maxLength: 60 }), (count, limit, steps) => {
      const { world, wish, tick, answer } = createWorld(count, limit ? { rate: { perMinute: limit } } : {})
      tick()
      expect(world.tells).toEqual([])
      wish('sign')
      wish('send')
      for (const it of steps) {
        if (it.kind === 'pass') world.nowMs += it.ms
        else if (it.kind === 'answer') answer(it.place, it.outcome)
        else wish('cancel')
        tick()
        expectLaws(world, limit)
      }
      // Time alone brings every batch to its end.
      for (const ms of [700_000, 61_000, 1]) {
        world.nowMs += ms
        tick()
      }
      tick()
      expect(['ended', 'cancelled']).toContain(world.batch.status)
    }),
    { numRuns: 1_000 },
  )
})

test('what ran out is borne only until the device says how it was', () => {
  const result = { attempt: 2, outcome: 'succeeded' as const }
  expect(outcomeAfter({ attempt: 2, outcome: 'timed-out' }, result)).toBe('succeeded')
  expect(outcomeAfter({ attempt: 2, outcome: 'failed' }, result)).toBeUndefined()
  expect(outcomeAfter({ attempt: 3, outcome: 'told' }, result)).toBeUndefined()
  expect(outcomeAfter({ attempt: 1, outcome: 'told' }, result)).toBeUndefined()
})

test('a job is said again only while its batch runs and counts', () => {
  const running = draft(1, { status: 'running' })
  expect(mayTell(running, 'told', START)).toBe(true)
  expect(mayTell(running, 'told', running.expiresAtMs)).toBe(false)
  expect(mayTell(running, 'succeeded', START)).toBe(false)
  expect(mayTell({ ...running, status: 'cancelling' }, 'told', START)).toBe(false)
})

test('each wish needs its state', () => {
  const refused = { ok: false, code: 'batch_event_refused' }
  expect(judgeWish(draft(1), 'send', START)).toMatchObject(refused)
  expect(judgeWish(draft(1, { status: 'signed' }), 'sign', START)).toMatchObject(refused)
  expect(judgeWish(draft(1, { status: 'running' }), 'retry', START)).toMatchObject(refused)
  expect(judgeWish(draft(1, { status: 'ended' }), 'cancel', START)).toMatchObject(refused)
  expect(judgeWish(draft(1), 'sign', START + 600_000)).toMatchObject({ ok: false, code: 'batch_expiry_passed' })
  expect(judgeWish(draft(1, { status: 'signed' }), 'send', START - 1)).toEqual({ ok: true, status: 'scheduled' })
  expect(judgeWish(draft(1, { status: 'signed' }), 'send', START)).toEqual({ ok: true, status: 'running' })
  expect(judgeWish(draft(1, { status: 'ended' }), 'retry', START + 600_000)).toEqual({ ok: true, status: 'running' })
  expect(RETRIED).toEqual(['failed', 'timed-out', 'expired'])
})

test('different keys: nobody signs or sends what is theirs', () => {
  expect(handProblem({ author: 'a' }, 'sign', 'a')?.code).toBe('batch_key_refused')
  expect(handProblem({ author: 'a' }, 'sign', 'b')).toBeUndefined()
  expect(handProblem({ author: 'a', signer: 'b' }, 'send', 'a')?.code).toBe('batch_key_refused')
  expect(handProblem({ author: 'a', signer: 'b' }, 'retry', 'b')?.code).toBe('batch_key_refused')
  expect(handProblem({ author: 'a', signer: 'b' }, 'send', 'c')).toBeUndefined()
})
