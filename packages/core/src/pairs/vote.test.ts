import { expect, test } from 'vitest'
import { afterRound, afterTake, newMember, nextStep, reasonAfterTrial } from './member.ts'
import { abandonVote, EPOCH_STEP_MAX, judgeBallot, mayGrant, type Vote } from './vote.ts'

test('the vote of a candidate that lost its round goes to the other one with the same epoch, and once', () => {
  const own: Vote = { epoch: 5, holder: 'a', guardedUntilMs: 10_000 }
  const rival = { candidate: 'b', epoch: 5 }
  expect(mayGrant(own, rival, 1_000)).toBe(false)
  const lost = abandonVote(own, { candidate: 'a', epoch: 5 })
  expect(mayGrant(lost, rival, 1_000)).toBe(true)
  expect(mayGrant(lost, { candidate: 'b', epoch: 4 }, 1_000)).toBe(false)
  const { vote, toKeep } = judgeBallot(lost, { ...rival, kind: 'grant' }, 1_000)
  expect(toKeep).toEqual({ epoch: 5, holder: 'b' })
  expect(mayGrant(vote, { candidate: 'a', epoch: 6 }, 1_000)).toBe(false)
  // A vote that has moved on meanwhile stays.
  expect(abandonVote(vote, { candidate: 'a', epoch: 5 })).toBe(vote)
})

test('one ballot cannot use up the epochs', () => {
  const vote: Vote = { epoch: 7, holder: 'a', guardedUntilMs: 0 }
  for (const candidate of ['a', 'b']) {
    expect(mayGrant(vote, { candidate, epoch: 7 + EPOCH_STEP_MAX }, 1_000)).toBe(true)
    expect(mayGrant(vote, { candidate, epoch: 8 + EPOCH_STEP_MAX }, 1_000)).toBe(false)
  }
})

test('a device that takes over by itself settles the planned switch before it', () => {
  const member = newMember('b', 1, { doneTurn: 0 })
  const order = { turn: 3, to: 'a' }
  expect(afterTake(member, 'lost', order).doneTurn).toBe(3)
  expect(afterTake(member, 'switched', order).doneTurn).toBe(0)
  expect(afterTake(member, 'switched', { turn: 3, to: 'b' }).doneTurn).toBe(3)
  expect(afterTake(member, 'start', undefined).doneTurn).toBe(0)
})

test('a lease that ends while its holder still stops for a planned switch is switched, and the next one is lost', () => {
  const member = newMember('b', 1, { doneTurn: 0 })
  const order = { turn: 1, to: 'b' }
  const facts = { nowMs: 120_000, isFit: true, order }
  const vote: Vote = { epoch: 4, holder: 'a', guardedUntilMs: 0 }
  expect(nextStep(member, { ...facts, vote })).toMatchObject({ kind: 'campaign', reason: 'switched' })
  expect(nextStep(member, { ...facts, vote, order: { turn: 1, to: 'a' } })).toMatchObject({ reason: 'lost' })
  const first: Vote = { epoch: 0, guardedUntilMs: 0 }
  expect(nextStep(member, { ...facts, vote: first })).toMatchObject({ reason: 'start' })
  const later = afterTake(member, 'switched', order)
  expect(nextStep(later, { ...facts, vote: { ...vote, epoch: 6 } })).toMatchObject({ reason: 'lost' })
})

test('a member that takes over at its second try still reports that the holder was lost', () => {
  const facts = { nowMs: 120_000, isFit: true }
  const member = newMember('a', 0, { doneTurn: 0 })
  const before: Vote = { epoch: 4, holder: 'b', guardedUntilMs: 0 }
  expect(nextStep(member, { ...facts, vote: before })).toMatchObject({ kind: 'campaign', epoch: 5, reason: 'lost' })
  const round = { epoch: 5, reason: 'lost', sentAtMs: 60_000, verdicts: [] } as const
  const after = afterRound(member, round, { nowMs: 60_100, chance: 0 })
  // Its vote for itself is abandoned, and names it as the holder.
  const own: Vote = { epoch: 5, holder: 'a', guardedUntilMs: 0 }
  expect(nextStep(after, { ...facts, vote: own })).toMatchObject({ kind: 'campaign', epoch: 6, reason: 'lost' })
})

test('a member that has not heard of the holder reports the one that the witness knows', () => {
  const member = newMember('a', 0, { doneTurn: 0 })
  const seen = (...holders: (string | undefined)[]) => holders.map((holder) => ({ isGranted: true, epoch: 4, holder }))
  const order = { turn: 1, to: 'a' }
  expect(reasonAfterTrial(member, { reason: 'start', order }, seen('a', undefined))).toBe('start')
  expect(reasonAfterTrial(member, { reason: 'start' }, seen('b'))).toBe('lost')
  expect(reasonAfterTrial(member, { reason: 'start', order: { turn: 1, to: 'b' } }, seen('b'))).toBe('lost')
  expect(reasonAfterTrial(member, { reason: 'switched' }, seen('b'))).toBe('switched')
  // The switch came in the lease after its start, in which it votes for nobody.
  expect(reasonAfterTrial(member, { reason: 'start', order }, seen('a', 'b'))).toBe('switched')
  expect(reasonAfterTrial({ ...member, doneTurn: 1 }, { reason: 'start', order }, seen('b'))).toBe('lost')
})
