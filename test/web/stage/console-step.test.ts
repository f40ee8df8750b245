import { expect, test } from 'vitest'
import { consoleSteps, withoutVarying } from './console-step.ts'

test('finds commands, their output and the text before them, in console blocks only', () => {
  const markdown =
    'Do this:\n\n```console\n$ a b\nout\n$ c\n```\n\nNow that.\n\n```\n$ no\n```\n\nThen:\n```console\n$ d\n```\n'
  expect(consoleSteps(markdown)).toEqual([
    { command: 'a b', expected: 'out\n', told: 'Do this:\n\n' },
    { command: 'c', expected: '', told: '' },
    { command: 'd', expected: '', told: expect.stringContaining('Then:') },
  ])
})

test('replaces varying parts and keeps the rest', () => {
  const line = 'id  dev_x23bikk45iyly5cbnyaa until 2027-11-24 23:31:50Z, sha256:2ef19d363d59 score 2.6540191173553467'
  expect(withoutVarying(line)).toBe('id <id> until <time>, <digest> score 2.6540')
  expect(withoutVarying('needs 9.94 kB more, and 82.6 GB were free')).toBe('needs 9.94 kB more, and <bytes> were free')
  const values = 'output score[0, 0] is 0.16, expected -0.25 (largest difference 0.09, allowed 0.0001)'
  const noise = `press: golden_mismatch: golden case 2 of 16 (9 of 16 cases differ): ${values}`
  expect(withoutVarying(noise)).toBe(
    'press: golden_mismatch: golden case <n> of 16: score is <score>, expected <score> (<difference>, allowed 0.0001)',
  )
})

test('a noisy score that is near the expected one by chance makes no difference', () => {
  const answer = (score: number, hint: string) =>
    `failed: golden case 1 of 16 (16 of 16 cases differ): output score[0, 0] is ${score}, expected 0.25 (largest difference ${0.25 - score}, allowed 0.0001; 1 of 1 values differ)${hint} (golden_mismatch); it is offered version 1`
  const hint =
    '; the difference is small: is the model nondeterministic (random operators, dropout)? Export it in evaluation mode, or push it with a wider tolerance'
  expect(withoutVarying(answer(0.249, hint))).toBe(withoutVarying(answer(-0.16, '')))
})
