import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeBase64, encodeBase64 } from './base64-bytes.ts'
import { answerProblem, goldenOfPrompts, promptsOf } from './golden-prompt.ts'

test('prompts come back from their golden file', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((one) => one.isWellFormed())
  fc.assert(
    fc.property(text, text, fc.integer({ min: 1, max: 256 }), (prompt, answer, answerTokens) => {
      const prompts = [{ prompt, answer, answerTokens }]
      expect(promptsOf(goldenOfPrompts(prompts))).toEqual({ ok: true, prompts })
    }),
  )
})

test('base64 is that of everybody', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
      expect(decodeBase64(encodeBase64(bytes))).toEqual(new Uint8Array(bytes))
    }),
  )
  expect(decodeBase64('a*==')).toBeUndefined()
})

test('an answer must begin as expected', () => {
  expect(answerProblem({ answer: 'Pump' }, 'Pump 17')).toBeUndefined()
  expect(answerProblem({ answer: 'Pump 17' }, 'Pump 18')).toContain('from its character 7')
  expect(answerProblem({ answer: 'Pump 17' }, 'Pump')).toContain('from its character 5')
})

test('a prompt without an expected answer is rejected with the next step', () => {
  const [first] = goldenOfPrompts([{ prompt: 'a', answer: 'b', answerTokens: 1 }]).cases
  expect(promptsOf({ cases: [{ inputs: first?.inputs ?? {} }] })).toMatchObject({
    ok: false,
    message: expect.stringContaining('skerry ask'),
  })
})
