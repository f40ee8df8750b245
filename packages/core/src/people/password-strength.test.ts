import { expect, test } from 'vitest'
import { isWeakPassword } from './password-strength.ts'

const ann = { email: 'ann.larsen@example.com', name: 'Ann Larsen' }

test.each([
  'aaaaaaaaaaaa',
  'abababababab',
  'password1234',
  'Ann.Larsen123',
  'larsenlarsen1',
  'EXAMPLE-2026!',
  '1234567890ab',
])('%s is guessed first', (password) => expect(isWeakPassword(password, ann)).toBe(true))

test.each(['tidal basin lantern', 'correct horse battery staple', 'larsen keeps seven grey boats', 'Zq8-vvT!m2pQx'])(
  '%s will do',
  (password) => expect(isWeakPassword(password, ann)).toBe(false),
)
