import { ConfigSchema } from '@skerry/contract/apps/config-schema'
import { expect, test } from 'vitest'
import { configOf, configProblems, schemaProblems, settingValue } from './app-config.ts'

const schema = ConfigSchema.parse({
  type: 'object',
  properties: {
    MODE: { type: 'string', enum: ['live', 'test'], default: 'test' },
    NAME: { type: 'string', minLength: 2, maxLength: 4 },
    LIMIT: { type: 'number', minimum: 0, maximum: 1 },
    PORT: { type: 'integer' },
    DEBUG: { type: 'boolean', default: false },
  },
  required: ['NAME', 'MODE'],
})

test('values that fit have no problems, and defaults fill the others', () => {
  const config = { NAME: 'abc', LIMIT: 0.5, PORT: 80, DEBUG: true, MODE: 'live' }
  expect(configProblems(schema, config)).toEqual([])
  expect(configOf(schema, { NAME: 'abc' })).toEqual({ NAME: 'abc', MODE: 'test', DEBUG: false })
})

test.each([
  ['MODE', 'other', 'must be live or test'],
  ['NAME', 'a', 'must have at least 2 characters'],
  ['NAME', 'abcde', 'must have at most 4 characters'],
  ['NAME', 5, 'must be a text'],
  ['NAME', 'a\0', 'must not have a zero byte'],
  ['LIMIT', 2, 'must be at most 1'],
  ['LIMIT', -1, 'must be at least 0'],
  ['LIMIT', '0.5', 'must be a number'],
  ['PORT', 1.5, 'must be a whole number'],
  ['DEBUG', 'true', 'must be true or false'],
])('%s cannot be %j', (setting, value, message) => {
  expect(configProblems(schema, { NAME: 'abc', [setting]: value })).toEqual([{ setting, message }])
})

test('a missing setting and an unknown one are named', () => {
  expect(configProblems(schema, { toString: 'x' }).map(({ setting }) => setting)).toEqual(['NAME', 'toString'])
  expect(configProblems(undefined, { A: 1 })).toEqual([{ setting: 'A', message: expect.stringContaining('none') }])
})

test('a schema whose parts do not fit each other is rejected', () => {
  const properties = { A: { type: 'integer' as const, default: 1.5 } }
  expect(schemaProblems({ type: 'object', properties, required: ['B'] }).map(({ setting }) => setting)).toEqual([
    'A',
    'B',
  ])
  expect(schemaProblems(schema)).toEqual([])
})

test.each([
  ['string', '1', '1'],
  ['boolean', 'false', false],
  ['boolean', 'no', undefined],
  ['integer', '12', 12],
  ['number', 'x', undefined],
  ['number', ' ', undefined],
] as const)('a text for a %s: %s', (type, text, value) => {
  expect(settingValue({ type }, text)).toBe(value)
})
