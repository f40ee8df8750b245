import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from './canonical-json.ts'

test('spells the example of RFC 8785, 3.2.3 and appendix B as the RFC does', () => {
  const numbers = [333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001]
  expect(
    canonicalJson({ numbers, string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/', literals: [null, true, false] }),
  ).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
  expect(canonicalJson(-0)).toBe('0')
})

test('sorts keys by UTF-16 code units, at every depth', () => {
  const keys = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 }
  expect(canonicalJson({ a: keys })).toBe(
    '{"a":{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}}',
  )
})

test('leaves out undefined properties, and refuses what is not JSON', () => {
  expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}')
  const numbers = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1n]
  const strings = ['\ud800', { '\udc00': 1 }]
  const others = [undefined, [undefined], Array(1), Symbol('a'), () => 1, new Map(), new (class Thing {})()]
  for (const value of [...numbers, ...strings, ...others]) {
    expect(() => canonicalJson(value)).toThrow('canonical JSON cannot hold')
    expect(() => canonicalJson([{ a: [value] }])).toThrow('canonical JSON cannot hold')
  }
})

test('holds for any JSON value', () => {
  const json = fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' })
  fc.assert(
    fc.property(json, (value) => {
      const text = canonicalJson(value)
      expect(JSON.parse(text), 'means the same').toEqual(JSON.parse(JSON.stringify(value)))
      expect(canonicalJson(reversed(value)), 'whatever the order of keys').toBe(text)
      expect(canonicalJson(JSON.parse(text)), 'read and spelled again').toBe(text)
    }),
  )
})

/** The same value with the keys of every object in the reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  )
}
