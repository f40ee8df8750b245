import { expect, test } from 'vitest'
import { parseJoinToken } from './join-token.ts'

const content = {
  v: 1,
  hub: 'https://hub.example:8443',
  ca: 'a'.repeat(64),
  signer: 'b'.repeat(64),
  secret: 's'.repeat(43),
}
const textOf = (value: unknown) => `skj_${Buffer.from(JSON.stringify(value)).toString('base64url')}`

test('reads what the hub wrote, with the space that a paste brings', () => {
  expect(parseJoinToken(` ${textOf(content)}\n`)).toEqual({ ok: true, content })
})

test.each([
  ['nothing', ''],
  ['another secret', 'sk_abcdefgh_xyz'],
  ['a token that was cut', textOf(content).slice(0, 60)],
  ['a newer form', textOf({ ...content, v: 2 })],
  ['a hub that is no address', textOf({ ...content, hub: 'hub' })],
])('refuses %s', (_, text) => {
  expect(parseJoinToken(text)).toMatchObject({ ok: false, code: 'token_malformed' })
})
