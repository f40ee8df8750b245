import { expect, test } from 'vitest'
import { type CommitFacts, judgeCommit } from './judge-commit.ts'

const OLD = 'a'.repeat(40)
const HEAD = 'b'.repeat(40)

const facts = (more: Partial<CommitFacts> = {}): CommitFacts => ({
  name: 'fleet',
  isPaused: false,
  head: HEAD,
  applied: OLD,
  accepted: undefined,
  isSigned: true,
  isDescendant: true,
  onDrift: 'show',
  differing: 2,
  consents: [],
  ...more,
})

test('a new commit is applied', () => {
  expect(judgeCommit(facts())).toEqual({ isApplied: true })
  expect(judgeCommit(facts({ applied: undefined }))).toEqual({ isApplied: true })
})

test('a paused source applies nothing, whatever a person accepted', () => {
  expect(judgeCommit(facts({ isPaused: true, accepted: HEAD }))).toEqual({ isApplied: false, state: 'paused' })
})

test('without a difference the source is current', () => {
  expect(judgeCommit(facts({ differing: 0 }))).toEqual({ isApplied: false, state: 'current' })
})

test('a difference after the apply is drift, which is repaired only on request', () => {
  expect(judgeCommit(facts({ applied: HEAD }))).toEqual({ isApplied: false, state: 'drifted' })
  expect(judgeCommit(facts({ applied: HEAD, onDrift: 'repair' }))).toEqual({ isApplied: true })
  expect(judgeCommit(facts({ applied: HEAD, accepted: HEAD }))).toEqual({ isApplied: true })
  expect(judgeCommit(facts({ applied: HEAD, accepted: OLD }))).toEqual({ isApplied: false, state: 'drifted' })
})

test('a rewritten history waits if commits must be signed, even if nothing differs', () => {
  for (const differing of [0, 2]) {
    const verdict = judgeCommit(facts({ isDescendant: false, differing }))
    expect(verdict).toMatchObject({ isApplied: false, state: 'waiting', problem: { code: 'git_rewound' } })
    expect(verdict).toMatchObject({ problem: { message: expect.stringContaining(`sync fleet --accept ${HEAD}`) } })
  }
  expect(judgeCommit(facts({ isDescendant: false, accepted: HEAD }))).toEqual({ isApplied: true })
  expect(judgeCommit(facts({ isDescendant: false, isSigned: false }))).toEqual({ isApplied: true })
})

test('effects that a person has to accept wait, and repairing accepts nothing', () => {
  const consents = ['remove pump from 3 devices', 'let 1 join']
  for (const onDrift of ['show', 'repair'] as const) {
    const verdict = judgeCommit(facts({ consents, onDrift, ...(onDrift === 'repair' && { applied: HEAD }) }))
    expect(verdict).toMatchObject({ state: 'waiting', problem: { code: 'git_acceptance_needed' } })
    expect(verdict).toMatchObject({ problem: { message: expect.stringContaining(consents.join('; and ')) } })
  }
  expect(judgeCommit(facts({ consents, accepted: HEAD }))).toEqual({ isApplied: true })
})
