import { Explanation } from '@skerry/contract/deployments/deployment'
import { Outcome } from '@skerry/contract/rollouts/rollout'
import { Digest } from '@skerry/contract/values/digest'
import { expect, test } from 'vitest'
import { type ExplainFacts, explain } from './explain.ts'

const digest = Digest.parse(`sha256:${'a'.repeat(64)}`)
const passed = { check: 'selector', passed: true, code: 'passed', detail: 'the selector picks it' }
const failed = { check: 'status', passed: false, code: 'device_pending', detail: 'the device waits for approval' }
const names = { device: 'press', deployment: 'sensor' }
const rollout = { status: 'rolling', version: 2, waves: ['canary', 'rest'], wave: 0 } as const

/** The summary, after a look at the whole answer. */
const summary = (facts: Partial<ExplainFacts>) =>
  Explanation.parse(explain({ ...names, checks: [passed], ...facts })).summary

test('a device that is not picked is told the check that decided', () => {
  expect(explain({ ...names, checks: [passed, failed] })).toEqual({
    ...names,
    picked: false,
    checks: [
      { check: 'selector', passed: true, detail: 'the selector picks it' },
      { check: 'status', passed: false, detail: 'the device waits for approval' },
    ],
    summary: 'press is not picked: the device waits for approval',
  })
  expect(summary({})).toBe('press is picked, and the rollout will place it shortly')
})

test.each([
  ['rolling', 'waiting', 'it keeps its version until all waves are healthy'],
  ['rolling', 'skipped', 'it keeps its version until all waves are healthy'],
  ['rolling', 'offered', 'it was told to remove the model'],
  ['rolling', 'healthy', 'the model is removed there'],
  ['done', 'timed-out', 'the model is removed there'],
  ['aborted', 'offered', 'it was aborted before, so the device keeps its version'],
  ['rolled-back', 'healthy', 'it was rolled back, so the device keeps its version'],
] as const)('a device that a revision does not pick any more, %s, %s', (status, outcome, words) => {
  const member = { wave: 1, outcome, leaving: 1 } as const
  expect(summary({ rollout: { ...rollout, status, waves: ['all', 'removal'] }, member })).toContain(words)
})

test('a device that serves although no rollout has it has changed itself, and leaves at once', () => {
  const mismatch = {
    check: 'selector',
    passed: false,
    code: 'selector_mismatch',
    detail: 'the selector does not pick it',
  }
  const report = {
    state: 'active',
    serving: { version: 1, digest },
    target: { revision: 1, version: 1, digest, retryToken: 0 },
  } as const
  expect(summary({ checks: [mismatch], report })).toContain('so the device removes the model at once')
  expect(summary({ checks: [failed], report })).not.toContain('at once')
})

test('a device in a rollout is told its place, what it is offered, and what it last said', () => {
  const serving = { version: 1, digest }
  const report = {
    state: 'failed',
    target: { revision: 2, version: 2, digest, retryToken: 0 },
    serving,
    cause: { code: 'golden_mismatch', message: 'wrong' },
  } as const
  const answer = explain({
    ...names,
    checks: [passed],
    rollout,
    member: { wave: 0, outcome: 'failed' },
    offeredVersion: 2,
    report,
  })
  expect(answer).toMatchObject({ picked: true, wave: 0, offeredVersion: 2, servingVersion: 1 })
  expect(answer.summary).toBe(
    'the rollout of version 2 is rolling; it is in wave canary, and the version failed there; it is offered version 2, and serves version 1; version 2 is failed there: wrong (golden_mismatch)',
  )
})

test('a device that is offered nothing, or is held, or says nothing, is told so', () => {
  const member = { wave: 1, outcome: 'waiting' } as const
  expect(summary({ rollout, member })).toBe(
    'the rollout of version 2 is rolling; it is in wave rest, which has not opened; it is offered no version, and it has not reported the model',
  )
  const report = { state: 'fetching', target: { revision: 2, version: 2, digest, retryToken: 0 } } as const
  const held = summary({
    rollout: { ...rollout, status: 'paused', reason: 'lunch' },
    member: { ...member, wave: 2 },
    report,
  })
  expect(held).toContain(
    'is paused (lunch); it joined late and is held until the rollout is done, and the version is not offered to it yet;',
  )
  expect(held).toContain('serves no version; version 2 is fetching there')
})

test('a device that nothing reaches is told why before anything else', () => {
  const checks = [passed, { ...failed, detail: 'the device follows a newer intent' }]
  const member = { wave: 0, outcome: 'offered' } as const
  expect(explain({ ...names, checks, rollout, member, offeredVersion: 2 }).summary).toBe(
    'the device follows a newer intent; the rollout of version 2 is rolling; it is in wave canary, the version is offered, and its result is pending; it gets no changes, and it has not reported the model',
  )
})

test('every outcome has words of its own', () => {
  const words = Outcome.options.map((outcome) => summary({ rollout, member: { wave: 0, outcome } }))
  expect(new Set(words).size).toBe(Outcome.options.length)
})
