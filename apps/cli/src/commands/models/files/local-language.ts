/**
 * Local language: a language model on disk, with its settings and golden prompts. A file that the hub would reject is
 * rejected before the upload begins.
 */
import { open } from 'node:fs/promises'
import type { GoldenInputs } from '@skerry/contract/devices/golden'
import { GGUF_PATH } from '@skerry/contract/kinds/gguf'
import { LANGUAGE_SETTINGS_PATH, LanguageSettings } from '@skerry/contract/language-models/language-model'
import { PromptsFile } from '@skerry/contract/language-models/prompts-file'
import { HEADER_BYTES_MAX, readGgufHeader } from '@skerry/core/language-models/gguf-header'
import { goldenOfPrompts } from '@skerry/core/language-models/golden-prompt'
import { languageFit } from '@skerry/core/language-models/language-fit'
import { fail, wrongUsage } from '../../../program/failure.ts'
import { readBytes, readText, unreadable } from '../../../program/input-file.ts'
import type { GoldenSource } from './golden-file.ts'
import type { FoundFile } from './model-files.ts'

/** The files to push. */
export async function readLocalLanguage(path: string, settingsPath: string | undefined): Promise<FoundFile[]> {
  const { sizeBytes, facts } = await readFacts(path)
  const settings = settingsPath === undefined ? LanguageSettings.parse({}) : await readSettings(settingsPath)
  const fit = languageFit(facts, settings, Number.POSITIVE_INFINITY)
  if (!fit.ok) throw fail('gguf_invalid', fit.message)
  const model = { path: GGUF_PATH, localPath: path, sizeBytes }
  if (settingsPath === undefined) return [model]
  const bytes = await readBytes(settingsPath)
  return [model, { path: LANGUAGE_SETTINGS_PATH, localPath: settingsPath, sizeBytes: bytes.length }]
}

async function readFacts(path: string) {
  await using file = await open(path).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
  const { size } = await file.stat()
  const bytes = Buffer.alloc(Math.min(size, HEADER_BYTES_MAX))
  await file.read(bytes, 0, bytes.length, 0)
  const read = readGgufHeader(bytes, size)
  if (!read.ok) throw fail('gguf_invalid', `${path}: ${read.message}`)
  return { sizeBytes: size, facts: read.value }
}

async function readSettings(path: string): Promise<LanguageSettings> {
  const parsed = LanguageSettings.safeParse(parseJson(await readText(path)))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw fail('gguf_invalid', `${path}, ${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
}

/** The golden prompts of a file, in the form of golden cases. */
export async function readPrompts(sources: readonly GoldenSource[]): Promise<GoldenInputs> {
  const [source] = sources
  if (!source || sources.length > 1 || 'tensor' in source) {
    throw wrongUsage('--golden takes one JSON file of prompts for a language model')
  }
  const parsed = PromptsFile.safeParse(parseJson(await readText(source.file)))
  if (parsed.success) {
    return goldenOfPrompts(
      parsed.data.map(({ prompt, answer, maxTokens }) => ({ prompt, answer, answerTokens: maxTokens })),
    )
  }
  const [issue] = parsed.error.issues
  throw fail('file_invalid', `${source.file}, ${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
