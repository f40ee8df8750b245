/**
 * Inspects pushed language models: the hub reads the header and the settings. It runs no model, so the expected answers of
 * golden prompts come with the push.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import { ADAPTER_PATH, GGUF_PATH } from '@skerry/contract/kinds/gguf'
import {
  type AdapterFacts,
  LANGUAGE_SETTINGS_PATH,
  LanguageSettings,
} from '@skerry/contract/language-models/language-model'
import { adapterProblem, readAdapterBase, readGgufAdapter } from '@skerry/core/language-models/gguf-adapter'
import { type GgufRead, headerReading } from '@skerry/core/language-models/gguf-file'
import { readGgufHeader } from '@skerry/core/language-models/gguf-header'
import { languageFit, languageMemory } from '@skerry/core/language-models/language-fit'
import { parseJson } from '@skerry/core/values/parse-json'
import { readFirstBytes } from '@skerry/platform/files/first-bytes'
import { problem } from '../../../http/problem.ts'
import type { Inspector } from '../inspector.ts'
import { promptGolden } from '../prompt-golden.ts'

const PATHS: ReadonlySet<string> = new Set([GGUF_PATH, ADAPTER_PATH, LANGUAGE_SETTINGS_PATH])

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
      throw problem('input_invalid', `a language model has no ${other.path}; its files are ${[...PATHS].join(', ')}`)
    }
  },
  async inspect({ staged, files, request }) {
    const at = (path: string) => join(staged.folder, path)
    const sizeOf = (wanted: string) => files.find(({ path }) => path === wanted)?.sizeBytes
    const facts = await readHeader(at(GGUF_PATH), readGgufHeader)
    const settings = await readSettings(at(LANGUAGE_SETTINGS_PATH), sizeOf(LANGUAGE_SETTINGS_PATH))
    const hasAdapter = sizeOf(ADAPTER_PATH) !== undefined
    checkAdapterSetting(settings, hasAdapter)
    const adapter = hasAdapter ? await readAdapter(at(ADAPTER_PATH), at(GGUF_PATH)) : undefined
    const needs = { ...settings, adapterBytes: adapter?.weightsBytes ?? 0 }
    const fit = languageFit(facts, needs, Number.POSITIVE_INFINITY)
    if (!fit.ok) throw problem('gguf_invalid', fit.message)
    const golden = promptGolden(request)
    const summary = { facts, settings, memory: languageMemory(facts, needs), ...(adapter && { adapter }) }
    return { summary, golden, goldenCases: golden?.cases.length ?? 0 }
  },
  detail: (common, language) => ({ ...common, kind: 'gguf', language }),
  opset: () => 0,
  memoryBytes: ({ memory }) => memory.total,
}

async function readHeader<Value>(
  path: string,
  read: (bytes: Uint8Array, fileBytes: number) => GgufRead<Value>,
): Promise<Value> {
  const header = await readFirstBytes(path, headerReading(read))
  if (!header.ok) throw problem('gguf_invalid', header.message)
  return header.value
}

/** An agent that knows no adapters must not load the model without one, so the settings name it. */
function checkAdapterSetting({ adapter }: LanguageSettings, hasAdapter: boolean): void {
  if ((adapter !== undefined) === hasAdapter) return
  const lack = hasAdapter ? `${LANGUAGE_SETTINGS_PATH} needs "adapter": {} beside` : `"adapter" needs the file`
  throw problem('gguf_invalid', `${lack} ${ADAPTER_PATH}`)
}

async function readAdapter(path: string, modelPath: string): Promise<AdapterFacts> {
  const adapter = await readHeader(path, readGgufAdapter)
  const trouble = adapterProblem(adapter, await readHeader(modelPath, readAdapterBase))
  if (trouble !== undefined) throw problem('gguf_invalid', trouble)
  return adapter.facts
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
