import { expect, test } from 'vitest'
import { COUNTRIES, countryCode } from './countries.ts'

test('the list has each country once, by name, and no unions or former countries', () => {
  const codes = COUNTRIES.map(({ code }) => code)
  expect(codes.length).toBeGreaterThan(230)
  expect(new Set(COUNTRIES.map(({ name }) => name)).size).toBe(codes.length)
  for (const code of ['DE', 'NO', 'US', 'SG']) expect(codes).toContain(code)
  for (const code of ['EU', 'ZZ', 'DD', 'SU']) expect(codes).not.toContain(code)
})

test.each([
  ['no', 'NO'],
  ['Germany', 'DE'],
  ['norway', 'NO'],
  ['d', 'D'],
  ['Atlantis', 'Atlantis'],
])('%s means %s', (typed, code) => {
  expect(countryCode(typed)).toBe(code)
})
