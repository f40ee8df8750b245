import { expect, test } from 'vitest'
import { auditSearch, deviceSearch, settingsSearch, signInSearch } from './search.ts'

test('what does not fit an address is left out', () => {
  expect(deviceSearch({ q: 'true', health: 'failed', sort: '-name', other: 1 })).toEqual({
    q: 'true',
    health: 'failed',
    sort: '-name',
  })
  expect(deviceSearch({ q: '', health: 'splendid', sort: {} })).toEqual({})
  expect(settingsSearch({ tab: 'secrets' })).toEqual({})
})

test('a filter that looks like a number or a word of JSON stays what was written', () => {
  expect(auditSearch({ object: 42, action: true })).toEqual({ object: '42', action: 'true' })
})

test.each([
  ['/devices?q=x', '/devices?q=x'],
  ['https://evil.example/', undefined],
  ['//evil.example', undefined],
  ['/\\evil.example', undefined],
  ['javascript:alert(1)', undefined],
])('after the sign-in %s leads to %s', (next, expected) => {
  expect(signInSearch({ next }).next).toBe(expected)
})
