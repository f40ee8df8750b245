import { makeTestGguf } from '@skerry/testkit/language-models/test-gguf'
import { expect, test } from 'vitest'
import { planLanguage } from './plan-language.ts'
import { readLanguage } from './read-language.ts'

const local = (path: string, content: string | Uint8Array<ArrayBuffer>) => {
  const file = new File([content], path.split('/').at(-1) ?? path)
  return { path, sizeBytes: file.size, file }
}
const json = (path: string, value: unknown) => local(path, JSON.stringify(value))

const model = local('assistant.gguf', makeTestGguf())
const settings = json('language.json', { contextTokens: 256 })

test('a model with settings and prompts has its facts and golden cases', async () => {
  const prompts = json('prompts.json', [{ prompt: 'pump', answer: 'fault' }])
  const notes = local('readme.md', 'x')
  const reading = await readLanguage([notes, prompts, settings, model], model)
  expect(reading).toMatchObject({
    settings: { path: 'language.json' },
    prompts: { path: 'prompts.json' },
    unused: [{ path: 'readme.md' }],
    found: { facts: { architecture: 'llama' }, memory: { total: expect.any(Number) } },
  })
  expect(reading.golden?.cases).toHaveLength(1)
  expect(reading.refusal).toBeUndefined()
})

test.each([
  ['a header that is no GGUF', [local('m.gguf', new Uint8Array(4_096))], 'gguf_invalid'],
  // The default context is longer than that of the model.
  ['settings that do not fit', [model], 'gguf_invalid'],
  ['settings that are no JSON', [model, local('language.json', '{')], 'gguf_invalid'],
  ['prompts without an answer', [model, settings, json('golden.json', [{ prompt: 'pump' }])], 'golden_invalid'],
])('%s would be rejected', async (_, files, code) => {
  const [first] = files
  if (!first) throw new Error('no file')
  expect(await readLanguage(files, first)).toMatchObject({ refusal: { code, message: expect.any(String) } })
})

test('a JSON file without the usual name has the settings, and prompts are told by their name', () => {
  const paths = (names: string[]) => names.map((path) => ({ path, sizeBytes: 1 }))
  const files = paths(['a.gguf', 'mine.json', 'x/golden-answers.json'])
  const [first] = files
  if (!first) throw new Error('no file')
  expect(planLanguage(files, first)).toMatchObject({
    settings: { path: 'mine.json' },
    prompts: { path: 'x/golden-answers.json' },
    unused: [],
  })
})
