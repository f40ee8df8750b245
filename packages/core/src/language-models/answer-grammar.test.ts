import { AnswerSchema } from '@skerry/contract/language-models/answer-schema'
import { expect, test } from 'vitest'
import { answerGrammar } from './answer-grammar.ts'

const linesOf = (schema: unknown) => answerGrammar(AnswerSchema.parse(schema)).split('\n')

test('each part becomes a rule with its limits', () => {
  const schema = {
    type: 'object',
    properties: {
      severity: { enum: ['low', 'h"i\\gh'] },
      note: { type: 'string', minLength: 1, maxLength: 12 },
      parts: { type: 'array', maxItems: 3, items: { type: 'integer' } },
    },
  }
  expect(linesOf(schema).slice(0, 5)).toEqual([
    'root ::= part-3',
    String.raw`part-0 ::= "\"low\"" | "\"h\\\"i\\\\gh\""`,
    String.raw`part-1 ::= "\"" char{1,12} "\""`,
    'part-2 ::= "[" space (integer (comma integer){0,2})? space "]"',
    String.raw`part-3 ::= "{" space "\"severity\"" ":" space part-0 comma "\"note\"" ":" space part-1 comma "\"parts\"" ":" space part-2 space "}"`,
  ])
})

test('a list with a lower limit has at least its items', () => {
  expect(linesOf({ type: 'array', minItems: 2, maxItems: 2, items: { type: 'boolean' } })[1]).toBe(
    'part-0 ::= "[" space boolean (comma boolean){1,1} space "]"',
  )
})
