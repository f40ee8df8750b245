/** Language fit: the memory of a language model on a device, estimated from its header. */
import type { LanguageFacts, LanguageMemory, LanguageSettings } from '@skerry/contract/language-models/language-model'

/** [llama.cpp] The cache of keys and values has 16-bit numbers. */
const CACHE_BYTES = 2

/** [llama.cpp, n_ubatch] The most tokens of one pass over a prompt. */
const BATCH_TOKENS = 512

/** Measured: Node with the runtime and no model. */
const PROCESS_BYTES = 100 * 1024 ** 2

/** Each answer at a time has a context of its own. `adapterBytes`: the weights of the adapter, if there is one. */
type Contexts = Pick<LanguageSettings, 'contextTokens'> & { answersMax?: number; adapterBytes?: number }

/** Weights, cache, and the numbers of one pass. Embeddings add a second context when somebody first requests them. */
export function languageMemory(
  facts: Omit<LanguageFacts, 'hasChatTemplate'>,
  { contextTokens, answersMax = 1, adapterBytes = 0 }: Contexts,
): LanguageMemory {
  const weights = facts.weightsBytes + adapterBytes
  const { blockCount, headCountKv, keyLength, valueLength, embeddingLength } = facts
  const context = answersMax * contextTokens * blockCount * headCountKv * (keyLength + valueLength) * CACHE_BYTES
  const batch = Math.min(BATCH_TOKENS, contextTokens)
  const working = PROCESS_BYTES + 4 * batch * (facts.vocabularySize + 4 * embeddingLength)
  return { weights, context, working, total: weights + context + working }
}

export type LanguageFit =
  | { ok: true }
  | { ok: false; code: 'memory_insufficient' | 'context_too_long'; message: string }

const isOne = ({ answersMax = 1 }: Contexts) => answersMax === 1
const answersText = (contexts: Contexts) => (isOne(contexts) ? '' : `${contexts.answersMax} answers at a time of `)

const mebibytes = (bytes: number) => `${Math.ceil(bytes / 1024 ** 2).toLocaleString('en')} MiB`

/** Whether the settings fit the model, and whether it fits into the memory. */
export function languageFit(facts: LanguageFacts, settings: Contexts, availableBytes: number): LanguageFit {
  if (settings.contextTokens > facts.contextLength) {
    const message = `contextTokens is ${settings.contextTokens}, and the model has a context of ${facts.contextLength} tokens; lower contextTokens in language.json`
    return { ok: false, code: 'context_too_long', message }
  }
  const { weights, context, total } = languageMemory(facts, settings)
  if (total <= availableBytes) return { ok: true }
  const message = `the model needs ${mebibytes(total)} of memory (${mebibytes(weights)} weights, ${mebibytes(context)} for ${answersText(settings)}${settings.contextTokens} tokens), and ${mebibytes(availableBytes)} are available; use a smaller model, or lower contextTokens${isOne(settings) ? '' : ' or serving.instances'}`
  return { ok: false, code: 'memory_insufficient', message }
}
