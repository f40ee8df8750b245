import { expect, test } from 'vitest'
import { kindOf, readWritten } from './written.ts'

test('what a tag takes is what it said last; before it said anything, what the source says of it', () => {
  const tag = { all: { type: 'float32' }, where: 'holding:1' }
  expect(kindOf(tag, true)).toBe('boolean')
  expect(kindOf(tag, undefined)).toBe('number')
  expect(kindOf({ all: { type: 'string' }, where: '' }, undefined)).toBe('text')
  expect(kindOf({ all: { type: 'BOOL' }, where: '' }, undefined)).toBe('boolean')
  expect(kindOf({ all: {}, where: 'coil:3' }, undefined)).toBe('boolean')
  expect(kindOf({ all: {}, where: 'ns=2;s=x' }, undefined)).toBeUndefined()
  expect(kindOf({ all: {}, where: 'ns=2;s=x' }, 'on')).toBe('text')
})

test('numbers are held against the bounds before anybody is asked', () => {
  const bounds = { min: 600, max: 1_800 }
  expect(readWritten('number', ' 1500,5 ', bounds)).toEqual({ ok: true, value: 1_500.5 })
  expect(readWritten('number', '600', bounds)).toEqual({ ok: true, value: 600 })
  expect(readWritten('number', '599', bounds)).toEqual({ ok: false, why: 'low' })
  expect(readWritten('number', '1801', bounds)).toEqual({ ok: false, why: 'high' })
  expect(readWritten('number', 'fast', bounds)).toEqual({ ok: false, why: 'number' })
  expect(readWritten('number', '', {})).toEqual({ ok: false, why: 'empty' })
})

test('a truth is chosen, never taken for granted; a text may be empty, and has an end', () => {
  expect(readWritten('boolean', '', {})).toEqual({ ok: false, why: 'empty' })
  expect(readWritten('boolean', 'false', {})).toEqual({ ok: true, value: false })
  expect(readWritten('text', '', {})).toEqual({ ok: true, value: '' })
  expect(readWritten('text', 'x'.repeat(1_001), {})).toEqual({ ok: false, why: 'long' })
})

test('a method takes its arguments, whatever it gave last', () => {
  const methodOf = (...types: string[]) => ({
    all: { method: { object: 'i=85', arguments: types.map((type) => ({ type })) } },
    where: 'ns=2;s=Start',
  })
  expect(kindOf({ all: { method: { object: 'i=85' } }, where: '' }, 7)).toBe('boolean')
  expect(kindOf(methodOf('Double'), 'ready')).toBe('number')
  expect(kindOf(methodOf('SByte'), undefined)).toBe('number')
  expect(kindOf(methodOf('ByteString'), undefined)).toBeUndefined()
  expect(kindOf(methodOf('Double', 'String'), 5)).toBe('list')
})

test('an array is written as a list, each number of it held against the bounds', () => {
  expect(kindOf({ all: { type: 'int16', count: 4 }, where: 'holding:1' }, undefined)).toBe('list')
  expect(kindOf({ all: {}, where: 'ns=2;s=x' }, [1, 2])).toBe('list')
  expect(kindOf({ all: { type: 'int16', count: 1 }, where: 'holding:1' }, undefined)).toBe('number')
  const bounds = { min: 20, max: 320 }
  expect(readWritten('list', '[20, 320]', bounds)).toEqual({ ok: true, value: [20, 320] })
  expect(readWritten('list', '[20, 321]', bounds)).toEqual({ ok: false, why: 'high' })
  expect(readWritten('list', '[19, 20]', bounds)).toEqual({ ok: false, why: 'low' })
})

test('a list is written as JSON, of single values only', () => {
  expect(readWritten('list', '[1500, "red", true]', {})).toEqual({ ok: true, value: [1_500, 'red', true] })
  for (const text of ['1500', '[[1]]', '[1', '{"a": 1}', '"red"']) {
    expect(readWritten('list', text, {}), text).toEqual({ ok: false, why: 'list' })
  }
})
