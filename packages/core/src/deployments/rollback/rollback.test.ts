import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { Placement } from '@skerry/contract/places/placement'
import { BuildId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { presetStrategy } from '../strategy-presets.ts'
import {
  droppedParts,
  endedRolloutAdvice,
  type KnownRevision,
  rollbackPlan,
  rollbackSpec,
  rollbackTarget,
} from './rollback.ts'

const spec = DeploymentSpec.parse({ name: 'press', deployable: 'anomaly', version: 'latest' })

const revisionOf = (revision: number, version: number, change: Partial<KnownRevision> = {}): KnownRevision => ({
  revision,
  version,
  spec,
  isDone: true,
  ...change,
})

/** The revision that a rollback returns to by default, or the code of the problem. */
function targetOf(known: KnownRevision[], to?: number) {
  const current = known.at(-1) ?? revisionOf(1, 1)
  const found = rollbackTarget({ current, known, to })
  return found.ok ? found.target.revision : found.code
}

test.each<[string, KnownRevision[], number | string]>([
  ['the revision before', [revisionOf(1, 1), revisionOf(2, 2)], 1],
  ['the newest of several', [revisionOf(1, 1), revisionOf(2, 2), revisionOf(3, 3)], 2],
  ['the last good one while the newest is under way', [revisionOf(1, 1), revisionOf(2, 2, { isDone: false })], 1],
  ['no revision that was never done', [revisionOf(1, 1), revisionOf(2, 2, { isDone: false }), revisionOf(3, 3)], 1],
  [
    'no revision that runs the same, as after an aborted repetition',
    [revisionOf(1, 1), revisionOf(2, 2), revisionOf(3, 2, { isDone: false })],
    1,
  ],
  [
    'a revision of the same version with another selector',
    [revisionOf(1, 1, { spec: { ...spec, selector: 'device.online' } }), revisionOf(2, 1)],
    1,
  ],
  [
    'one from before the rollback',
    [revisionOf(1, 1), revisionOf(2, 2), revisionOf(3, 3), revisionOf(4, 2, { rollbackTo: 2 })],
    1,
  ],
  [
    'never the revision that was just rolled back',
    [revisionOf(1, 1), revisionOf(2, 2), revisionOf(3, 1, { rollbackTo: 1 })],
    'rollback_target_missing',
  ],
  ['nothing at the first revision', [revisionOf(1, 1)], 'rollback_target_missing'],
  [
    'nothing if only the strategy changed',
    [revisionOf(1, 1), revisionOf(2, 1, { spec: { ...spec, strategy: presetStrategy('canary') } })],
    'rollback_target_missing',
  ],
])('by default a rollback returns to %s', (_, known, expected) => {
  expect(targetOf(known)).toBe(expected)
})

test.each<[number, number | string, string]>([
  [1, 1, ''],
  [2, 2, 'a person may choose a revision that was never done'],
  [3, 'rollback_target_same', 'it is in force'],
  [4, 'revision_unknown', 'it does not exist yet'],
  [9, 'revision_unknown', 'it does not exist yet'],
])('a person who chooses revision %i gets %s', (to, expected, reason) => {
  const known = [revisionOf(1, 1), revisionOf(2, 2, { isDone: false }), revisionOf(3, 3)]
  expect(targetOf(known, to), reason).toBe(expected)
})

test.each([
  [1, 'press has no revision 1: the hub no longer keeps it; "skerry deployment revisions press" lists them'],
  [5, 'press has no revision 5: its newest is revision 3; "skerry deployment revisions press" lists them'],
  [3, 'revision 3 of press is in force; "skerry deployment revisions press" lists the others'],
  [
    2,
    'revision 2 of press runs the same as revision 3, in force; "skerry deployment revisions press" lists the others',
  ],
])('the answer for revision %i names the reason and the next command', (to, message) => {
  const known = [revisionOf(2, 2), revisionOf(3, 2)]
  expect(rollbackTarget({ current: revisionOf(3, 2), known, to })).toMatchObject({ ok: false, message })
})

test('the new revision runs the earlier version as then, and is updated as now', () => {
  const probation = { ...spec.probation, seconds: 7 }
  const serving = { ...spec.serving, instances: 3 }
  const target = revisionOf(1, 1, { spec: { ...spec, selector: 'device.online', probation, serving } })
  const window = { install: { cron: '0 2 * * *', timeZone: 'Europe/Berlin', durationSeconds: 60 } }
  const strategy = { ...presetStrategy('canary'), shadow: presetStrategy('shadow').shadow, window, ignoreLocks: true }
  const current = revisionOf(2, 2, { spec: { ...spec, strategy } })
  const { shadow: _, ...kept } = strategy
  expect(rollbackSpec(current, target)).toEqual({
    ...spec,
    version: '1',
    selector: 'device.online',
    probation,
    serving,
    strategy: kept,
  })
  expect([droppedParts(current), droppedParts(target)]).toEqual([['shadow'], []])
})

test('a revision with a build for each class differs from others, and its rollback asks for the best again', () => {
  const id = BuildId.parse('bld_aaaaaaaaaaaa2222')
  const one = [{ hardwareClass: 'x64-vnni-4c', build: id }]
  const two = [{ hardwareClass: 'x64-avx2-4c', build: id }]
  expect(targetOf([revisionOf(1, 1, { choices: one }), revisionOf(2, 1, { choices: two })])).toBe(1)
  expect(targetOf([revisionOf(1, 1), revisionOf(2, 1, { choices: one })])).toBe(1)
  expect(targetOf([revisionOf(1, 1, { choices: one }), revisionOf(2, 1, { choices: [...one] })])).toBe(
    'rollback_target_missing',
  )
  // No class has a build, so both give every device the version itself.
  expect(targetOf([revisionOf(1, 1), revisionOf(2, 1, { choices: [] })])).toBe('rollback_target_missing')
  expect(rollbackSpec(revisionOf(2, 1), revisionOf(1, 1, { choices: one }))).toMatchObject({ build: 'best' })
  expect(rollbackSpec(revisionOf(2, 1, { choices: one }), revisionOf(1, 1)).build).toBeUndefined()
})

test('its rollout has one wave without a rate or a budget, and treats late and offline devices as now', () => {
  const strategy = { ...presetStrategy('cautious'), offline: 'skip' as const, lateJoiners: 'hold' as const }
  const plan = rollbackPlan({ ...strategy, rate: { perMinute: 1 }, budget: { maxUnavailable: 1 } }, 4)
  expect(plan).toEqual({
    waves: [expect.objectContaining({ name: 'all', soakMs: 0, failuresMax: 0 })],
    onFailure: 'pause',
    offline: 'skip',
    lateJoiners: 'hold',
    rollbackTo: 4,
  })
})

test('the advice for an ended rollout names the command for its deployment', () => {
  expect(endedRolloutAdvice('done', 'press')).toContain('"skerry deployment rollback press"')
})

test('a rollback keeps the placement policy in force, and takes no older one back', () => {
  const placed = (residency: string) => ({ spec: { ...spec, placement: Placement.parse({ residency: [residency] }) } })
  expect(rollbackSpec(revisionOf(2, 2, placed('EU')), revisionOf(1, 1)).placement?.residency).toEqual(['EU'])
  expect(rollbackSpec(revisionOf(2, 2, placed('EU')), revisionOf(1, 1, placed('US'))).placement?.residency).toEqual([
    'EU',
  ])
  expect(rollbackSpec(revisionOf(2, 2), revisionOf(1, 1, placed('US'))).placement).toBeUndefined()
})

test('other settings of an app are another revision', () => {
  const other = { spec: { ...spec, config: { speed: 2 } } }
  expect(targetOf([revisionOf(1, 1), revisionOf(2, 1, other)])).toBe(1)
})
