import type { Rollout, RolloutDevice } from '@skerry/contract/rollouts/rollout'
import { DeploymentId, DeviceId, RolloutId } from '@skerry/contract/values/ids'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileRowFilter, FILTER_MAX } from './row-filter.ts'
import {
  approvalLanguage,
  deploymentLanguage,
  flowLanguage,
  holdsWords,
  intrusionLanguage,
  isExpression,
  keyLanguage,
  modelLanguage,
  type RowLanguage,
  rolloutDeviceLanguage,
  rolloutLanguage,
  siteLanguage,
  tokenLanguage,
  userLanguage,
} from './row-language.ts'

const counts = { waiting: 0, offered: 0, healthy: 0, failed: 0, rejected: 0, 'timed-out': 0, tolerated: 0, skipped: 0 }

const limits = { failuresMax: 0, minExecuted: 1, soakSeconds: 0, deadlineSeconds: 60 }

const rollout: Rollout = {
  id: RolloutId.parse('rol_aaaaaaaa'),
  deploymentId: DeploymentId.parse('dep_aaaaaaaa'),
  deployment: 'reading',
  revision: 3,
  deployable: 'ocr',
  version: 12,
  status: 'rolled-back',
  reason: 'Too slow',
  wave: 1,
  waves: [
    { name: 'canary', limits, counts: { ...counts, healthy: 2, failed: 1, 'timed-out': 1 } },
    { name: 'rest', limits, counts: { ...counts, waiting: 6, tolerated: 1 } },
  ],
  onFailure: 'pause',
  sequence: 1,
  createdAtMs: 1,
  changedAtMs: 2,
}

const matches = <Row>(text: string, row: Row, language: RowLanguage<Row>) => {
  const filter = compileRowFilter(text, language)
  if (!filter.ok) throw new Error(filter.message)
  expect(filter.judge(row).problem).toBeUndefined()
  return filter.matches(row)
}

const refusal = (text: string) => {
  const filter = compileRowFilter(text, rolloutLanguage)
  return filter.ok ? 'compiled' : `${filter.code}: ${filter.message}`
}

test.each([
  ['rollout.status == "rolled-back" && rollout.deployable == "ocr"', true],
  ['rollout.deployment == "reading" && rollout.id.startsWith("rol_")', true],
  ['rollout.revision == 3 && rollout.version >= 12 && rollout.version % 2 == 0', true],
  ['rollout.wave == 2 && rollout.waves == 2', true],
  ['rollout.devices == 11 && rollout.healthy == 2 && rollout.failed == 3', true],
  ['rollout.reason.contains("slow") && has(rollout.reason)', true],
  ['!(rollout.status in ["paused", "done"])', true],
  ['rollout.failed > 3', false],
  ['true', true],
  ['false', false],
  ['!true', false],
])('the expression %s gives %s', (text, expected) => {
  expect(matches(text, rollout, rolloutLanguage)).toBe(expected)
})

test.each([
  ['status:rolled', true],
  ['status:paused', false],
  ['revision:3 deployable:OCR', true],
  ['revision:33', false],
  ['revision:', false],
  ['"too slow"', true],
  ['"slow too"', false],
  ['', true],
  ['  ', true],
  ['ocr', true],
  ['READING ocr', true],
  ['ocr:12', true],
  ['rolled back', true],
  ['too slow', true],
  ['rol_aaaa', true],
  ['paused', false],
  ['reading paused', false],
  ['rollout', false],
  ['a=b', false],
])('the words %j give %s', (text, expected) => {
  expect(matches(text, rollout, rolloutLanguage)).toBe(expected)
})

test.each([
  ['rollout.state == "x"', 'filter_invalid: not a filter over rollout: rollout has no state; it has id, deployment'],
  ['rollout.status ==', 'not a filter over rollout: <input>'],
  ['rollout.', 'not a filter over rollout: <input>'],
  ['device.name == "x"', 'there is no device in a filter; write rollout.FIELD'],
  ['rollout.wave', 'it returns int, not true or false'],
  ['[1].all(x, x == 1)', 'all, exists, filter and map work on nothing here'],
  ['{"a": 1}.a == 1', 'a filter cannot create maps'],
  [`rollout.deployable == "${'x'.repeat(FILTER_MAX)}"`, 'it has more than 2000 characters'],
])('%s is rejected: %s', (text, problem) => {
  expect(refusal(text)).toContain(problem)
})

