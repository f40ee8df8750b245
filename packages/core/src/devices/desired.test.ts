import type { DesiredItem } from '@skerry/contract/devices/desired'
import { ItemState } from '@skerry/contract/devices/item'
import { Outcome, RolloutStatus } from '@skerry/contract/rollouts/rollout'
import { Digest } from '@skerry/contract/values/digest'
import { DeploymentId } from '@skerry/contract/values/ids'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Claim, desiredItems, lastGoodRevision, type Offer, offeredRevision, outcomeOf } from './desired.ts'

const older = DeploymentId.parse('dep_aaaaaaaa')
const younger = DeploymentId.parse('dep_bbbbbbbb')
const digestOf = (letter: string) => Digest.parse(`sha256:${letter.repeat(64)}`)

const claim = (status: RolloutStatus, outcome: Outcome, rest: Partial<Claim> = {}): Claim => ({
  deploymentId: older,
  rollout: { status, keptWaves: 1 },
  revision: 3,
  member: { wave: 1, outcome, previousRevision: 2 },
  stableRevision: 1,
  ...rest,
})

test.each([
  ['rolling', 'waiting', 2],
  ['rolling', 'offered', 3],
  ['paused', 'healthy', 3],
  ['paused', 'failed', 3],
  ['rolling', 'timed-out', 3],
  ['rolling', 'tolerated', 3],
  ['rolling', 'skipped', 2],
  ['done', 'skipped', 3],
  ['aborted', 'offered', 2],
  ['aborted', 'healthy', 3],
  ['rolled-back', 'healthy', 2],
  ['superseded', 'healthy', 2],
] as const)('%s, %s: revision %i', (status, outcome, revision) => {
  expect(offeredRevision(claim(status, outcome))).toBe(revision)
})

test.each([
  ['rolling', 'waiting', 2],
  ['rolling', 'skipped', 2],
  ['rolling', 'offered', undefined],
  ['paused', 'timed-out', undefined],
  ['rolling', 'healthy', undefined],
  ['done', 'waiting', undefined],
  ['aborted', 'waiting', 2],
  ['aborted', 'offered', 2],
  ['aborted', 'healthy', undefined],
  ['rolled-back', 'healthy', 2],
] as const)('a device that leaves, %s, %s: revision %s', (status, outcome, revision) => {
  const leaving = claim(status, outcome, { rollout: { status, keptWaves: 1, removalWave: 1 } })
  expect(offeredRevision(leaving)).toBe(revision)
  expect(lastGoodRevision(leaving), 'it runs nothing new, so it goes back to what it ran').toBe(2)
})

test('without a last good revision of its own a device falls back to the stable one, else to nothing', () => {
  const member = { wave: 0, outcome: 'waiting' } as const
  expect(offeredRevision(claim('rolling', 'waiting', { member }))).toBe(1)
  expect(offeredRevision(claim('rolling', 'waiting', { member, stableRevision: undefined }))).toBeUndefined()
  expect(offeredRevision(claim('rolled-back', 'healthy', { member: { wave: 0, outcome: 'healthy' } }))).toBe(3)
})

test('holds for any row: what counts as good is what the device ran well, and rolling back all leads there', () => {
  fc.assert(
    fc.property(fc.constantFrom(...RolloutStatus.options), fc.constantFrom(...Outcome.options), (status, outcome) => {
      const good = lastGoodRevision(claim(status, outcome))
      expect([2, 3]).toContain(good)
      if (good === 3) expect([outcome, offeredRevision(claim(status, outcome))]).toEqual(['healthy', 3])
      const rolledBack = claim('rolled-back', outcome, { rollout: { status: 'rolled-back', keptWaves: 0 } })
      expect(offeredRevision(rolledBack)).toBe(2)
    }),
  )
})

const item = (name: string, deploymentId: DeploymentId): DesiredItem =>
  ({ name, deploymentId, revision: 1, version: 1, digest: digestOf('a'), retryToken: 0 }) as DesiredItem

test('items are sorted by model; of two deployments for one name the older keeps it', () => {
  const offers: Offer[] = [
    { item: item('b', younger), deploymentCreatedAtMs: 2 },
    { item: item('b', older), deploymentCreatedAtMs: 1 },
    { item: item('a', younger), deploymentCreatedAtMs: 2 },
    { item: item('c', younger), deploymentCreatedAtMs: 2 },
  ]
  for (const order of [offers, offers.toReversed()]) {
    const { items, conflicts } = desiredItems(order)
    expect(items.map(({ name: model, deploymentId }) => [model, deploymentId])).toEqual([
      ['a', younger],
      ['b', older],
      ['c', younger],
    ])
    expect(conflicts).toEqual([{ model: 'b', winner: older, loser: younger }])
  }
  const sameAge = offers.map((offer) => ({ ...offer, deploymentCreatedAtMs: 1 }))
  expect(desiredItems(sameAge)).toEqual(desiredItems(sameAge.toReversed()))
  expect(desiredItems(sameAge).conflicts).toEqual([{ model: 'b', winner: older, loser: younger }])
})

const offered = { deploymentId: older, revision: 3, version: 2, digest: digestOf('a'), retryToken: 1 }
const target = { revision: 3, version: 2, digest: digestOf('a'), retryToken: 1 }

test('a device that refuses before it begins has rejected it; any other failure is one of the version', () => {
  const failed = { deploymentId: older, target, state: 'failed' } as const
  const outcomes = ['memory_insufficient', 'signature_invalid', 'golden_mismatch', 'code_of_tomorrow'].map((code) =>
    outcomeOf({ ...failed, cause: { code, message: '' } }, offered),
  )
  expect(outcomes).toEqual(['rejected', 'rejected', 'failed', 'failed'])
})

test('an active version that crashes by itself has failed; one that others may have crashed has not', () => {
  const active = { deploymentId: older, target, state: 'active' } as const
  const outcomes = ['model_stopped', 'model_crashing', 'model_isolated', 'model_suspected'].map((code) =>
    outcomeOf({ ...active, cause: { code, message: '' } }, offered),
  )
  expect(outcomes).toEqual(['failed', 'failed', 'healthy', 'healthy'])
})

test('only the very same target counts, and only active and failed are decisive', () => {
  const decisive = ItemState.options.map((state) => outcomeOf({ deploymentId: older, target, state }, offered))
  expect(decisive.filter((outcome) => outcome !== undefined)).toEqual(['healthy', 'failed'])
  const foreign = [
    { deploymentId: younger, target },
    { deploymentId: older, target: { ...target, revision: 2 } },
    { deploymentId: older, target: { ...target, version: 1 } },
    { deploymentId: older, target: { ...target, digest: digestOf('b') } },
    { deploymentId: older, target: { ...target, retryToken: 0 } },
  ]
  for (const report of foreign) expect(outcomeOf({ ...report, state: 'active' }, offered)).toBeUndefined()
})
