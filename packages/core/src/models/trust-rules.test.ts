import { type SigningKeyId, TrustRule } from '@skerry/contract/models/trust'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fitsPattern, unmetRule } from './trust-rules.ts'

const key = (letter: string) => letter.repeat(64) as SigningKeyId
const a = key('a')
const b = key('b')
const c = key('c')
const rule = (models: string, keys: SigningKeyId[], signatures = 1) => TrustRule.parse({ models, keys, signatures })

test('every rule that fits must be met, by so many different keys of its own', () => {
  const rules = [rule('press-*', [a, b], 2), rule('*', [a, c])]
  expect(unmetRule(rules, 'press-1', new Set([a, b]))).toBeUndefined()
  expect(unmetRule(rules, 'press-1', new Set([a, c]))).toMatch(/2 of 2 keys must sign models press-\* .*only 1 did/)
  expect(unmetRule(rules, 'pump', new Set([c]))).toBeUndefined()
  expect(unmetRule(rules, 'pump', new Set([b]))).toMatch(/none did/)
  expect(unmetRule([], 'pump', new Set())).toBeUndefined()
  expect(unmetRule([rule('pump', [a, a], 1)], 'pump', new Set([a]))).toBeUndefined()
})

test.each([
  ['pump', 'pump', true],
  ['pump', 'pump-2', false],
  ['*', '', true],
  ['press-*', 'press-', true],
  ['press-*', 'xpress-1', false],
  ['*-v2', 'reader-v2', true],
  ['a*b*c', 'aXbYc', true],
  ['a*b*c', 'abc', true],
  ['a*b*c', 'acb', false],
  ['ab*ba', 'aba', false],
  ['a**c', 'abc', true],
])('%s on %s: %s', (pattern, name, fits) => {
  expect(fitsPattern(pattern, name)).toBe(fits)
})

test('a pattern fits what the same regular expression fits', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 8 })
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '-', '*'), minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(pattern, text, (wanted, name) => {
      const expression = new RegExp(`^${wanted.replaceAll('*', '.*')}$`)
      expect(fitsPattern(wanted, name)).toBe(expression.test(name))
    }),
  )
})