test('an expression is distinguished from plain words', () => {
  for (const text of ['press-12', 'line=7', 'rollout', 'my-rollout.x', 'x.rollout.y', 'a.b', 'a b', 'true story'])
    expect([text, isExpression(text, ['rollout'])]).toEqual([text, false])
  for (const text of ['rollout.id', '(rollout["id"])', 'rollout .id', 'a == b', 'x>=1', 'a||b', '!x', ' true '])
    expect([text, isExpression(text, ['rollout'])]).toEqual([text, true])
})

const atMs = 1
const device: RolloutDevice = {
  deviceId: DeviceId.parse('dev_aaaaaaaa'),
  device: 'press-12',
  site: 'oslo',
  wave: 0,
  outcome: 'failed',
  cause: { code: 'golden_mismatch', message: 'case 1 is off' },
}

test('flows are filtered by their deployments and their health', () => {
  const model = {
    name: 'pump',
    kind: 'flow',
    versionCount: 2,
    latestVersion: 2,
    aliases: { best: 2 },
    createdAtMs: atMs,
  } as const
  const flow = { ...model, deployments: [{ name: 'hall-2' }], healthy: 1, total: 2 }
  expect(matches(flowLanguage.example, flow, flowLanguage)).toBe(true)
  expect(matches('"hall-2" in flow.deployments && flow.latest == 2', flow, flowLanguage)).toBe(true)
  expect(matches('pump @best hall', flow, flowLanguage)).toBe(true)
})

test('each language accepts its own example, and finds a row by words', () => {
  const labels = { owner: 'north' }
  const site = { name: 'kiel', kind: 'edge', country: 'DE', labels, clearance: 'internal', deviceCount: 3 } as const
  expect(matches(siteLanguage.example, site, siteLanguage)).toBe(true)
  expect(matches('site.clearance >= "internal" && site.labels.owner == "north"', site, siteLanguage)).toBe(true)
  expect(matches('owner=north kiel', site, siteLanguage)).toBe(true)
  expect(matches(rolloutLanguage.example, { ...rollout, status: 'paused' }, rolloutLanguage)).toBe(true)
  expect(matches(rolloutDeviceLanguage.example, device, rolloutDeviceLanguage)).toBe(true)
  expect(matches('device.cause == "golden_mismatch" && device.wave == 1', device, rolloutDeviceLanguage)).toBe(true)
  expect(matches('case off', device, rolloutDeviceLanguage)).toBe(true)
  const model = {
    name: 'ocr',
    kind: 'model' as const,
    versionCount: 2,
    latestVersion: 2,
    aliases: { best: 2 },
    createdAtMs: atMs,
  }
  expect(matches(modelLanguage.example, model, modelLanguage)).toBe(true)
  expect(matches('model.aliases.exists(alias, model.aliases[alias] == 2)', model, modelLanguage)).toBe(true)
  expect(matches('@best', model, modelLanguage)).toBe(true)
  for (const { example, name, sample } of [
    approvalLanguage,
    deploymentLanguage,
    intrusionLanguage,
    keyLanguage,
    tokenLanguage,
    userLanguage,
  ]) {
    const filter = compileRowFilter(example, { name, sample, example, valuesOf: () => sample, wordsOf: () => 'x' })
    expect([name, filter.ok]).toEqual([name, true])
  }
})

test('for any text, a filter never throws, and finds the words of a row in any order', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('rollout', '.deployable', ...Array.from('()[]!&|"a1=,?: ')) }),
      (text) => void refusal(text),
    ),
  )
  const word = fc.stringMatching(/^[a-zA-Z0-9-]{1,8}$/)
  fc.assert(
    fc.property(fc.uniqueArray(word, { minLength: 1 }), (words) => {
      expect(holdsWords(words.join(' '), words.toReversed().slice(1).join('  ').toUpperCase())).toBe(true)
      expect(holdsWords(words.join(' '), `${words.join('')}!`)).toBe(false)
    }),
  )
})
