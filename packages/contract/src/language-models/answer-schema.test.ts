import { expect, test } from 'vitest'
import { AnswerSchema } from './answer-schema.ts'

const REPORT = {
  type: 'object',
  properties: { severity: { enum: ['low', 'high'] }, pump: { type: 'integer' }, note: { type: 'string' } },
}

function nested(depth: number): unknown {
  let schema: unknown = { type: 'integer' }
  for (let level = 0; level < depth; level++) schema = { type: 'object', properties: { a: schema } }
  return schema
}

test('a text without a limit gets one', () => {
  expect(AnswerSchema.parse(REPORT)).toMatchObject({ properties: { note: { maxLength: 200 } } })
})

test.each<[string, unknown]>([
  ['a reference', { $ref: '#' }],
  ['definitions', { ...REPORT, $defs: { a: { type: 'string' } } }],
  ['a pattern', { type: 'string', pattern: '(a+)+$' }],
  ['other properties', { ...REPORT, additionalProperties: true }],
  ['a property with a quote', { type: 'object', properties: { 'a" ::= root': { type: 'string' } } }],
  ['the name of a prototype', JSON.parse('{"type":"object","properties":{"a\\n":{"type":"string"}}}')],
  ['a choice with a line break', { enum: ['a\n" | root'] }],
  ['a long text', { type: 'string', maxLength: 1_000_000 }],
  ['a text without a length', { type: 'string', minLength: 9, maxLength: 8 }],
  ['a list without a length', { type: 'array', minItems: 3, maxItems: 2, items: { type: 'null' } }],
  ['a long list', { type: 'array', items: { type: 'string' }, maxItems: 1_000 }],
  [
    'answers without an end',
    { type: 'array', maxItems: 32, items: { type: 'array', maxItems: 32, items: { type: 'string' } } },
  ],
  ['too many levels', nested(7)],
  ['levels without an end', nested(5_000)],
  [
    'too many parts',
    {
      type: 'object',
      properties: Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`p${at}`, { type: 'null' }])),
    },
  ],
])('rejects %s', (_, schema) => {
  expect(AnswerSchema.safeParse(schema).success).toBe(false)
})
