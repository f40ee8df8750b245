import { Explanation } from '@skerry/contract/deployments/explanation'
import { Outcome } from '@skerry/contract/rollouts/rollout'
import { Digest } from '@skerry/contract/values/digest'
import { BuildId } from '@skerry/contract/values/ids'
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

test('an explanation for a device that is not selected names the failed check', () => {
  expect(explain({ ...names, checks: [passed, failed] })).toEqual({
    ...names,
    picked: false,
    checks: [
      { check: 'selector', passed: true, detail: 'the selector picks it' },
      { check: 'status', passed: false, detail: 'the device waits for approval' },
    ],
    summary: 'press is not picked: the device waits for approval',
  })
  expect(summary({})).toBe('press is picked, and will get its place in the rollout')
})

test.each([
  ['rolling', 'waiting', 'it keeps its version until all waves are healthy'],
  ['rolling', 'skipped', 'it keeps its version until all waves are healthy'],
  ['rolling', 'offered', 'it has the order to remove the model'],
  ['rolling', 'healthy', 'the model is removed there'],
  ['done', 'timed-out', 'the model is removed there'],
  ['aborted', 'offered', 'it was aborted before, so the device keeps its version'],
  ['rolled-back', 'healthy', 'it was rolled back, so the device keeps its version'],
] as const)('an explanation covers a device that a revision no longer selects: %s, %s', (status, outcome, words) => {
  const member = { wave: 1, outcome, leaving: 1 } as const
  expect(summary({ rollout: { ...rollout, status, waves: ['all', 'removal'] }, member })).toContain(words)
})

test('a device that changed itself out of a deployment removes the model at once', () => {
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
  expect(summary({ checks: [mismatch], report })).toContain('so it removes the model at once')
  expect(summary({ checks: [failed], report })).not.toContain('at once')
})

test('an explanation names the wave, the offered version and the last report of a device', () => {
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
    'the rollout of version 2 is rolling; it is in wave canary, and failed; it is offered version 2, and serves version 1; version 2 failed there: wrong (golden_mismatch)',
  )
})

test('an explanation speaks of a silent device in the past tense', () => {
  const report = {
    state: 'active',
    target: { revision: 2, version: 2, digest, retryToken: 0 },
    serving: { version: 2, digest },
  } as const
  const facts = { rollout, member: { wave: 0, outcome: 'healthy' }, offeredVersion: 2, report } as const
  expect(summary({ ...facts, liveness: 'stale' })).toContain('it is in wave canary, and was healthy;')
  expect(summary({ ...facts, liveness: 'online' })).toContain('it is in wave canary, and is healthy;')
  expect(summary({ ...facts, liveness: 'stale' })).toContain(
    'served version 2 when it last reported; version 2 was active there',
  )
  expect(summary({ ...facts, liveness: 'online' })).toContain('serves version 2; version 2 is active there')
})

test('an explanation keeps the cause of a failure after the device has rolled back, and names what to do', () => {
  const report = {
    state: 'active',
    target: { revision: 1, version: 1, digest, retryToken: 0 },
    serving: { version: 1, digest },
  } as const
  const cause = { code: 'golden_mismatch', message: 'wrong' }
  const member = { wave: 0, outcome: 'failed', cause } as const
  const facts = { ...names, checks: [passed], offeredVersion: 1, report, member }
  const back = explain({ ...facts, rollout: { ...rollout, status: 'rolled-back' } })
  expect(back.summary).toContain('it is in wave canary, and failed: wrong (golden_mismatch); it is offered version 1')
  expect(back.next).toBeUndefined()
  expect(explain({ ...facts, rollout: { ...rollout, status: 'paused' } }).next).toEqual([
    'skerry device retry press sensor',
    'skerry deployment rollback sensor',
  ])
})

test('an explanation says that a device did not try a version that failed there before', () => {
  const cause = { code: 'golden_mismatch', message: 'wrong', remembered: true } as const
  const report = { state: 'failed', cause, target: { revision: 3, version: 2, digest, retryToken: 0 } } as const
  const facts = { rollout, member: { wave: 0, outcome: 'failed' }, offeredVersion: 2, report } as const
  expect(summary(facts)).toContain(
    'version 2 was not tried again there, because it failed there before (remembered): wrong (golden_mismatch)',
  )
})

