import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AnswerSchema } from '@skerry/contract/language-models/answer-schema'
import { makeTestGguf } from '@skerry/testkit/language-models/test-gguf'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LanguageProcess, openLanguage } from './language-process.ts'

const { signal } = new AbortController()
const wish = { maxTokens: 32, temperature: 0, topP: 1, seed: undefined, stop: [], schema: undefined, isFresh: true }
const ask = (text: string) => [{ role: 'user' as const, text }]
const silent = () => {}

let folder: string
let modelPath: string
let language: LanguageProcess
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-language-'))
  modelPath = join(folder, 'model')
  await writeFile(modelPath, makeTestGguf())
  language = await open()
})
afterAll(async () => {
  await language.stop()
  await rm(folder, { recursive: true, force: true })
})

async function open(answersMax = 1): Promise<LanguageProcess> {
  const opened = await openLanguage({ modelPath, contextTokens: 256, threads: 1, answersMax, template: 'file' }, signal)
  if (!opened.ok) throw new Error(opened.message)
  return opened.process
}

test('the same prompt has the same greedy answer, and all tokens are counted', async () => {
  const parts: string[] = []
  const [first, second] = [
    await language.generate({ ...wish, messages: ask('pump') }, (text) => parts.push(text), signal),
    await language.generate({ ...wish, messages: ask('pump') }, silent, signal),
  ]
  // A quick model tells several tokens at once, and no text is lost or told twice.
  expect(parts.join('')).toBe(first.ok && first.text)
  expect(parts.length).toBeLessThanOrEqual(32)
  expect(first).toMatchObject({ ok: true, finish: 'length', answerTokens: 32, promptTokens: 7 })
  expect(second).toMatchObject({ text: first.ok && first.text })
})

test('answers bound by a schema are valid', async () => {
  const schema = AnswerSchema.parse({
    type: 'object',
    properties: {
      severity: { enum: ['low', 'h"i\\gh'] },
      pump: { type: 'integer' },
      note: { type: 'string', maxLength: 8 },
      parts: { type: 'array', items: { type: 'boolean' }, maxItems: 2 },
    },
  })
  for (let seed = 1; seed <= 3; seed++) {
    const asked = { ...wish, maxTokens: 200, temperature: 1.5, seed, schema, messages: ask(`report ${seed}`) }
    const answer = await language.generate(asked, silent, signal)
    if (!answer.ok) throw new Error(answer.message)
    const report = JSON.parse(answer.text)
    expect(['low', 'h"i\\gh']).toContain(report.severity)
    expect(report.note.length).toBeLessThanOrEqual(16)
  }
})

test('answers at a time are those of answers one after another, and one more has no place', async () => {
  const several = await open(2)
  try {
    const prompts = ['pump', 'a valve']
    const alone: unknown[] = []
    for (const text of prompts) alone.push(await language.generate({ ...wish, messages: ask(text) }, silent, signal))
    const order: string[] = []
    const answerOf = (text: string) =>
      several.generate({ ...wish, messages: ask(text) }, () => order.push(text), signal)
    const together = await Promise.all([...prompts, 'third'].map(answerOf))
    const texts = (answers: readonly unknown[]) => answers.map((answer) => (answer as { text?: string }).text)
    expect(texts(together)).toEqual([...texts(alone), undefined])
    expect(together[2]).toMatchObject({ ok: false, code: 'model_unready' })
    // The second begins before the first has ended.
    expect(order.indexOf('a valve')).toBeLessThan(order.lastIndexOf('pump'))
  } finally {
    await several.stop()
  }
})

test('a caller that leaves ends the answer', async () => {
  const leaving = new AbortController()
  const answer = await language.generate(
    { ...wish, maxTokens: 200, messages: ask('x') },
    () => leaving.abort(),
    leaving.signal,
  )
  expect(answer).toMatchObject({ ok: true, finish: 'cancelled' })
})

test('a caller that leaves at once ends the answer too', async () => {
  const leaving = new AbortController()
  const schema = AnswerSchema.parse({ type: 'string', maxLength: 900 })
  const wished = { ...wish, maxTokens: 200, schema, messages: ask('x') }
  const answered = language.generate(wished, silent, leaving.signal)
  leaving.abort()
  expect(await answered).not.toMatchObject({ finish: 'length' })
  const embedded = language.embed(
    Array.from({ length: 64 }, () => 'pump'),
    AbortSignal.abort(),
  )
  expect(await embedded).toMatchObject({ ok: false })
})

test('a prompt that fills the context is rejected', async () => {
  const answer = await language.generate({ ...wish, messages: ask('pump '.repeat(100)) }, silent, signal)
  expect(answer).toMatchObject({ ok: false, code: 'prompt_too_long' })
})

test('the end of the process settles the pending answer, and later ones', async () => {
  const dying = await open()
  const killed = () => process.kill(dying.pid ?? 0, 'SIGKILL')
  const answer = await dying.generate({ ...wish, maxTokens: 200, messages: ask('x') }, killed, signal)
  expect(answer).toMatchObject({ ok: false, code: 'model_failed' })
  expect(await dying.generate({ ...wish, messages: ask('x') }, silent, signal)).toMatchObject({ code: 'model_unready' })
})

test('a file that is no model is reported with the reason', async () => {
  const broken = join(folder, 'broken')
  await writeFile(broken, makeTestGguf().subarray(0, 9_000))
  const opened = await openLanguage(
    { modelPath: broken, contextTokens: 64, threads: 1, answersMax: 1, template: 'file' },
    signal,
  )
  expect(opened).toMatchObject({ ok: false })
})
