import { OrganisationId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { createAuditLimiter } from './audit-limiter.ts'

const organisationId = OrganisationId.parse('org_aaaaaaaa')
const actor = { kind: 'key' as const, id: 'key_a', name: 'a' }
const other = { kind: 'key' as const, id: 'key_b', name: 'b' }

test('the first refusals of a minute are recorded, the rest are counted, and nobody pays for another', () => {
  let nowMs = 0
  const limiter = createAuditLimiter({ nowMs: () => nowMs })
  const admitted = Array.from({ length: 100 }, () => limiter.admit(organisationId, actor)).filter(Boolean)
  expect(admitted).toHaveLength(60)
  expect(limiter.admit(organisationId, other)).toBe(true)
  expect(limiter.drain('over')).toEqual([])
  nowMs = 60_000
  expect(limiter.drain('over')).toEqual([{ organisationId, actor, count: 40, sinceMs: 0 }])
  expect(limiter.drain('over')).toEqual([])
  expect(limiter.admit(organisationId, actor)).toBe(true)
})

test('what is only counted is given once, at the latest at the end', () => {
  const limiter = createAuditLimiter({ nowMs: () => 0 })
  for (let count = 0; count < 3; count++) limiter.count(organisationId, actor)
  expect(limiter.drain('all')).toMatchObject([{ count: 3 }])
  expect(limiter.drain('all')).toEqual([])
})

test('a thousand callers take no more memory than a thousand, and none is lost', () => {
  const limiter = createAuditLimiter({ nowMs: () => 0 })
  for (let id = 0; id < 3_000; id++) limiter.count(organisationId, { ...actor, id: `key_${id}` })
  expect(limiter.drain('all')).toHaveLength(3_000)
})
