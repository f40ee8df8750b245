import { expect, test } from 'vitest'
import { connectionMissing } from './connection-place.ts'

const SOUGHT = { kind: 'source', name: 'press-7', scope: 'organisation' } as const

test('a source that is on one device only is named with its device and the option for it', () => {
  expect(connectionMissing(SOUGHT, ['device:press-5'])).toMatchObject({
    code: 'connection_unknown',
    message: 'there is no source press-7 for the organisation',
    next: 'exists on device press-5: add --device press-5',
  })
})

test('each scope has its words and its option', () => {
  const sink = { ...SOUGHT, kind: 'sink', scope: 'device:press-5' } as const
  expect(connectionMissing(sink, ['site:lab'])).toMatchObject({
    message: 'there is no sink press-7 on device press-5',
    next: 'exists at site lab: add --site lab',
  })
  expect(connectionMissing(sink, ['organisation']).next).toBe('exists for the organisation: add --scope organisation')
})

test('several scopes are listed, and more than three lead to the list', () => {
  const scopes = ['site:a', 'site:b', 'device:c'] as const
  const named = 'exists at site a (--site a), at site b (--site b), on device c (--device c)'
  expect(connectionMissing(SOUGHT, scopes).next).toBe(named)
  expect(connectionMissing(SOUGHT, [...scopes, 'device:d']).next).toBe(
    `${named}, and in other scopes, which "skerry source ls" lists`,
  )
})

test('a name that is nowhere leads to the list, and a command may have options of its own', () => {
  expect(connectionMissing(SOUGHT, []).next).toBe('"skerry source ls" lists them')
  expect(connectionMissing(SOUGHT, ['device:c'], (scope) => `--scope ${scope}`).next).toBe(
    'exists on device c: add --scope device:c',
  )
})
