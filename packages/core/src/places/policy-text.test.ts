import { Placement } from '@skerry/contract/places/placement'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { PLACEMENT_PRESETS, parsePolicy, policyText } from './policy-text.ts'

const messageOf = (text: string) => {
  const read = parsePolicy(text)
  return read.ok ? undefined : read.message
}

test('a preset and settings make a policy', () => {
  expect(parsePolicy('hybrid replicas=3 data=confidential in=EU,CH spread=site failover=2m cost=100')).toEqual({
    ok: true,
    policy: Placement.parse({
      replicas: 3,
      order: ['edge', 'onprem', 'cloud'],
      dataClass: 'confidential',
      residency: ['EU', 'CH'],
      spread: 'site',
      failoverSeconds: 120,
      weights: { cost: 100 },
    }),
  })
  for (const preset of PLACEMENT_PRESETS) expect(parsePolicy(preset)).toMatchObject({ ok: true })
})

test('a wrong word is named, with the words that are known', () => {
  expect(messageOf('replica=3')).toContain('"replica=3" is no setting; known are centralised, distributed')
  expect(messageOf('replicas=')).toContain('"replicas=" is no setting')
  expect(messageOf('in=EUROPE')).toContain('residency.0: must be a country such as DE, or one of EU')
  expect(messageOf('order=edge,edge')).toContain('order: names a kind of site twice')
  expect(messageOf('data=secret')).toContain('dataClass')
  expect(messageOf('replicas=0')).toContain('replicas')
})

test('any policy returns from its text', () => {
  const policies = fc.record(
    {
      replicas: fc.oneof(fc.constantFrom('all', 'per-site'), fc.integer({ min: 1, max: 10_000 })),
      dataClass: fc.constantFrom('public', 'restricted'),
      residency: fc.uniqueArray(fc.constantFrom('DE', 'EU', 'US', 'DACH'), { minLength: 1 }),
      order: fc.uniqueArray(fc.constantFrom('edge', 'cloud', 'onprem'), { minLength: 1 }),
      spread: fc.constantFrom('site', 'country'),
      failoverSeconds: fc.integer({ min: 10, max: 604_800 }),
      movesPerHour: fc.integer({ min: 0, max: 10_000 }),
      purpose: fc.constantFrom('care', 'billing'),
      near: fc.constantFrom('camera'),
      apart: fc.constantFrom('twin'),
      weights: fc.record(
        Object.fromEntries(
          Object.keys(Placement.shape.weights.unwrap().shape).map((name) => [name, fc.integer({ min: 0, max: 100 })]),
        ),
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(policies, (draft) => {
      const policy = Placement.parse(draft)
      expect(parsePolicy(policyText(policy))).toEqual({ ok: true, policy })
    }),
  )
})
