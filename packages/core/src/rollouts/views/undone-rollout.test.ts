import { expect, test } from 'vitest'
import { NO_COUNTS } from '../wave-verdict.ts'
import { isUndone } from './undone-rollout.ts'

const on = (version: number, devices: number) => ({ version, devices })
const wave = (failed: number) => ({ name: 'canary', limits: {}, counts: { ...NO_COUNTS, healthy: 1, failed } }) as never
const base = {
  status: 'rolled-back' as const,
  version: 2,
  onFailure: 'pause' as const,
  waves: [wave(0)],
  wanted: undefined,
}

test.each([
  ['a rolled-back rollout', base, true],
  ['a rollout that is done', { ...base, status: 'done' as const }, false],
  ['a rollout with devices that keep the revision', { ...base, wanted: { versions: [on(2, 1)], none: 0 } }, false],
  ['a rollout whose devices want the earlier version', { ...base, wanted: { versions: [on(1, 2)], none: 0 } }, true],
  ['a failed wave alone', { ...base, onFailure: 'rollback-wave' as const, waves: [wave(1)] }, false],
  ['a person who undid all waves', { ...base, onFailure: 'rollback-wave' as const }, true],
])('%s', (_, rollout, expected) => {
  expect(isUndone(rollout)).toBe(expected)
})
