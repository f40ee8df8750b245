import { TagWriting } from '@skerry/contract/sources/tag'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { argumentsOf, judgeWrite } from './tag-writing.ts'

const writing = TagWriting.parse({ min: 0, max: 100, perMinute: 2 })
const quiet = { recentMs: [], nowMs: 100_000 }

test.each([
  ['a read-only tag', undefined, 5, quiet, 'tag_read_only'],
  ['an array', writing, [1, 2], quiet, 'tag_type'],
  ['a text despite bounds', writing, 'on', quiet, 'tag_type'],
  ['no number', writing, Number.NaN, quiet, 'tag_type'],
  ['a value above the maximum', writing, 100.1, quiet, 'tag_range'],
  ['a value below the minimum', writing, -0.1, quiet, 'tag_range'],
  ['too many writes', writing, 5, { recentMs: [50_000, 90_000], nowMs: 100_000 }, 'tag_rate'],
])('a write is rejected for %s', (_, allowed, value, history, code) => {
  expect(judgeWrite(allowed, value, history)).toMatchObject({ ok: false, code })
})

test('a write within bounds and rate is allowed, and a boolean without bounds as well', () => {
  expect(judgeWrite(writing, 100, quiet)).toEqual({ ok: true })
  expect(judgeWrite(writing, 0, { recentMs: [40_000, 90_000], nowMs: 100_000 })).toEqual({ ok: true })
  expect(judgeWrite(TagWriting.parse({}), true, quiet)).toEqual({ ok: true })
})

test.each([
  ['a single value', 5, 'tag_type', 'all of its 3 elements'],
  ['too few', [1, 2], 'tag_type', '2 are given'],
  ['too many', [1, 2, 3, 4], 'tag_type', '4 are given'],
  ['none', [], 'tag_type', '0 are given'],
  ['one that is beyond the bounds', [1, 2, 101], 'tag_range', 'element 3 of 3: 101'],
  ['one that is not a number where there are bounds', [1, 'two', 3], 'tag_type', 'element 2 of 3'],
  ['one that is not a number', [Number.NaN, 2, 3], 'tag_type', 'element 1 of 3'],
])('of an array refuses %s', (_, value, code, message) => {
  expect(judgeWrite(writing, value, { ...quiet, count: 3 })).toMatchObject({
    ok: false,
    code,
    message: expect.stringContaining(message),
  })
})

test('an array counts as one write against the rate, for any length', () => {
  const often = { recentMs: [50_000, 90_000], nowMs: 100_000, count: 3 }
  expect(judgeWrite(writing, [1, 2, 3], often)).toMatchObject({ ok: false, code: 'tag_rate' })
  expect(judgeWrite(writing, [1, 2, 3], { ...often, recentMs: [90_000] })).toEqual({ ok: true })
  expect(judgeWrite(undefined, [1, 2, 3], often)).toMatchObject({ ok: false, code: 'tag_read_only' })
})

test('an array write is allowed exactly if it is complete and each element is allowed', () => {
  const element = fc.oneof(fc.double(), fc.integer({ min: -10, max: 110 }), fc.boolean(), fc.string({ maxLength: 3 }))
  fc.assert(
    fc.property(fc.array(element, { maxLength: 6 }), fc.integer({ min: 2, max: 6 }), (value, count) => {
      const isEach = value.every((one) => judgeWrite(writing, one, quiet).ok)
      expect(judgeWrite(writing, value, { ...quiet, count }).ok).toBe(value.length === count && isEach)
    }),
  )
})

const inputs = [
  { type: 'Double' as const, name: 'speed', min: 0, max: 100 },
  { type: 'String' as const },
  { type: 'Boolean' as const },
]
const methods = TagWriting.parse({})

test.each([
  ['too few', inputs, [1, 'red'], 'tag_type', 'a list of 3 arguments'],
  ['too many', inputs, [1, 'red', true, true], 'tag_type', 'a list of 3 arguments'],
  ['an argument of another type', inputs, [1, 2, true], 'tag_type', 'argument 2 must have the type String'],
  ['an argument that is not a boolean', inputs, [1, 'red', 'yes'], 'tag_type', 'argument 3 must have the type Boolean'],
  ['no number', inputs, [Number.NaN, 'red', true], 'tag_type', 'argument 1 (speed)'],
  ['an argument beyond its bounds', inputs, [101, 'red', true], 'tag_range', 'argument 1 (speed): 101'],
  ['a list for a single argument', inputs.slice(1, 2), ['red', 'blue'], 'tag_type', 'one argument'],
  ['a value other than true without arguments', [], false, 'tag_type', 'true calls it'],
])('a method call is rejected for %s', (_, wanted, value, code, message) => {
  expect(judgeWrite(methods, value, { ...quiet, inputs: wanted })).toMatchObject({
    ok: false,
    code,
    message: expect.stringContaining(message),
  })
})

test('a method accepts its arguments: none, one value or a list', () => {
  const calls = [
    { wanted: [], value: true, given: [] },
    { wanted: [], value: [], given: [] },
    { wanted: inputs.slice(1, 2), value: 'red', given: ['red'] },
    { wanted: inputs.slice(1, 2), value: ['red'], given: ['red'] },
    { wanted: inputs, value: [0, '', false], given: [0, '', false] },
  ]
  for (const { wanted, value, given } of calls) {
    expect(judgeWrite(methods, value, { ...quiet, inputs: wanted })).toEqual({ ok: true })
    expect(argumentsOf(wanted, value)).toEqual(given)
  }
})

test('a method call is limited by the rate, and needs a write rule', () => {
  const busy = { recentMs: [99_000, 99_500], nowMs: 100_000, inputs: [] }
  expect(judgeWrite(TagWriting.parse({ perMinute: 2 }), true, busy)).toMatchObject({ ok: false, code: 'tag_rate' })
  expect(judgeWrite(undefined, true, { ...quiet, inputs: [] })).toMatchObject({ ok: false, code: 'tag_read_only' })
})
