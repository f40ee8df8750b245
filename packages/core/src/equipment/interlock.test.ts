import { TagInterlock, type TagValue } from '@skerry/contract/sources/tag'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileInterlock, interlockProblems } from './interlock.ts'

const NOW_MS = 1_000_000
const CAUSE = { code: 'source_silent', message: 'it says nothing' }

const good = (tag: string, value: Extract<TagValue, { quality: 'good' }>['value']): TagValue => ({
  tag,
  quality: 'good',
  value,
  receivedTimeMs: NOW_MS,
})
const bad = (tag: string): TagValue => ({ tag, quality: 'bad', cause: CAUSE, receivedTimeMs: NOW_MS })

function judged(when: string, values: readonly TagValue[], more: object = {}) {
  const compiled = compileInterlock(TagInterlock.parse({ when }))
  if (!compiled.ok) throw new Error(compiled.problem)
  return compiled.judge({ values: new Map(values.map((value) => [value.tag, value])), nowMs: NOW_MS, ...more })
}

test.each([
  ['tags["guard-closed"] && tags["speed"] < 5', [good('guard-closed', true), good('speed', 4.5)]],
  ['tags.mode == "hand" || tags.speed == 0', [good('mode', 'hand'), good('speed', 9)]],
  ['!tags["alarm"] && tags["state"] in [2, 3]', [good('alarm', false), good('state', 3)]],
  ['tags["order"].startsWith("A")', [good('order', 'A-17')]],
])('lets through where %s', (when, values) => {
  expect(judged(when, values)).toEqual({ ok: true })
})

test.each<[string, string, TagValue[], string]>([
  ['is false', 'tags["speed"] < 5', [good('speed', 5)], 'tags["speed"] < 5 is false: speed is 5'],
  ['has a bad tag', 'tags["speed"] < 5', [bad('speed')], 'speed is bad (it says nothing)'],
  [
    'has an uncertain tag',
    'tags.a > 1',
    [{ ...bad('a'), quality: 'uncertain', value: 3, cause: CAUSE }],
    'a is uncertain',
  ],
  ['has a tag that nobody knows', 'tags.a || tags.b', [good('a', true)], 'b has no value'],
  ['has an old tag', 'tags.a', [{ ...good('a', true), receivedTimeMs: NOW_MS - 11_000 }], 'a is 11 s old'],
  ['has a tag from the future', 'tags.a', [{ ...good('a', true), receivedTimeMs: NOW_MS + 11_000 }], 'a is -11 s old'],
  ['has one whose own time is old', 'tags.a', [{ ...good('a', true), sourceTimeMs: NOW_MS - 60_000 }], 'a is 60 s old'],
  ['has a list', 'tags.a == 1', [good('a', [1, 2])], 'a is a list'],
  ['has what is not a number', 'tags.a != 1', [good('a', Number.NaN)], 'a is not a number'],
  ['fails', 'tags.a > 1', [good('a', 'run')], 'failed with a is "run"'],
  ['gives no truth', 'tags.a', [good('a', 1)], 'it returns double, not true or false'],
])('writes nothing where the condition %s', (_, when, values, why) => {
  expect(judged(when, values)).toMatchObject({
    ok: false,
    code: 'tag_interlocked',
    message: expect.stringContaining(why),
  })
})

test('an own time that says when a value changed makes it no older', () => {
  const still = { ...good('a', true), sourceTimeMs: 5 }
  expect(judged('tags.a', [still], { hasTimesOfChange: true })).toEqual({ ok: true })
})

const names = ['a', 'b', 'c']
const scalar = fc.oneof(fc.boolean(), fc.double({ noNaN: false }), fc.constantFrom('run', 'stop', ''), fc.integer())
const times = { receivedTimeMs: fc.integer({ min: NOW_MS - 20_000, max: NOW_MS + 5_000 }) }
const anyValue = fc.oneof(
  { withCrossShrink: true },
  { weight: 12, arbitrary: fc.record({ ...times, quality: fc.constantFrom('good' as const), value: scalar }) },
  fc.record({ ...times, quality: fc.constantFrom('uncertain' as const), value: scalar, cause: fc.constantFrom(CAUSE) }),
  fc.record({ ...times, quality: fc.constantFrom('bad' as const), cause: fc.constantFrom(CAUSE) }),
)
const CONDITIONS = {
  'tags.a == 1 || tags.b == true || tags.c == "run"': (a: unknown, b: unknown, c: unknown) =>
    a === 1 || b === true || c === 'run',
  'tags.a != 1 && tags.b != true && tags.c != "run"': (a: unknown, b: unknown, c: unknown) =>
    a !== 1 && b !== true && c !== 'run',
}

