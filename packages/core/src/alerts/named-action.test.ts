import { expect, test } from 'vitest'
import { NO_FACTS, type SiteGroup } from './alert-facts.ts'
import { alertsOf } from './alerts.ts'
import { namedAction } from './named-action.ts'

const NOW_MS = Date.UTC(2026, 10, 25, 10)
const group: SiteGroup = { site: 'oslo', count: 1, device: 'press-4' }
const failure = {
  model: 'leak',
  version: 2,
  code: 'golden_mismatch',
  message: '',
  others: [],
  deployment: 'leak-north',
}

test('an alert about several devices gives the command that lists them', () => {
  const actionOf = (stale: readonly SiteGroup[]) => alertsOf({ ...NO_FACTS, stale }, NOW_MS).alerts[0]?.action
  expect(actionOf([group])).not.toContain('device ls')
  expect(actionOf([{ ...group, count: 3 }])).toMatch(/\. All 3: `skerry device ls --filter 'health:stale site:oslo'`$/)
  const many = ['a', 'b', 'c', 'd'].map((site) => ({ ...group, site }))
  expect(actionOf(many)).toMatch(/`skerry device show press-4` .*\. All 4: `skerry device ls --filter 'health:stale'`$/)
})

test('a message of a device that leaves the names open gets them', () => {
  const message = 'leak version 2 was stopped; try again with "skerry device retry DEVICE DEPLOYMENT"'
  const [alert] = alertsOf({ ...NO_FACTS, failed: [{ ...group, failure: { ...failure, message } }] }, NOW_MS).alerts
  expect(alert?.message).toContain('"skerry device retry press-4 leak-north"')
})

test('only placeholders in commands are replaced, and a name with a dollar sign stays as it is', () => {
  expect(namedAction('DEVICE: `skerry device show DEVICE`, `ORT_DEVICE=1`', { DEVICE: '$&' })).toBe(
    'DEVICE: `skerry device show $&`, `ORT_DEVICE=1`',
  )
  expect(namedAction('`skerry device retry DEVICE DEPLOYMENT`', { DEVICE: 'a', DEPLOYMENT: undefined })).toBe(
    '`skerry device retry a DEPLOYMENT`',
  )
})
