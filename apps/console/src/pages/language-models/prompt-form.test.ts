import { expect, test } from 'vitest'
import { readPrompt } from './prompt-form.ts'

const ENTRIES = { prompt: 'Pump 17', system: '', schema: '', maxTokens: '64', temperature: '0' }

test('the entries make a question', () => {
  const schema = { type: 'object', properties: { pump: { type: 'integer' } } }
  expect(readPrompt({ ...ENTRIES, system: ' Be short. ', schema: JSON.stringify(schema) })).toEqual({
    errors: {},
    question: {
      messages: [
        { role: 'system', text: 'Be short.' },
        { role: 'user', text: 'Pump 17' },
      ],
      maxTokens: 64,
      temperature: 0,
      schema,
    },
  })
})

test.each([
  ['schema', { schema: '{' }],
  ['maxTokens', { maxTokens: '0' }],
  ['maxTokens', { maxTokens: 'many' }],
  ['temperature', { temperature: '3' }],
  ['temperature', { temperature: '' }],
])('a wrong %s is named', (field, change) => {
  const { question, errors } = readPrompt({ ...ENTRIES, ...change })
  expect([question, Object.keys(errors)]).toEqual([undefined, [field]])
})
