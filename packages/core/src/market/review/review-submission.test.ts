import type { CatalogueEntry } from '@skerry/contract/market/catalogue'
import { Listing } from '@skerry/contract/market/listing'
import type { Digest } from '@skerry/contract/values/digest'
import { expect, test } from 'vitest'
import { certificateOf } from '../certify-listing.ts'
import type { CheckResult } from '../checks/check-listing.ts'
import { listingEntry } from '../listing-entry.ts'
import { firstIndex, needsRenewal, OWN_INDEX_LIFE_MS, OWN_INDEX_RENEW_MS, publishInto, renewed } from './own-index.ts'
import { decisionProblem, reviewNotices, submissionProblem } from './review-submission.ts'

const DIGEST = `sha256:${'a'.repeat(64)}` as Digest
const PORT = { access: 'port', target: '8080/tcp', purpose: 'shows the page to the hall' } as const

const listingOf = (more: Partial<Listing> = {}): Listing =>
  Listing.parse({
    v: 1,
    name: 'watch',
    version: '1.1.0',
    title: 'Watch',
    summary: 'Watches',
    description: '',
    categories: ['quality'],
    licence: 'MIT',
    publisher: 'Plant',
    ...more,
  })

const passed = (check: CheckResult['check'], more: Partial<CheckResult> = {}): CheckResult => ({
  check,
  result: 'PASSED',
  facts: { files: 2 },
  findings: [],
  ...more,
})
const certificate = certificateOf(listingOf(), DIGEST, [passed('form'), passed('digests')])
const entryOf = (listing: Listing): CatalogueEntry => listingEntry(listing, { digest: DIGEST, sizeBytes: 9 })

const reference = { digest: DIGEST, sizeBytes: 9, level: 1 }
const statement = {
  v: 1,
  catalogue: 'plant',
  listing: { name: 'watch', version: '1.1.0', digest: DIGEST, sizeBytes: 9 },
  certificate: reference,
} as const
const claimed = { statement, listing: listingOf(), certificate, repeated: certificate, published: [] }

test('a submission whose certificate the hub can repeat is taken', () => {
  expect(submissionProblem(claimed)).toBeUndefined()
})

test('a submission is refused for each claim that does not hold', () => {
  const problemOf = (more: Partial<typeof claimed>) => submissionProblem({ ...claimed, ...more })
  expect(problemOf({ listing: listingOf({ version: '1.2.0' }) })).toMatch(/the listing is watch@1\.2\.0/)
  expect(submissionProblem({ ...claimed, published: [entryOf(listingOf())] })).toMatch(/never changes/)
  const failed = certificateOf(listingOf(), DIGEST, [
    passed('form'),
    passed('digests', { result: 'FAILED', findings: ['a file is missing'] }),
  ])
  expect(problemOf({ repeated: failed })).toBe('a check of level 1 failed: digests: a file is missing')
  expect(submissionProblem({ ...claimed, statement: { ...statement, certificate: { ...reference, level: 2 } } })).toBe(
    'the certificate reaches level 1, and the statement says 2',
  )
  const other = certificateOf(listingOf(), DIGEST, [passed('form', { facts: { files: 3 } }), passed('digests')])
  expect(problemOf({ certificate: other })).toMatch(/does not hold: form/)
  expect(problemOf({ certificate: certificateOf(listingOf(), DIGEST, [passed('form')]) })).toMatch(/no statement/)
})

test('a reviewer is told of more permissions, another licence, publisher or key, and of a broken upgrade path', () => {
  const before = listingOf({ version: '1.0.0' })
  const after = listingOf({ permissions: [PORT], licence: 'Apache-2.0', publisher: 'Other' })
  const facts = { certificate, before, published: [entryOf(before)], earlierKeys: ['a'], keyId: 'b' }
  expect(reviewNotices({ ...facts, listing: after })).toEqual([
    'it asks for more than 1.0.0: port 8080/tcp',
    'the licence was MIT, and is Apache-2.0',
    'the publisher was Plant, and is Other',
    'it replaces and skips no published version, so no installation is offered the upgrade',
    'another key than that of the earlier versions signed it',
    'its behaviour is unproven: no run in a sandbox is in the certificate (level 2)',
  ])
  const run = [passed('results'), passed('tags', { result: 'WARNED', findings: ['a tag is asked for in vain'] })]
  const proven = certificateOf(listingOf(), DIGEST, [passed('form'), ...run])
  const next = listingOf({ replaces: '1.0.0' })
  expect(reviewNotices({ ...facts, certificate: proven, listing: next, keyId: 'a' })).toEqual([
    'tags: a tag is asked for in vain',
  ])
  expect(
    reviewNotices({ ...facts, certificate: proven, listing: listingOf({ version: '0.9.0' }), keyId: 'a' }),
  ).toContain('it is older than the published version 1.0.0')
  const first = { listing: listingOf(), certificate: proven, before: undefined, published: [], earlierKeys: [] }
  expect(reviewNotices({ ...first, keyId: 'b' })).toEqual(['tags: a tag is asked for in vain'])
})

test('only another person accepts, only the author withdraws, and a decision is final', () => {
  const pending = { state: 'pending', submittedBy: 'key_a' } as const
  const problemOf = (decision: 'accept' | 'reject' | 'withdraw', person: string) =>
    decisionProblem(pending, { decision, person })
  expect(problemOf('accept', 'key_a')).toBe('submission_own')
  expect(problemOf('accept', 'key_b')).toBeUndefined()
  expect(problemOf('reject', 'key_a')).toBeUndefined()
  expect(problemOf('withdraw', 'key_a')).toBeUndefined()
  expect(problemOf('withdraw', 'key_b')).toBe('submission_foreign')
  for (const state of ['accepted', 'rejected', 'withdrawn'] as const)
    expect(decisionProblem({ ...pending, state }, { decision: 'accept', person: 'key_b' })).toBe('submission_decided')
})

test('an index of the hub counts up, keeps published versions, and is renewed a month after it was signed', () => {
  const first = firstIndex('plant', 1_000)
  const published = publishInto(first, entryOf(listingOf()), 2_000)
  if (!published.ok) throw new Error(published.message)
  expect(published.index).toMatchObject({ version: 2, expiresAtMs: 2_000 + OWN_INDEX_LIFE_MS })
  expect(publishInto(published.index, entryOf(listingOf({ title: 'Other' })), 3_000)).toMatchObject({ ok: false })
  const dueMs = published.index.expiresAtMs - OWN_INDEX_RENEW_MS
  expect([needsRenewal(published.index, dueMs), needsRenewal(published.index, dueMs + 1)]).toEqual([false, true])
  expect(renewed(published.index, dueMs + 1)).toMatchObject({ version: 3, listings: published.index.listings })
})
