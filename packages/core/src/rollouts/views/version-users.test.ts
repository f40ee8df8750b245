import type { RolloutStatus } from '@skerry/contract/rollouts/rollout'
import type { VersionCounts } from '@skerry/contract/rollouts/version-counts'
import { expect, test } from 'vitest'
import { deploymentsOfVersion, failedDevices, rejectionsOfVersion, runningDevices } from './version-users.ts'

const on = (version: number, devices: number) => ({ version, devices })
const only = (version: number, devices: number) => ({ versions: [on(version, devices)], none: 0 })
const none: VersionCounts = { versions: [], none: 3 }

/** A deployment with version 3 in its newest revision. */
const deployment = (
  rolloutStatus: RolloutStatus,
  counts: { wanted?: VersionCounts; running?: VersionCounts } = {},
) => ({
  spec: { deployable: 'pump' },
  version: 3,
  rolloutStatus,
  ...(counts.wanted && { wanted: counts.wanted }),
  ...(counts.running && { running: { ...counts.running, failed: 0 } }),
})

/** The versions from 1 to 3 that the deployment uses. */
const usedBy = (each: ReturnType<typeof deployment>) =>
  [1, 2, 3].filter((version) => deploymentsOfVersion([each], { name: 'pump', version }).length > 0)

test('after a rollback a deployment uses the version that its devices want and run, and no other one', () => {
  expect(usedBy(deployment('rolled-back', { wanted: only(2, 3), running: only(2, 3) }))).toEqual([2])
  expect(usedBy(deployment('rolled-back', { wanted: only(2, 3), running: only(3, 3) }))).toEqual([2, 3])
  expect(usedBy(deployment('rolled-back', { wanted: none, running: none }))).toEqual([])
})

test('a version that a deployment will offer is used before the first device has it', () => {
  expect(usedBy(deployment('rolling', { wanted: only(1, 3), running: only(1, 3) }))).toEqual([1, 3])
  expect(usedBy(deployment('done', { wanted: none, running: none }))).toEqual([3])
})

test('of a hub without counts the version of the revision is used, and of another model none', () => {
  expect(usedBy(deployment('rolled-back'))).toEqual([3])
  expect(deploymentsOfVersion([deployment('done')], { name: 'oven', version: 3 })).toEqual([])
})

test('the devices that run a version are counted by their reports', () => {
  const each = deployment('rolled-back', { wanted: only(2, 3), running: only(2, 3) })
  expect([1, 2].map((version) => runningDevices(each, version))).toEqual([
    { version: 1, devices: 0 },
    { version: 2, devices: 3 },
  ])
  expect(runningDevices(deployment('done'), 3)).toBeUndefined()
})

test('failed devices count for the version that all devices should run, and for no other one', () => {
  const failed = (wanted: VersionCounts, version: number) =>
    failedDevices({ wanted, running: { versions: [on(2, 3)], none: 0, failed: 2 } }, version)
  expect(failed(only(3, 3), 3)).toBe(2)
  expect(failed(only(3, 3), 2)).toBe(0)
  expect(failed({ versions: [on(2, 1), on(3, 2)], none: 0 }, 3)).toBe(0)
  expect(failed({ versions: [on(2, 0), on(3, 3)], none: 0 }, 3)).toBe(2)
  expect(failedDevices(deployment('done'), 3)).toBe(0)
})

test('a version that a rollback took from all devices names the deployments that rejected it', () => {
  const named = (status: RolloutStatus, wanted: VersionCounts) => ({
    ...deployment(status, { wanted, running: wanted }),
    spec: { name: 'pumps', deployable: 'pump' },
    revision: 2,
  })
  const rejected = (each: ReturnType<typeof named>, version: number) =>
    rejectionsOfVersion([each], { name: 'pump', version }).length
  expect(rejected(named('rolled-back', only(2, 3)), 3)).toBe(1)
  expect(rejected(named('rolled-back', only(2, 3)), 2)).toBe(0)
  expect(rejected(named('rolled-back', only(3, 1)), 3)).toBe(0)
  expect(rejected(named('done', only(3, 3)), 3)).toBe(0)
})
