import type { AuditRecord } from '@skerry/contract/audit/audit'
import { Digest } from '@skerry/contract/values/digest'
import { OrganisationId } from '@skerry/contract/values/ids'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addSign, type SignTally, signsOf } from './intrusion.ts'

const hash = Digest.parse(`sha256:${'0'.repeat(64)}`)
const actor = { kind: 'key' as const, id: 'key_abcdefgh', name: 'press' }
const record = (changes: Partial<AuditRecord>): AuditRecord => ({
  organisationId: OrganisationId.parse('org_aaaaaaaa'),
  sequence: 1,
  atMs: 0,
  actor,
  action: 'site.apply',
  object: { kind: 'site', id: 'oslo' },
  result: 'ok',
  detail: {},
  previousHash: hash,
  hash,
  ...changes,
})
const rulesOf = (changes: Partial<AuditRecord>) => signsOf(record(changes)).map(({ rule }) => rule)

test.each<[string, Partial<AuditRecord>, string[]]>([
  ['a change', {}, []],
  ['a change from an address', { source: '10.0.0.1' }, ['many_places']],
  ['what a role does not allow', { result: 'permission_denied' }, ['permission_probing']],
  ['what does not exist', { result: 'site_unknown' }, ['object_probing']],
  ['what was sent wrongly', { result: 'input_invalid' }, []],
  ['a removal', { action: 'device.remove' }, ['mass_change']],
  ['a removal that was refused', { action: 'device.remove', result: 'site_in_use' }, []],
  ['a key of an administrator', { action: 'key.create', detail: { role: 'administrator' } }, ['new_administrator']],
  ['a key of a viewer', { action: 'key.create', detail: { role: 'viewer' } }, []],
  ['an invitation of an owner', { action: 'invitation.create', detail: { role: 'owner' } }, ['new_administrator']],
  ['a promotion', { action: 'user.setRole', detail: { from: 'viewer', to: 'owner' } }, ['new_administrator']],
  ['a step down', { action: 'user.setRole', detail: { from: 'owner', to: 'viewer' } }, []],
  ['counted refusals', { action: 'refusals.counted', detail: { count: 7 } }, ['key_guessing']],
  ['a push that nobody signed', { action: 'model.push', result: 'version_untrusted' }, ['untrusted_push']],
  ['a signature of a stranger', { action: 'trust.sign', result: 'signature_refused' }, ['untrusted_push']],
  ['a deployment that nobody signed', { action: 'deployment.apply', result: 'version_untrusted' }, []],
  [
    'a clock that jumped',
    { actor: { kind: 'device', id: 'dev_a', name: 'a' }, action: 'device.clockJumped' },
    ['clock_tampering'],
  ],
  ['what the hub does', { actor: { kind: 'hub', id: '', name: 'hub' }, action: 'device.remove' }, []],
  ['what a device does', { actor: { kind: 'device', id: 'dev_a', name: 'a' }, source: '10.0.0.1' }, []],
])('%s is a sign of %s', (_, changes, rules) => {
  expect(rulesOf(changes)).toEqual(rules)
})

test('a failed sign-in counts for the person that it was meant for', () => {
  const tried = {
    actor: { kind: 'anonymous' as const, id: '', name: '' },
    object: { kind: 'user', id: 'usr_abcdefgh' },
  }
  expect(signsOf(record({ ...tried, result: 'sign_in_refused' }))).toMatchObject([
    { rule: 'sign_in_guessing', subject: { kind: 'user', id: 'usr_abcdefgh' } },
  ])
})

const rule = { threshold: 4, windowMs: 1_000 }
const tallyOf = (signs: readonly { atMs: number; mark?: string; weight?: number }[]) =>
  signs.reduce<SignTally | undefined>(
    (before, { atMs, weight = 1, ...sign }, index) =>
      addSign(before, { weight, ...sign }, { atMs, sequence: index + 1 }, rule),
    undefined,
  )

test('signs add up, sink with time, and are forgotten after a window', () => {
  expect(tallyOf([1, 2, 3, 4].map(() => ({ atMs: 0 })))).toMatchObject({ score: 4, count: 4, evidence: [1, 2, 3, 4] })
  expect(tallyOf([{ atMs: 0 }, { atMs: 0 }, { atMs: 250 }])).toMatchObject({ score: 2, count: 3 })
  expect(tallyOf([{ atMs: 0 }, { atMs: 1_000 }])).toMatchObject({ score: 1, count: 1, evidence: [2], firstMs: 1_000 })
})

test('the same thing again counts once while it is remembered', () => {
  expect(tallyOf(['a', 'a', 'b', 'a'].map((mark) => ({ atMs: 0, mark })))).toMatchObject({
    score: 2,
    marks: ['a', 'b'],
  })
})

test('a clock that is set back makes nothing older, and no tally grows with what was counted', () => {
  expect(tallyOf([{ atMs: 5_000 }, { atMs: 0 }])).toMatchObject({ score: 2, lastMs: 5_000 })
  const signs = fc.array(fc.record({ atMs: fc.nat(10_000), mark: fc.string(), weight: fc.nat(10) }), { maxLength: 300 })
  fc.assert(
    fc.property(signs, (all) => {
      const tally = tallyOf(all)
      if (!tally) return
      expect(tally.score).toBeGreaterThanOrEqual(0)
      expect(tally.marks.length).toBeLessThanOrEqual(64)
      expect(tally.evidence.length).toBeLessThanOrEqual(20)
      expect(tally.lastMs).toBeGreaterThanOrEqual(tally.firstMs)
    }),
  )
})
