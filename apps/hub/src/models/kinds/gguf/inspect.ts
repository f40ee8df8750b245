/**
 * Inspects pushed language models: the hub reads the header and the settings. It runs no model, so the expected answers of
 * golden prompts come with the push.
 */
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GOLDEN_PATH, Golden } from '@skerry/contract/devices/golden'
import { GGUF_PATH } from '@skerry/contract/kinds/gguf'
import {
  LANGUAGE_SETTINGS_PATH,
  type LanguageFacts,
  LanguageSettings,
} from '@skerry/contract/language-models/language-model'
import type { PushRequest } from '@skerry/contract/models/model'
import { HEADER_BYTES_MAX, readGgufHeader } from '@skerry/core/language-models/gguf-header'
import { goldenOfPrompts, promptsOf } from '@skerry/core/language-models/golden-prompt'
import { languageFit, languageMemory } from '@skerry/core/language-models/language-fit'
import { problem } from '../../../http/problem.ts'
import type { Inspector } from '../inspector.ts'

const PATHS: ReadonlySet<string> = new Set([GGUF_PATH, LANGUAGE_SETTINGS_PATH])

/** The settings have one schema and one text of instructions. */
const SETTINGS_BYTES_MAX = 256 * 1024

export const ggufInspector: Inspector<'gguf'> = {
  plural: 'language models',
  // The hub has no runtime for them.
  goldenSource: 'pushed',
  checkPaths({ files }) {
    const golden = files.some(({ path }) => path === GOLDEN_PATH)
    if (golden) throw problem('input_invalid', `only the hub writes ${GOLDEN_PATH}; send golden prompts`)
    const other = files.find(({ path }) => !PATHS.has(path))
    if (other) {
      throw problem('input_invalid', `a language model has no ${other.path}; its files are ${[...PATHS].join(' and ')}`)
    }
  },
  async inspect({ staged, files, request }) {
    const facts = await readFacts(join(staged.folder, GGUF_PATH))
    const sizeBytes = files.find(({ path }) => path === LANGUAGE_SETTINGS_PATH)?.sizeBytes
    const settings = await readSettings(join(staged.folder, LANGUAGE_SETTINGS_PATH), sizeBytes)
    const fit = languageFit(facts, settings, Number.POSITIVE_INFINITY)
    if (!fit.ok) throw problem('gguf_invalid', fit.message)
    const golden = goldenIn(request)
    const summary = { facts, settings, memory: languageMemory(facts, settings) }
    return { summary, golden, goldenCases: golden?.cases.length ?? 0 }
  },
  detail: (common, language) => ({ ...common, kind: 'gguf', language }),
  opset: () => 0,
  memoryBytes: ({ memory }) => memory.total,
}

/** Most headers have some megabytes. */
const FIRST_READ_BYTES = 2 * 1024 * 1024

async function readFacts(path: string): Promise<LanguageFacts> {
  await using file = await open(path)
  const { size } = await file.stat()
  for (let wanted = FIRST_READ_BYTES; ; wanted *= 4) {
    const bytes = Buffer.alloc(Math.min(wanted, size, HEADER_BYTES_MAX))
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
    const read = readGgufHeader(bytes.subarray(0, bytesRead), size)
    if (read.ok) return read.value
    if (read.code === 'gguf_invalid' || wanted >= HEADER_BYTES_MAX) throw problem('gguf_invalid', read.message)
  }
}

async function readSettings(path: string, sizeBytes: number | undefined): Promise<LanguageSettings> {
  if (sizeBytes === undefined) return LanguageSettings.parse({})
  if (sizeBytes > SETTINGS_BYTES_MAX) throw problem('gguf_invalid', `${LANGUAGE_SETTINGS_PATH} is over 256 KiB`)
  const parsed = LanguageSettings.safeParse(parseJson(await readFile(path, 'utf8')))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const place = issue?.path.join('.') || 'the file'
  throw problem('gguf_invalid', `${LANGUAGE_SETTINGS_PATH}, ${place}: ${issue?.message}`)
}

function goldenIn({ golden }: PushRequest): Golden | undefined {
  if (!golden) return undefined
  const read = promptsOf(golden)
  if (!read.ok) throw problem('golden_invalid', read.message)
  return Golden.parse(goldenOfPrompts(read.prompts))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
