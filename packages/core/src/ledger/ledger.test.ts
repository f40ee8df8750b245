import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ClaimFacts, claimOf, type EndedRecords, nextEnded } from './ledger.ts'

const ledger = { databaseId: 'a', sequence: 5, writtenAtMs: 0, ended: {} }
const claim = (facts: Partial<ClaimFacts>) =>
  claimOf({ databaseId: 'a', sequence: 5, ledger, files: 'known', ...facts })

test('a database owns the files beside its own ledger, also if it is ahead of it', () => {
  expect([claim({}), claim({ sequence: 6 }), claim({ files: 'unknown' }), claim({ files: 'none' })]).toEqual(
    new Array(4).fill('own'),
  )
})

test('a database that is behind its ledger is an older backup', () => {
  expect(claim({ sequence: 4 })).toBe('restored')
})

test('another database is a stranger, with or without files', () => {
  for (const files of ['none', 'known', 'unknown'] as const) {
    expect(claim({ databaseId: 'b', sequence: 9, files })).toBe('stranger')
  }
})

test('without a ledger, a store is taken if it is empty or the database is no new one', () => {
  const without = (files: ClaimFacts['files']) => claim({ ledger: undefined, files })
  expect([without('none'), without('known'), without('unknown')]).toEqual(['own', 'own', 'stranger'])
})

test('a record stays while the database does not know its object, and goes if a person took it back', () => {
  const before: EndedRecords = { dev_gone: 'revoked', key_unlocked: 'revoked', dev_still: 'quarantined' }
  const present = new Set(['key_unlocked', 'dev_still'])
  const now: EndedRecords = { dev_still: 'revoked', jt_new: { uses: 2 } }
  expect(nextEnded(before, now, (id) => present.has(id))).toEqual({
    dev_gone: 'revoked',
    dev_still: 'revoked',
    jt_new: { uses: 2 },
  })
})

test('no record of an object that the database does not know is ever lost', () => {
  const ids = fc.array(fc.string({ minLength: 1 }), { maxLength: 20 })
  fc.assert(
    fc.property(ids, ids, ids, (before, now, present) => {
      const recordsOf = (some: readonly string[]): EndedRecords =>
        Object.fromEntries(some.map((id) => [`dev_${id}`, 'revoked'] as const))
      const known = new Set(present.map((id) => `dev_${id}`))
      const next = nextEnded(recordsOf(before), recordsOf(now), (id) => known.has(id))
      const kept = Object.keys(recordsOf(before)).filter((id) => !known.has(id))
      expect(Object.keys(next)).toEqual(expect.arrayContaining([...kept, ...Object.keys(recordsOf(now))]))
    }),
  )
})
