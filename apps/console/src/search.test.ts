import { expect, test } from 'vitest'
import {
  approvalSearch,
  auditSearch,
  compareSearch,
  deviceSearch,
  deviceViewSearch,
  settingsSearch,
  signInSearch,
} from './search.ts'

test('search parameters that do not fit are dropped', () => {
  expect(deviceSearch({ q: 'true', health: 'failed', sort: '-name', other: 1 })).toEqual({
    q: 'true',
    health: 'failed',
    sort: '-name',
  })
  expect(deviceSearch({ q: '', health: 'splendid', sort: {} })).toEqual({})
  expect(deviceViewSearch({ tab: 'history', kind: 'item' })).toEqual({ tab: 'history', kind: 'item' })
  expect(deviceViewSearch({ tab: 'secrets', kind: {} })).toEqual({})
  const values = { tab: 'values', signal: 'press-7/speed', span: '24h' }
  expect(deviceViewSearch(values)).toEqual(values)
  expect(deviceViewSearch({ signal: '../x', span: '2h' })).toEqual({})
  expect(approvalSearch({ status: 'pending', request: 'apr_a' })).toEqual({ status: 'pending', request: 'apr_a' })
  expect(approvalSearch({ status: 'maybe', request: [] })).toEqual({})
  expect(settingsSearch({ tab: 'nothing' })).toEqual({})
})

test('a filter that looks like a number or a JSON word stays text', () => {
  expect(auditSearch({ object: 42, action: true })).toEqual({ object: '42', action: 'true' })
})

test.each([
  ['/devices?q=x', '/devices?q=x'],
  ['https://evil.example/', undefined],
  ['//evil.example', undefined],
  ['/\\evil.example', undefined],
  ['javascript:alert(1)', undefined],
])('after sign-in, %s leads to %s', (next, expected) => {
  expect(signInSearch({ next }).next).toBe(expected)
})

test('compared versions are numbers if they look like numbers, and text otherwise', () => {
  expect(compareSearch({ a: 3, b: '4' })).toEqual({ a: 3, b: 4 })
  expect(compareSearch({ a: '@best', b: 'latest' })).toEqual({ a: '@best', b: 'latest' })
  expect(compareSearch({ a: '', b: {} })).toEqual({})
})
