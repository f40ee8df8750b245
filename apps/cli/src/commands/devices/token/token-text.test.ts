import { JoinTokenId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { tokenText } from './token-text.ts'

const token = { id: JoinTokenId.parse('tok_abcdefgh234567'), expiresAtMs: Date.UTC(2026, 10, 25) }

test.each([
  [1, 'joins one device, until 2026-11-25 00:00:00Z. A token for more devices needs --uses, such as --uses 10.'],
  [12, 'joins 12 devices, until 2026-11-25 00:00:00Z.'],
])('the text of a token for %i devices says so', (usesMax, text) => {
  expect(tokenText({ ...token, usesMax })).toBe(`The token tok_abcdefgh234567 ${text}`)
})
