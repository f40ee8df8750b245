/**
 * Local language: a language model on disk, with its settings and golden prompts. A file that the hub would reject is
 * rejected before the upload begins.
 */
import { basename } from 'node:path'
import type { GoldenInputs } from '@skerry/contract/devices/golden'
import { ADAPTER_PATH, GGUF_PATH } from '@skerry/contract/kinds/gguf'
import { LANGUAGE_SETTINGS_PATH, LanguageSettings } from '@skerry/contract/language-models/language-model'
import { PromptsFile } from '@skerry/contract/language-models/prompts-file'
import { readGgufAdapter } from '@skerry/core/language-models/gguf-adapter'
import { type GgufRead, headerReading } from '@skerry/core/language-models/gguf-file'
import { readGgufHeader } from '@skerry/core/language-models/gguf-header'
import { goldenOfPrompts } from '@skerry/core/language-models/golden-prompt'
import { languageFit } from '@skerry/core/language-models/language-fit'
import { parseJson } from '@skerry/core/values/parse-json'
import { readFirstBytes } from '@skerry/platform/files/first-bytes'
import { fail, wrongUsage } from '../../../program/failure.ts'
import { readBytes, readText, unreadable } from '../../../program/input-file.ts'
import type { GoldenSource } from './golden-file.ts'
import type { FoundFile } from './model-files.ts'

/** The files to push. */
export async function readLocalLanguage(path: string, settingsPath: string | undefined): Promise<FoundFile[]> {
  const { sizeBytes, value: facts } = await readHeader(path, readGgufHeader)
  const settings = settingsPath === undefined ? LanguageSettings.parse({}) : await readSettings(settingsPath)
  const fit = languageFit(facts, settings, Number.POSITIVE_INFINITY)
  if (!fit.ok) throw fail('gguf_invalid', fit.message)
  const model = { path: GGUF_PATH, localPath: path, sizeBytes }
  if (settingsPath === undefined) return [model]
  const bytes = await readBytes(settingsPath)
  return [model, { path: LANGUAGE_SETTINGS_PATH, localPath: settingsPath, sizeBytes: bytes.length }]
}

/**
 * The files of an adapter to push: the adapter, and settings that name it. Without own settings they are those of the
 * version that it changes. The hub compares the shapes of both.
 */
export async function readLocalAdapter(
  path: string,
  settingsPath: string | undefined,
  ofBase: LanguageSettings,
): Promise<FoundFile[]> {
  const { sizeBytes } = await readHeader(path, readGgufAdapter)
  const given = settingsPath === undefined ? undefined : await readSettings(settingsPath)
  const settings: LanguageSettings = { ...(given ?? ofBase), adapter: given?.adapter ?? { scale: 1 } }
  const content = Buffer.from(`${JSON.stringify(settings, null, 2)}\n`)
  const named = settingsPath ?? `settings for ${basename(path)}`
  return [
    { path: ADAPTER_PATH, localPath: path, sizeBytes },
    { path: LANGUAGE_SETTINGS_PATH, localPath: named, sizeBytes: content.length, content },
  ]
}

async function readHeader<Value>(path: string, read: (bytes: Uint8Array, fileBytes: number) => GgufRead<Value>) {
  let sizeBytes = 0
  const reading = headerReading((bytes, fileBytes) => {
    sizeBytes = fileBytes
    return read(bytes, fileBytes)
  })
  const header = await readFirstBytes(path, reading).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
  if (!header.ok) throw fail('gguf_invalid', `${path}: ${header.message}`)
  return { sizeBytes, value: header.value }
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
