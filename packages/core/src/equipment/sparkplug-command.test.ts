import fc from 'fast-check'
import { expect, test } from 'vitest'
import { judgeCommand } from './sparkplug-command.ts'
import { DATATYPE, datatypeOf, type RawValue, rawOf } from './sparkplug-value.ts'

const judge = (born: number, raw: RawValue | undefined, datatype?: number, isNull = false) =>
  judgeCommand(born, { datatype, isNull, raw })

test('for any number, boolean or text, a metric command gives the intended value', () => {
  fc.assert(
    fc.property(fc.oneof(fc.double(), fc.boolean(), fc.string()), fc.boolean(), (value, saysType) => {
      const born = datatypeOf(value)
      expect(judge(born, rawOf(born, value), saysType ? born : undefined)).toEqual({ ok: true, value })
    }),
  )
})

const five: RawValue = { case: 'double', value: 5 }

test.each<[string, number, RawValue | undefined, number | undefined, RegExp]>([
  ['another type than the birth', DATATYPE.double, five, DATATYPE.int32, /birth message has datatype 10, .* has 3/],
  ['bits of an integer for a double', DATATYPE.double, { case: 'int', value: 4_294_967_295 }, undefined, /a int/],
  ['a number for a switch', DATATYPE.boolean, five, DATATYPE.boolean, /has a boolean, but the command has a double/],
  ['text for a number', DATATYPE.double, { case: 'string', value: '5' }, undefined, /a string/],
  ['no value', DATATYPE.double, undefined, DATATYPE.double, /no value/],
  ['a list', DATATYPE.doubleArray, { case: 'bytes', value: new Uint8Array(8) }, undefined, /cannot be written/],
])('a command with %s is rejected', (_, born, raw, datatype, message) => {
  expect(judge(born, raw, datatype)).toEqual({ ok: false, message: expect.stringMatching(message) })
})

test('a command that is marked as null is rejected, even with a value', () => {
  expect(judge(DATATYPE.double, five, DATATYPE.double, true)).toMatchObject({ ok: false })
})
