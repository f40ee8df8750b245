import { AnswerSchema } from '@skerry/contract/language-models/answer-schema'
import { expect, test } from 'vitest'
import { answerFault } from './answer-check.ts'

const SCHEMA = AnswerSchema.parse({
  type: 'object',
  properties: {
    severity: { enum: ['low', 2, null] },
    kind: { const: 'fault' },
    pump: { type: 'integer' },
    bar: { type: 'number' },
    isHot: { type: 'boolean' },
    gone: { type: 'null' },
    note: { type: 'string', minLength: 2, maxLength: 4 },
    parts: {
      type: 'array',
      minItems: 1,
      maxItems: 2,
      items: { type: 'object', properties: { id: { type: 'integer' } } },
    },
  },
})
const GOOD = {
  severity: 2,
  kind: 'fault',
  pump: -0,
  bar: 1.5,
  isHot: false,
  gone: null,
  note: '\u{1F600}\u{1F600}\u{1F600}',
  parts: [{ id: 7 }],
}

test('an answer of the form has no fault, and characters are code points', () => {
  expect(answerFault(SCHEMA, JSON.stringify(GOOD))).toBeUndefined()
})

test.each<[string, object]>([
  ['severity is none of the choices', { severity: 'high' }],
  ['kind is not the constant', { kind: 'other' }],
  ['pump is no integer', { pump: 0.001 }],
  ['pump is no integer', { pump: '1' }],
  ['bar is no number', { bar: null }],
  ['isHot is neither true nor false', { isHot: 0 }],
  ['gone is not null', { gone: false }],
  ['note is no text', { note: 1 }],
  ['note has 5 characters, and the schema allows at most 4', { note: 'abcde' }],
  ['note has 5 characters, some of which are broken bytes, and the schema allows at most 4', { note: 'ab\uFFFDde' }],
  ['note has 1 characters, and the schema allows at least 2', { note: 'a' }],
  ['parts is no list', { parts: {} }],
  ['parts has 3 items, and the schema allows at most 2', { parts: [{ id: 1 }, { id: 2 }, { id: 3 }] }],
  ['parts has 0 items, and the schema allows at least 1', { parts: [] }],
  ['parts.1 is no object', { parts: [{ id: 1 }, []] }],
  ['parts.0 lacks the field id', { parts: [{}] }],
  ['the whole answer has the field "more", which is not in the schema', { more: 1 }],
])('%s', (fault, change) => {
  expect(answerFault(SCHEMA, JSON.stringify({ ...GOOD, ...change }))).toBe(fault)
})

test('a number that no reader holds, and JSON that ends early, are faults', () => {
  expect(answerFault({ type: 'number' }, '1e999')).toBe('the whole answer is no number')
  expect(answerFault(SCHEMA, '{"severity":"lo')).toBe('it is no complete JSON')
})
