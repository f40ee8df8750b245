import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonReader, stepsOf } from './json-value.ts'

const DOCUMENT = {
  speed: 1450,
  motor: { 'winding 1': [61.5, 62], on: true, 'a.b': 'x' },
  at: '2026-11-27T03:00:00.250Z',
  s: 1_795_000_000.25,
  huge: 2 ** 60,
  none: null,
  deep: { list: [{ a: 1 }] },
}

test.each<[string, unknown]>([
  ['speed', 1450],
  ['motor["winding 1"][1]', 62],
  ['motor["winding 1"]', [61.5, 62]],
  ['motor["a.b"]', 'x'],
  ['motor.on', true],
])('finds %s', (path, value) => {
  expect(jsonReader({ path })(DOCUMENT)).toEqual({ ok: true, value, isInexact: false, sourceTimeMs: undefined })
})

test.each<[string, object]>([
  ['nothing', { isAbsent: true, cause: { code: 'value_missing' } }],
  ['none', { isAbsent: true }],
  ['speed.length', { isAbsent: true }],
  ['motor.constructor', { isAbsent: true }],
  ['__proto__', { isAbsent: true }],
  ['deep', { isAbsent: false, cause: { code: 'value_type' } }],
  ['deep.list', { isAbsent: false }],
])('has no value at %s, and says so', (path, expected) => {
  expect(jsonReader({ path })(DOCUMENT)).toMatchObject({ ok: false, ...expected })
})

test('a document may be the value itself', () => {
  expect(jsonReader({})(21.5)).toMatchObject({ ok: true, value: 21.5 })
})

test('numbers beyond 2^53 have lost digits, and are said to have', () => {
  expect(jsonReader({ path: 'huge' })(DOCUMENT)).toMatchObject({ ok: true, isInexact: true })
})

test('the time of the equipment is taken in the unit that is said, and a time that is none makes the value doubtful', () => {
  const at = (path: string, unit: 'iso' | 's' | 'ms') => jsonReader({ path: 'speed', time: { path, unit } })(DOCUMENT)
  expect(at('at', 'iso')).toMatchObject({ sourceTimeMs: Date.parse('2026-11-27T03:00:00.250Z') })
  expect(at('s', 's')).toMatchObject({ sourceTimeMs: 1_795_000_000_250 })
  for (const wrong of [at('at', 'ms'), at('s', 'iso'), at('nothing', 's')]) {
    expect(wrong).toMatchObject({ ok: false, cause: { code: 'time_unreadable' } })
  }
})

test('a time without a zone is nobody knows when', () => {
  expect(jsonReader({ path: 'v', time: { path: 't', unit: 'iso' } })({ v: 1, t: '2026-11-27T03:00:00' }).ok).toBe(false)
})

test('whatever a document is, it is read or refused, never thrown at', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom('a', 'a.b[0]', '[0]', '["x y"]'), (document, path) => {
      const read = jsonReader({ path, time: { path: 'a', unit: 'ms' } })(document)
      expect(typeof read.ok).toBe('boolean')
    }),
  )
})

test('steps are names and places', () => {
  expect(stepsOf('a.b[12]["c d"].e')).toEqual(['a', 'b', 12, 'c d', 'e'])
})

test('ISO 8601 is read as everybody else reads it', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('1970-01-02'), max: new Date('9999-12-30'), noInvalidDate: true }), (date) => {
      const read = jsonReader({ path: 'v', time: { path: 't', unit: 'iso' } })
      const timeOf = (t: string) => read({ v: 1, t })
      const iso = date.toISOString()
      expect(timeOf(iso)).toMatchObject({ sourceTimeMs: date.getTime() })
      expect(timeOf(iso.replace('Z', '+02:30'))).toMatchObject({ ok: date.getTime() >= 9_000_000 })
      expect(timeOf(iso.replace('Z', '-05:00'))).toMatchObject({ sourceTimeMs: date.getTime() + 5 * 3_600_000 })
    }),
  )
})
