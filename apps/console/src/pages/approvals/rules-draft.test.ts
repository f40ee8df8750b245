import { ApprovalRules } from '@skerry/contract/approvals/approval'
import { expect, test } from 'vitest'
import { isSameRules, leadOf, livesWith, rulesOf } from './rules-draft.ts'

const none = ApprovalRules.parse({})
const PRODUCTION = 'site.labels.stage == "production"'

test('a blank selector means no selector, and unchanged rules are not saved', () => {
  expect(rulesOf({ ...none, deployments: '  ' })).toEqual(none)
  expect(rulesOf({ ...none, deployments: ` ${PRODUCTION} ` }).deployments).toBe(PRODUCTION)
  expect(isSameRules(none, rulesOf({ ...none, deployments: '' }))).toBe(true)
  expect(isSameRules(none, { ...none, audit: true })).toBe(false)
  expect(rulesOf({ ...none, moderated: ' ' }).moderated).toBe(false)
  expect(isSameRules(none, rulesOf({ ...none, moderated: '' }))).toBe(true)
  expect(isSameRules(none, rulesOf({ ...none, moderated: PRODUCTION }))).toBe(false)
})

test('the confirmation names switched-off rules first, and announces the alert', () => {
  const strict = { ...none, deployments: PRODUCTION, batches: true, roles: true }
  expect(leadOf(strict, { ...none, audit: true })).toBe(
    'Switched off: production, batches, roles. That raises an alert. Switched on: audit log.',
  )
  expect(leadOf(strict, { ...strict, deployments: 'true' })).toMatch(/^Other devices are production/)
  const watched = { ...none, moderated: PRODUCTION }
  expect(leadOf(watched, rulesOf({ ...none, moderated: '' }))).toMatch(/^Switched off: terminals with a moderator/)
  expect(leadOf(watched, { ...none, moderated: 'true' })).toMatch(/^Terminals of other devices/)
  expect(leadOf(none, { ...none, expiresInSeconds: 3_600 })).toBe('A request is valid for 1 hour instead of 1 day.')
})

test('the expiry list also offers a time that was set elsewhere', () => {
  expect(livesWith(5_400)).toMatchObject({ 5400: '90 minutes', 86400: '1 day' })
  expect(Object.keys(livesWith(86_400))).toHaveLength(5)
})
