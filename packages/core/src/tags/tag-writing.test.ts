import { TagWriting } from '@skerry/contract/sources/tag'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { argumentsOf, judgeWrite } from './tag-writing.ts'

const writing = TagWriting.parse({ min: 0, max: 100, perMinute: 2 })
const quiet = { recentMs: [], nowMs: 100_000 }

test.each([
  ['a tag that is never written', undefined, 5, quiet, 'tag_read_only'],
  ['an array', writing, [1, 2], quiet, 'tag_type'],
  ['text where there are bounds', writing, 'on', quiet, 'tag_type'],
  ['no number', writing, Number.NaN, quiet, 'tag_type'],
  ['too much', writing, 100.1, quiet, 'tag_range'],
  ['too little', writing, -0.1, quiet, 'tag_range'],
  ['too often', writing, 5, { recentMs: [50_000, 90_000], nowMs: 100_000 }, 'tag_rate'],
])('refuses %s', (_, allowed, value, history, code) => {
  expect(judgeWrite(allowed, value, history)).toMatchObject({ ok: false, code })
})

test('allows what is within bounds and pace, and switches where there are no bounds', () => {
  expect(judgeWrite(writing, 100, quiet)).toEqual({ ok: true })
  expect(judgeWrite(writing, 0, { recentMs: [40_000, 90_000], nowMs: 100_000 })).toEqual({ ok: true })
  expect(judgeWrite(TagWriting.parse({}), true, quiet)).toEqual({ ok: true })
})

test.each([
  ['one value', 5, 'tag_type', 'all of its 3 elements'],
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

test('an array is written as often as it may be, whatever its length', () => {
  const often = { recentMs: [50_000, 90_000], nowMs: 100_000, count: 3 }
  expect(judgeWrite(writing, [1, 2, 3], often)).toMatchObject({ ok: false, code: 'tag_rate' })
  expect(judgeWrite(writing, [1, 2, 3], { ...often, recentMs: [90_000] })).toEqual({ ok: true })
  expect(judgeWrite(undefined, [1, 2, 3], often)).toMatchObject({ ok: false, code: 'tag_read_only' })
})

test('an array is allowed exactly where it is whole, and each of its elements would be by itself', () => {
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
  ['one that is of another type', inputs, [1, 2, true], 'tag_type', 'argument 2 must have the type String'],
  ['a truth that is none', inputs, [1, 'red', 'yes'], 'tag_type', 'argument 3 must have the type Boolean'],
  ['no number', inputs, [Number.NaN, 'red', true], 'tag_type', 'argument 1 (speed)'],
  ['one that is beyond its bounds', inputs, [101, 'red', true], 'tag_range', 'argument 1 (speed): 101'],
  ['a list where there is one', inputs.slice(1, 2), ['red', 'blue'], 'tag_type', 'one argument'],
  ['anything but true where there is none', [], false, 'tag_type', 'true calls it'],
])('of the arguments of a method refuses %s', (_, wanted, value, code, message) => {
  expect(judgeWrite(methods, value, { ...quiet, inputs: wanted })).toMatchObject({
    ok: false,
    code,
    message: expect.stringContaining(message),
  })
})

test('a method is called with what it takes: nothing, one value or a list', () => {
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

test('a method is called as often as it may be, and never without "write"', () => {
  const busy = { recentMs: [99_000, 99_500], nowMs: 100_000, inputs: [] }
  expect(judgeWrite(TagWriting.parse({ perMinute: 2 }), true, busy)).toMatchObject({ ok: false, code: 'tag_rate' })
  expect(judgeWrite(undefined, true, { ...quiet, inputs: [] })).toMatchObject({ ok: false, code: 'tag_read_only' })
})
