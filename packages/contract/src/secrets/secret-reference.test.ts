import { expect, test } from 'vitest'
import { secretsNamedIn } from './secret-reference.ts'

test('finds each secret that is named, wherever it stands, once', () => {
  const connection = { user: 'a', password: { secret: 'plc' }, keys: [{ secret: 'ca.pem' }, { secret: 'plc' }] }
  expect(secretsNamedIn({ name: 'press-7', connection, groups: [{ tags: [{ name: 'secret' }] }] })).toEqual([
    'ca.pem',
    'plc',
  ])
  expect(secretsNamedIn({ connection: { secret: 'x', more: 1 }, other: null })).toEqual([])
})
