/**
 * Read language: a dropped GGUF file with its settings and golden prompts. A file that the hub would reject is rejected
 * before the upload, by the header alone: the weights may be larger than the memory of the browser.
 */
import type { GoldenInputs } from '@skerry/contract/devices/golden'
import {
  type LanguageFacts,
  type LanguageMemory,
  LanguageSettings,
} from '@skerry/contract/language-models/language-model'
import { PromptsFile } from '@skerry/contract/language-models/prompts-file'
import { HEADER_BYTES_MAX } from '@skerry/core/language-models/gguf-file'
import { readGgufHeader } from '@skerry/core/language-models/gguf-header'
import { goldenOfPrompts } from '@skerry/core/language-models/golden-prompt'
import { languageFit, languageMemory } from '@skerry/core/language-models/language-fit'
import { parseJson } from '@skerry/core/values/parse-json'
import type * as z from 'zod'
import type { LocalFile } from '../file-plan.ts'
import { planLanguage } from './plan-language.ts'

export type LanguageReading = {
  kind: 'language'
  model: LocalFile
  settings?: LocalFile
  prompts?: LocalFile
  unused: LocalFile[]
  /** Absent if the model is rejected. */
  found?: { facts: LanguageFacts; memory: LanguageMemory }
  golden?: GoldenInputs
  /** The error that the hub would answer with. */
  refusal?: { code: string; message: string }
}

/** Reads the header and the documents. */
export async function readLanguage(files: readonly LocalFile[], model: LocalFile): Promise<LanguageReading> {
  const plan = planLanguage(files, model)
  const reading = { kind: 'language' as const, model, ...plan }
  const refuse = (code: string, message: string) => ({ ...reading, refusal: { code, message } })
  const header = await readHeader(model)
  if (!header.ok) return refuse('gguf_invalid', header.message)
  const settings = await readDocument(plan.settings, LanguageSettings, {})
  if (!settings.ok) return refuse('gguf_invalid', settings.message)
  const fit = languageFit(header.value, settings.value, Number.POSITIVE_INFINITY)
  if (!fit.ok) return refuse('gguf_invalid', fit.message)
  const found = { facts: header.value, memory: languageMemory(header.value, settings.value) }
  if (!plan.prompts) return { ...reading, found }
  const prompts = await readDocument(plan.prompts, PromptsFile, [])
  if (!prompts.ok) return refuse('golden_invalid', prompts.message)
  const golden = goldenOfPrompts(prompts.value.map(({ maxTokens, ...one }) => ({ ...one, answerTokens: maxTokens })))
  return { ...reading, found, golden: { cases: golden.cases } }
}

/** Most headers have some megabytes. */
const FIRST_READ_BYTES = 2 * 1024 * 1024

async function readHeader({ file, sizeBytes }: LocalFile) {
  for (let wanted = FIRST_READ_BYTES; ; wanted *= 4) {
    const end = Math.min(wanted, sizeBytes, HEADER_BYTES_MAX)
    const read = readGgufHeader(new Uint8Array(await file.slice(0, end).arrayBuffer()), sizeBytes)
    if (read.ok || read.code === 'gguf_invalid' || wanted >= HEADER_BYTES_MAX) return read
  }
}

/** A document of this size is no settings file and no list of prompts. */
const DOCUMENT_BYTES_MAX = 1024 * 1024

type Document<Value> = { ok: true; value: Value } | { ok: false; message: string }

async function readDocument<Value>(
  file: LocalFile | undefined,
  schema: z.ZodType<Value>,
  absent: unknown,
): Promise<Document<Value>> {
  if (file && file.sizeBytes > DOCUMENT_BYTES_MAX) return { ok: false, message: `${file.path} is over 1 MiB` }
  const parsed = schema.safeParse(file ? parseJson(await file.file.text()) : absent)
  if (parsed.success) return { ok: true, value: parsed.data }
  const [issue] = parsed.error.issues
  return { ok: false, message: `${file?.path ?? ''}, ${issue?.path.join('.') || 'the file'}: ${issue?.message}` }
}