test('never lets through but where all tags are good and fresh and the condition is true', () => {
  fc.assert(
    fc.property(
      fc.record(Object.fromEntries(names.map((name) => [name, fc.option(anyValue, { freq: 30 })]))),
      fc.constantFrom(...Object.entries(CONDITIONS)),
      fc.integer({ min: 1, max: 15 }),
      (found, [when, isTrue], ageMaxSeconds) => {
        const values = new Map<string, TagValue>(
          Object.entries(found).flatMap(([tag, value]) => (value ? [[tag, { tag, ...value }] as const] : [])),
        )
        const compiled = compileInterlock({ when, ageMaxSeconds })
        const verdict = compiled.ok && compiled.judge({ values, nowMs: NOW_MS })
        const isSound = names.every((name) => {
          const one = values.get(name)
          const isFresh = one !== undefined && Math.abs(NOW_MS - one.receivedTimeMs) <= ageMaxSeconds * 1_000
          return isFresh && one.quality === 'good' && (typeof one.value !== 'number' || Number.isFinite(one.value))
        })
        const [a, b, c] = names.map((name) => {
          const one = values.get(name)
          return one && 'value' in one ? one.value : undefined
        })
        expect(verdict).toMatchObject({ ok: isSound && isTrue(a, b, c) })
      },
    ),
    { numRuns: 500 },
  )
})

test('whatever somebody writes as a condition is refused with a reason, or judged with one', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), fc.dictionary(fc.constantFrom(...names), scalar), (when, found) => {
      const compiled = compileInterlock({ when, ageMaxSeconds: 1 })
      const values = new Map(Object.entries(found).map(([tag, value]) => [tag, good(tag, value)]))
      const verdict = compiled.ok ? compiled.judge({ values, nowMs: NOW_MS }) : compiled
      expect(verdict.ok || ('message' in verdict ? verdict.message : verdict.problem)).toBeTruthy()
    }),
  )
})

test.each([
  ['tags["a"] >', 'expecting'],
  ['true', 'names no tag'],
  ['tags["nothing"] > 1', 'has no tag nothing'],
  ['speed > 1', 'speed stands alone'],
  ['site["a"] > 1', 'there is no site'],
  ['tags.guard-closed', 'closed stands alone'],
  ['has(tags.a)', 'has() is not needed'],
  ['"a" in tags', 'tags stands alone'],
  ['tags[tags["a"]]', 'names cannot be computed'],
  ['tags.a.b', 'a value has no parts'],
  ['tags.a.all(x, x > 1)', 'no list to work on'],
  ['tags["a"] + 1', 'it returns double, not true or false'],
  ['tags["a"] % 2 == 0', 'no matching overload'],
  [Array.from({ length: 21 }, (_, index) => `tags.t${index}`).join(' && '), 'more than 20'],
])('no source may have the condition %s', (when, message) => {
  const tags = [{ name: 'a' }, { name: 'b', write: { interlock: TagInterlock.parse({ when }) } }]
  expect(interlockProblems({ groups: [{ tags: [] }, { tags }] })).toEqual([
    {
      tag: 'b',
      path: ['groups', 1, 'tags', 1, 'write', 'interlock', 'when'],
      message: expect.stringContaining(message),
    },
  ])
})

test('a source has no more different conditions than are compiled in a moment', () => {
  const tags = Array.from({ length: 502 }, (_, index) => ({
    name: 'a',
    write: { interlock: { when: `tags.a < ${index % 501}`, ageMaxSeconds: 1 } },
  }))
  expect(interlockProblems({ groups: [{ tags }] })).toMatchObject([{ message: expect.stringContaining('at most 500') }])
})
