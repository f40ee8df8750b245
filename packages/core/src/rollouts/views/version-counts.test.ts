import type { OutcomeCounts, RolloutStatus } from '@skerry/contract/rollouts/rollout'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { offeredRevision } from '../../devices/desired.ts'
import { hasLeft, isOffered } from '../rollout-state.ts'
import { NO_COUNTS } from '../wave-verdict.ts'
import {
  buildCounts,
  deviceCounts,
  joinedLater,
  type MemberGroup,
  runningCounts,
  unofferedOutcomes,
  wantedCounts,
  withSilent,
} from './version-counts.ts'

const waveOf = (counts: Partial<OutcomeCounts>) => ({ counts: { ...NO_COUNTS, ...counts } })

const versionOf = (revision: number) => revision * 10
const group = (
  wave: number,
  outcome: MemberGroup['outcome'],
  previousRevision: number | undefined,
  devices: number,
) => ({
  wave,
  outcome,
  previousRevision,
  devices,
})
const REVISIONS = { revision: 2, stableRevision: 1, versionOf }

test('after a rollback in mid-canary the earlier version is wanted on all devices', () => {
  const state = {
    status: 'rolled-back',
    keptWaves: 0,
    waves: [waveOf({ healthy: 1 }), waveOf({ waiting: 1 })],
  } as const
  expect(unofferedOutcomes(state)).toEqual(['healthy', 'waiting'])
  const groups = [group(0, 'healthy', 1, 1), group(1, 'waiting', 1, 1)]
  expect(wantedCounts({ ...REVISIONS, state, groups })).toEqual({ versions: [{ version: 10, devices: 2 }], none: 0 })
  expect(deviceCounts({ state, groups })).toEqual({ total: 2, healthy: 0 })
})

test('a rollout that is done needs no rows, and wants its version on devices that joined later', () => {
  const state = { status: 'done', waves: [waveOf({ healthy: 1, skipped: 1 })] } as const
  expect(unofferedOutcomes(state)).toEqual([])
  const groups = [group(1, 'failed', undefined, 1)]
  expect(wantedCounts({ ...REVISIONS, state, groups })).toEqual({ versions: [{ version: 20, devices: 3 }], none: 0 })
  expect(deviceCounts({ state, groups })).toEqual({ total: 3, healthy: 1 })
  expect(joinedLater(state, groups)).toEqual({ ...NO_COUNTS, failed: 1 })
  expect(joinedLater(state, [])).toBeUndefined()
})

test('a device without an earlier revision is offered nothing before its wave opens', () => {
  const state = { status: 'rolling', waves: [waveOf({ offered: 1 }), waveOf({ waiting: 3 })] } as const
  const groups = [group(1, 'waiting', undefined, 3)]
  const first = { ...REVISIONS, stableRevision: undefined }
  expect(wantedCounts({ ...first, state, groups })).toEqual({ versions: [{ version: 20, devices: 1 }], none: 3 })
  expect(wantedCounts({ ...REVISIONS, versionOf: () => undefined, state, groups })).toEqual({ versions: [], none: 4 })
})

test('a device that has left is neither wanted nor kept', () => {
  const state = { status: 'done', removalWave: 1, waves: [waveOf({ healthy: 2 }), waveOf({ healthy: 5 })] } as const
  expect(wantedCounts({ ...REVISIONS, state, groups: [] })).toEqual({
    versions: [{ version: 20, devices: 2 }],
    none: 0,
  })
  expect(deviceCounts({ state, groups: [] })).toEqual({ total: 2, healthy: 2 })
})

test('running versions are sorted, and devices without a report run none', () => {
  const wanted = { versions: [{ version: 2, devices: 9 }], none: 1 }
  const rows = [
    { version: 2, devices: 4, failed: 0 },
    { version: 1, devices: 3, failed: 2 },
    { version: undefined, devices: 1, failed: 1 },
    { version: 1, devices: -1, failed: -1 },
  ]
  const versions = [
    { version: 1, devices: 2 },
    { version: 2, devices: 4 },
  ]
  expect(runningCounts(rows, wanted)).toEqual({ versions, none: 4, failed: 2 })
  expect(runningCounts(rows, { versions: [], none: 0 })).toMatchObject({ none: 0 })
})

