import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { beforeEach, expect, test, vi } from 'vitest'
import { type ExecutionDeps, executeStep } from './step-execution.ts'
import { isUnloadResting, noteUnload, tellStuckUnloads, type UnloadDeps } from './stuck-unloads.ts'
import { createWaits } from './waits.ts'

const item = buildDesiredItem({ name: 'pump', version: 2 })
const conditions = { raise: vi.fn(), clear: vi.fn() }
const cause = { code: 'os_return_failed', message: 'apt failed' }

let nowMs: number
let deps: UnloadDeps

beforeEach(() => {
  vi.clearAllMocks()
  nowMs = 0
  const waits = createWaits({ monotonicMs: () => nowMs }, { baseMs: 1_000, maxMs: 300_000 }, () => 1)
  deps = { waits, stuck: new Map() }
})

const unloadBy = (answer: object) =>
  executeStep(
    { kind: 'unload', item },
    { drivers: { model: { unload: async () => answer } } } as unknown as ExecutionDeps,
    AbortSignal.timeout(1_000),
  )

test('the answer of a driver that cannot unload a version is the outcome of the step', async () => {
  expect(await unloadBy({ ok: false, ...cause })).toEqual({ kind: 'waits', cause })
  expect(await unloadBy({ ok: false, ...cause, waitMs: 5 })).toEqual({ kind: 'waits', cause, waitMs: 5 })
  expect(await unloadBy({ ok: false, code: 'runner_gone', message: 'the agent ends' })).toEqual({ kind: 'done' })
})

test('a version that cannot be unloaded rests ever longer, and the hub gets the reason', () => {
  noteUnload(deps, item, { kind: 'waits', cause })
  expect(isUnloadResting(deps.waits, item, 999)).toBe(true)
  expect(isUnloadResting(deps.waits, item, 1_000)).toBe(false)
  nowMs = 1_000
  noteUnload(deps, item, { kind: 'waits', cause })
  expect(isUnloadResting(deps.waits, item, 2_999)).toBe(true)
  tellStuckUnloads(conditions, deps.stuck, [{ item }])
  expect(conditions.raise).toHaveBeenCalledWith({
    code: 'unload_failed',
    message: 'pump: apt failed (os_return_failed)',
  })
  noteUnload(deps, item, { kind: 'done' })
  tellStuckUnloads(conditions, deps.stuck, [])
  expect(conditions.clear).toHaveBeenCalledWith('unload_failed')
  expect(isUnloadResting(deps.waits, item, 1_000)).toBe(false)
})

test('a version that is lost all the same is not stuck', () => {
  noteUnload(deps, item, { kind: 'waits', cause })
  tellStuckUnloads(conditions, deps.stuck, undefined)
  expect(conditions.raise).toHaveBeenCalledOnce()
  tellStuckUnloads(conditions, deps.stuck, [])
  expect(conditions.clear).toHaveBeenCalledOnce()
})
