/** Prompt form: the entries of the playground, and the question that they make. */
import type { AskQuestion } from '@skerry/contract/language-models/asking'
import { languageTexts } from './english-language.ts'

export type PromptEntries = { prompt: string; system: string; schema: string; maxTokens: string; temperature: string }

export type PromptErrors = Partial<Record<keyof PromptEntries, string>>

/** The longest answer that the hub accepts. */
const TOKENS_MAX = 8_192

const words = languageTexts.prompt

/** The question, or the errors of the entries. */
export function readPrompt(entries: PromptEntries): { question: AskQuestion | undefined; errors: PromptErrors } {
  const schema = readSchema(entries.schema)
  const maxTokens = Number(entries.maxTokens)
  const temperature = Number(entries.temperature)
  const errors: PromptErrors = {
    ...(!schema.ok && { schema: words.schemaWrong }),
    ...(!(Number.isInteger(maxTokens) && maxTokens >= 1 && maxTokens <= TOKENS_MAX) && {
      maxTokens: words.wrongNumber,
    }),
    ...(!(entries.temperature.trim() !== '' && temperature >= 0 && temperature <= 2) && {
      temperature: words.wrongNumber,
    }),
  }
  if (Object.keys(errors).length > 0 || !schema.ok || entries.prompt.trim() === '') {
    return { question: undefined, errors }
  }
  const system = entries.system.trim()
  const messages = [
    ...(system === '' ? [] : [{ role: 'system' as const, text: system }]),
    { role: 'user' as const, text: entries.prompt },
  ]
  // The hub checks the schema, and its answer names the wrong part.
  const bound = schema.value as AskQuestion['schema']
  return { question: { messages, maxTokens, temperature, ...(bound && { schema: bound }) }, errors }
}

function readSchema(text: string): { ok: true; value: unknown } | { ok: false } {
  if (text.trim() === '') return { ok: true, value: undefined }
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    return { ok: false }
  }
}

/** Whether the whole answer is JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