test('silent devices are counted with their version, and never more of them than devices', () => {
  const wanted = { versions: [{ version: 1, devices: 3 }], none: 0 }
  const rows = [
    { version: 1, devices: 3, failed: 0 },
    { version: 1, devices: -1, failed: 0 },
    { version: 1, devices: 0, failed: 0, silent: 3 },
    { version: undefined, devices: 0, failed: 0, silent: 2 },
  ]
  expect(runningCounts(rows, wanted).versions).toEqual([{ version: 1, devices: 2, silent: 2 }])
  expect(withSilent({ version: 1, devices: 2 })).toEqual({ version: 1, devices: 2 })
})

test('for any rollout, the counts agree with the offer of each single device', () => {
  const outcome = fc.constantFrom<MemberGroup['outcome']>(...(Object.keys(NO_COUNTS) as MemberGroup['outcome'][]))
  const member = fc.record({
    wave: fc.nat({ max: 3 }),
    outcome,
    previousRevision: fc.option(fc.constantFrom(1, 3), { nil: undefined }),
  })
  const standing = fc.record({
    status: fc.constantFrom<RolloutStatus>('rolling', 'paused', 'done', 'aborted', 'rolled-back', 'superseded'),
    keptWaves: fc.nat({ max: 3 }),
    switchWave: fc.option(fc.constant(1), { nil: undefined }),
    removalWave: fc.option(fc.constant(2), { nil: undefined }),
  })
  fc.assert(
    fc.property(standing, fc.array(member, { maxLength: 20 }), ({ switchWave, removalWave, ...rest }, members) => {
      const waves = [0, 1, 2].map((wave) => {
        const counts = { ...NO_COUNTS }
        for (const each of members) if (each.wave === wave) counts[each.outcome] += 1
        return { counts }
      })
      const state = { ...rest, waves, ...(switchWave && { switchWave }), ...(removalWave && { removalWave }) }
      const wantedOutcomes = unofferedOutcomes(state)
      const groups = members
        .filter((each) => each.wave === 3 || wantedOutcomes.includes(each.outcome))
        .map((each) => ({ ...each, devices: 1 }))
      const wanted = new Map<number | undefined, number>()
      for (const each of members.filter((one) => !hasLeft(state, one))) {
        const revision = offeredRevision({ rollout: state, revision: 2, member: each, stableRevision: 1 })
        const version = revision === undefined ? undefined : versionOf(revision)
        wanted.set(version, (wanted.get(version) ?? 0) + 1)
      }
      const { versions, none } = wantedCounts({ ...REVISIONS, state, groups })
      expect(new Map(versions.map(({ version, devices }) => [version, devices]))).toEqual(
        new Map([...wanted].filter(([version]) => version !== undefined)),
      )
      expect(none).toBe(wanted.get(undefined) ?? 0)
      const kept = members.filter((each) => each.wave !== removalWave)
      const healthy = kept.filter((each) => each.outcome === 'healthy' && isOffered(state, each))
      expect(deviceCounts({ state, groups })).toEqual({ total: kept.length, healthy: healthy.length })
    }),
  )
})

test('builds are counted by version and recipe, and devices with the version itself are not', () => {
  const rows = [
    { version: 2, recipe: 'float16', devices: 1 },
    { version: 2, recipe: 'float16', devices: 2 },
    { version: 1, recipe: 'float16', devices: 1 },
    { version: 2, recipe: undefined, devices: 4 },
  ]
  expect(buildCounts(rows).builds).toEqual([
    { version: 1, recipe: 'float16', devices: 1 },
    { version: 2, recipe: 'float16', devices: 3 },
  ])
  expect(buildCounts([])).toEqual({})
})

test('the wanted versions name the build of their revision', () => {
  const state = { status: 'done', waves: [waveOf({ healthy: 2 })] } as const
  const counts = wantedCounts({ ...REVISIONS, recipeOf: () => 'float16', state, groups: [] })
  expect(counts.builds).toEqual(counts.versions.map((one) => ({ ...one, recipe: 'float16' })))
})
