import type { TestRule } from '@skerry/contract/checks/test-report'
import { SigningKeyId } from '@skerry/contract/models/trust'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type KnownReport, uncoveredFile, unmetTestRule } from './test-rules.ts'

const CI = SigningKeyId.parse('a'.repeat(64))
const LAB = SigningKeyId.parse('b'.repeat(64))
const DAY_MS = 86_400_000
const NOW_MS = 100 * DAY_MS

const rule = (more: Partial<TestRule> = {}): TestRule => ({ models: 'press-*', suite: 'checks', keys: [CI], ...more })
const report = (more: Partial<KnownReport> = {}): KnownReport => ({
  suite: 'checks',
  keyId: CI,
  passed: true,
  finishedAtMs: NOW_MS - DAY_MS,
  ...more,
})
const judge = (rules: readonly TestRule[], reports: readonly KnownReport[], name = 'press-7') =>
  unmetTestRule(rules, { name, version: 3, reports, nowMs: NOW_MS })

test('a passed result of the suite by a key of the rule meets it', () => {
  expect(judge([rule()], [report()])).toBeUndefined()
  expect(judge([rule({ keys: [LAB, CI] })], [report()])).toBeUndefined()
  expect(judge([rule()], [], 'pump')).toBeUndefined()
})

test('a missing result, another suite and a key of nobody are refused with the command to run', () => {
  for (const reports of [[], [report({ suite: 'other' })], [report({ keyId: LAB })]])
    expect(judge([rule()], reports)).toBe(
      'press-7:3 has no result of the suite checks that the key aaaaaaaaaaaa signed; run "skerry test press-7:3 --sign KEY.pem --attach" with the check file of the suite checks',
    )
})

test('the newest result decides, and of two at the same time the failed one', () => {
  const failed = report({ passed: false, finishedAtMs: NOW_MS })
  expect(judge([rule()], [report(), failed])).toMatch('the newest result of the suite checks for press-7:3 failed')
  expect(judge([rule()], [failed, report({ finishedAtMs: NOW_MS })])).toMatch('failed')
  expect(judge([rule()], [report({ passed: false, finishedAtMs: NOW_MS - 2 * DAY_MS }), report()])).toBeUndefined()
})

test('a result counts up to the last millisecond of its age', () => {
  const limit = rule({ withinDays: 30 })
  expect(judge([limit], [report({ finishedAtMs: NOW_MS - 30 * DAY_MS })])).toBeUndefined()
  expect(judge([limit], [report({ finishedAtMs: NOW_MS - 30 * DAY_MS - 1 })])).toMatch(
    'is 30 days old, and the rule allows 30',
  )
})

test('every rule that fits must be met, in any order of results', () => {
  const rules = [rule(), rule({ models: '*', suite: 'safety', keys: [LAB] })]
  const safe = report({ suite: 'safety', keyId: LAB })
  expect(judge(rules, [report()])).toMatch('suite safety')
  expect(judge(rules, [safe])).toMatch('suite checks')
  const arbitrary = fc.array(
    fc.record({
      suite: fc.constantFrom('checks', 'safety'),
      keyId: fc.constantFrom<string>(CI, LAB),
      passed: fc.boolean(),
      finishedAtMs: fc.integer({ min: NOW_MS - 5, max: NOW_MS }),
    }),
    { maxLength: 8 },
  )
  fc.assert(
    fc.property(arbitrary, (reports) => {
      expect(judge(rules, reports)).toBe(judge(rules, reports.toReversed()))
      // A result by a stranger never changes the answer.
      const stranger = report({ keyId: 'c'.repeat(64), finishedAtMs: NOW_MS })
      expect(judge(rules, [...reports, stranger])).toBe(judge(rules, reports))
    }),
  )
})

test('a result must name every file of the version but the golden cases', () => {
  const files = [
    { path: 'model.onnx', digest: 'sha256:1' },
    { path: 'weights.bin', digest: 'sha256:2' },
    { path: 'golden.json', digest: 'sha256:3' },
  ]
  const missing = (...subjects: string[]) =>
    uncoveredFile(files, { subjects: new Set(subjects), besides: 'golden.json' })
  expect(missing('sha256:1', 'sha256:2')).toBeUndefined()
  expect(missing('sha256:1')).toBe('weights.bin')
  expect(missing('sha256:3', 'sha256:2')).toBe('model.onnx')
})