test('an explanation mentions that a device is offered nothing, is held, or has not reported', () => {
  const member = { wave: 1, outcome: 'waiting' } as const
  expect(summary({ rollout, member })).toBe(
    'the rollout of version 2 is rolling; it is in wave rest, which has not opened; it is offered no version, and has not reported it',
  )
  const report = { state: 'fetching', target: { revision: 2, version: 2, digest, retryToken: 0 } } as const
  const held = summary({
    rollout: { ...rollout, status: 'paused', reason: 'lunch' },
    member: { ...member, wave: 2 },
    report,
  })
  expect(held).toContain('is paused (lunch); it joined late and waits until the rollout is done, and has no offer yet;')
  expect(held).toContain('serves no version; version 2 is fetching there')
})

test('an explanation of an unreachable device names the reason first', () => {
  const checks = [passed, { ...failed, detail: 'the device follows a newer intent' }]
  const member = { wave: 0, outcome: 'offered' } as const
  expect(explain({ ...names, checks, rollout, member, offeredVersion: 2 }).summary).toBe(
    'the device follows a newer intent; the rollout of version 2 is rolling; it is in wave canary, has the offer and has not reported a result; it gets no changes, and has not reported it',
  )
})

test('each outcome has its own words', () => {
  const words = Outcome.options.map((outcome) => summary({ rollout, member: { wave: 0, outcome } }))
  expect(new Set(words).size).toBe(Outcome.options.length)
})

test('an explanation names the build of the device, why it gets it, and the command for a better one', () => {
  const named = { build: BuildId.parse('bld_aaaaaaaaaaaa2222'), recipe: 'float16' }
  const facts = { ...names, checks: [passed], build: named, form: 'it gets build float16', again: 'skerry deploy x:1' }
  expect(Explanation.parse(explain(facts))).toMatchObject({
    build: named,
    form: 'it gets build float16',
    next: ['skerry deploy x:1'],
  })
  const member = { wave: 0, outcome: 'failed' } as const
  const { next = [] } = explain({ ...facts, rollout: { ...rollout, status: 'paused' }, member, offeredVersion: 2 })
  expect(next.length).toBeGreaterThan(1)
  expect(next.at(-1)).toBe('skerry deploy x:1')
})

test('an explanation checks the connection, and speaks of a device without one in the past tense', () => {
  const report = {
    state: 'active',
    target: { revision: 2, version: 2, digest, retryToken: 0 },
    serving: { version: 2, digest },
  } as const
  const link = { connected: false, sinceMs: 1_000, ended: 'closed' } as const
  const member = { wave: 0, outcome: 'offered' } as const
  const facts = { ...names, checks: [passed], rollout, member, report, liveness: 'online' } as const
  const answer = Explanation.parse(explain({ ...facts, link, nowMs: 31_000 }))
  expect(answer.picked).toBe(true)
  expect(answer.checks.at(-1)).toMatchObject({
    check: 'connection',
    passed: false,
    detail: expect.stringContaining('not connected for 30 s'),
  })
  expect(answer.summary).toContain('served version 2 when it last reported')
  const left = explain({ ...facts, checks: [passed, failed], link, nowMs: 31_000 })
  expect(left.checks.at(-1)?.check, 'the first that failed decides').toBe('status')
  const there = explain({ ...facts, link: { connected: true, sinceMs: 1 }, nowMs: 31_000 })
  expect([there.checks.at(-1)?.passed, there.summary]).toEqual([true, expect.stringContaining('serves version 2')])
})

test('a failure under an earlier revision stays named, until a newer failure takes its place', () => {
  const earlier = { version: 3, revision: 6, cause: { code: 'golden_mismatch', message: 'case 1 differs' } }
  const words = 'version 3 failed there before, under revision 6: case 1 differs (golden_mismatch)'
  expect(summary({ rollout, member: { wave: 0, outcome: 'healthy' }, earlier })).toContain(`; ${words}`)
  expect(summary({ rollout, member: { wave: 0, outcome: 'failed' }, earlier })).not.toContain('before')
  expect(summary({ rollout, member: { wave: 0, outcome: 'healthy' } })).not.toContain('before')
})
