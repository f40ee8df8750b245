import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { expect, test } from 'vitest'
import { ticketKeys } from './ticket-keys.ts'

const authority = generateKeyPair()
const WEEK_MS = 7 * 24 * 3_600_000
const begin = 2_900 * WEEK_MS

test('the same authority has the same keys all week, in every hub', () => {
  expect(ticketKeys(authority, begin + WEEK_MS - 1)).toEqual(
    ticketKeys({ privateKeyPem: authority.privateKeyPem.trimEnd() }, begin),
  )
  expect(ticketKeys(authority, begin)).toHaveLength(48)
})

test('another week, and another authority, has others', () => {
  expect(ticketKeys(authority, begin + WEEK_MS)).not.toEqual(ticketKeys(authority, begin))
  expect(ticketKeys(generateKeyPair(), begin)).not.toEqual(ticketKeys(authority, begin))
})
