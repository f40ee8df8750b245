import type { DesiredItem } from '@skerry/contract/devices/desired'
import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { expect, test } from 'vitest'
import type { DriverAnswer } from '../kinds/driver.ts'
import { type ExecutionDeps, executeStep } from './step-execution.ts'

/** Restores a version that was proven, and returns the outcome and the events that were recorded. */
async function restored(activated: DriverAnswer) {
  const item: DesiredItem = buildDesiredItem({ version: 1 })
  const told: { kind: string }[] = []
  const driver = { load: async () => ({ ok: true }), activate: async () => activated }
  const deps = {
    store: { lives: () => [], tell: (_: DesiredItem, event: { kind: string }) => told.push(event) },
    blobs: {
      verify: async () => ({ ok: true, sizeBytes: item.files[0]?.sizeBytes }),
    },
    drivers: { [item.kind]: driver },
  }
  const step = { kind: 'load', item, isRestore: true } as const
  const outcome = await executeStep(step, deps as unknown as ExecutionDeps, AbortSignal.timeout(1_000))
  return { outcome, told: told.map(({ kind }) => kind) }
}

test('a restored version that serves is no longer blocked', async () => {
  expect(await restored({ ok: true })).toEqual({ outcome: { kind: 'done' }, told: ['unblocked'] })
})

test('a restored version that cannot be switched on waits, with the reason', async () => {
  const answer = { ok: false, code: 'os_restart_waits', message: 'the machine restarts', waitMs: 60_000 } as const
  const { outcome, told } = await restored(answer)
  expect(outcome).toEqual({
    kind: 'waits',
    cause: { code: 'os_restart_waits', message: 'the machine restarts' },
    waitMs: 60_000,
  })
  expect(told).toEqual([])
})

test('a version that its kind gave up at the switch is recorded as disproved', async () => {
  const answer = { ok: false, code: 'os_install_failed', message: 'no', isDisproved: true } as const
  expect(await restored(answer)).toEqual({ outcome: { kind: 'done' }, told: ['disproved'] })
})
