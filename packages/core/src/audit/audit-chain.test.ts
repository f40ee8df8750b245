import { createHash } from 'node:crypto'
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { Digest } from '@skerry/contract/values/digest'
import { OrganisationId } from '@skerry/contract/values/ids'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CHAIN_START, chainRecord, checkChain, EMPTY_CHAIN, type UnchainedRecord } from './audit-chain.ts'

const hash = (text: string) => Digest.parse(`sha256:${createHash('sha256').update(text).digest('hex')}`)

const record = (detail: Record<string, string>): UnchainedRecord => ({
  organisationId: OrganisationId.parse('org_aaaaaaaa'),
  atMs: 1,
  actor: { kind: 'key', id: 'key_a', name: 'owner' },
  action: 'site.apply',
  object: { kind: 'site', id: 'berlin' },
  source: '127.0.0.1',
  result: 'ok',
  detail,
})

const chainOf = (count: number): AuditRecord[] => {
  const records: AuditRecord[] = []
  for (let index = 0; index < count; index++) {
    const last = records.at(-1)
    records.push(chainRecord(last ?? EMPTY_CHAIN, record({ step: `${index}` }), hash))
  }
  return records
}

test('a chain counts from 1 and begins with zeros', () => {
  const [first, second] = chainOf(2)
  expect(first).toMatchObject({ sequence: 1, previousHash: CHAIN_START })
  expect(second).toMatchObject({ sequence: 2, previousHash: first?.hash })
})

test('a whole chain holds, in one page or in many', () => {
  const records = chainOf(5)
  const whole = checkChain(EMPTY_CHAIN, records, hash)
  expect(whole).toMatchObject({ ok: true, end: { sequence: 5, hash: records[4]?.hash } })
  const half = checkChain(EMPTY_CHAIN, records.slice(0, 2), hash)
  if (!half.ok) throw new Error(half.problem)
  expect(checkChain(half.end, records.slice(2), hash)).toEqual(whole)
  expect(checkChain(EMPTY_CHAIN, [], hash)).toEqual({ ok: true, end: EMPTY_CHAIN })
})

test.each<[string, (records: AuditRecord[]) => AuditRecord[], number, RegExp]>([
  ['a record taken out', (records) => records.toSpliced(1, 1), 2, /record 2 is missing/],
  ['the first taken out', (records) => records.slice(1), 1, /record 1 is missing/],
  [
    'one put in twice',
    (records) => records.toSpliced(1, 0, ...records.slice(0, 1)),
    2,
    /record 1 appears in place of 2/,
  ],
  ['two that changed places', ([a, b, c]) => [a, c, b].flatMap((each) => each ?? []), 2, /record 2 is missing/],
  [
    'one made anew with a good hash of its own',
    ([a, b, c]) =>
      [a, b && chainRecord({ sequence: 1, hash: CHAIN_START }, record({ forged: 'yes' }), hash), c].flatMap(
        (each) => each ?? [],
      ),
    2,
    /does not contain the hash of record 1/,
  ],
])('%s is found', (_, change, sequence, problem) => {
  const check = checkChain(EMPTY_CHAIN, change(chainOf(3)), hash)
  expect(check).toMatchObject({ ok: false, sequence, problem: expect.stringMatching(problem) })
})

test('whatever is changed in whichever record is found', () => {
  const fields = fc.constantFrom<keyof AuditRecord>(
    'atMs',
    'actor',
    'action',
    'object',
    'source',
    'result',
    'detail',
    'previousHash',
    'hash',
    'organisationId',
  )
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4 }), fields, (index, field) => {
      const records = chainOf(5)
      const changed = records.map((each, at) =>
        at === index ? { ...each, [field]: field.endsWith('ash') ? hash('other') : 'other' } : each,
      )
      const check = checkChain(EMPTY_CHAIN, changed as AuditRecord[], hash)
      expect(check.ok).toBe(false)
      if (!check.ok) expect(check.sequence).toBe(index + 1)
    }),
  )
})

test('a record that was written before people could sign in still has its hash', () => {
  const old = chainRecord(EMPTY_CHAIN, record({ step: '0' }), hash)
  expect(old.hash).toBe('sha256:10bf7d4e3227692d4cc50f5881965f49bb3b24b6b067f652f0f0cf2ae9f500d9')
  const person = { ...record({ step: '1' }), actor: { kind: 'user', id: 'usr_aaaaaaaa', name: 'Ada' } } as const
  expect(checkChain(EMPTY_CHAIN, [old, chainRecord(old, person, hash)], hash).ok).toBe(true)
})
