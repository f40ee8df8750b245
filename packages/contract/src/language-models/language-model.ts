/** Language models: the facts of a GGUF file, the settings that are pushed with it, and golden prompts. Experimental. */
import * as z from 'zod'
import { AnswerSchema } from './answer-schema.ts'

/** The settings of the version. Absent: all defaults. */
export const LANGUAGE_SETTINGS_PATH = 'language.json'

/** A device keeps memory for each token of the context; the longest contexts of small models are 128 Ki tokens. */
export const CONTEXT_TOKENS_MAX = 131_072
const CONTEXT_TOKENS = 2_048

/** An answer that is longer belongs in several requests. */
export const ANSWER_TOKENS_MAX = 8_192

/** Two pages of instructions. */
export const SYSTEM_CHARACTERS_MAX = 8_000

/** Adapters are used at 1; a stronger one mostly breaks the answers. */
const ADAPTER_SCALE_MAX = 4

export const LanguageSettings = z.strictObject({
  /** Tokens of prompt and answer together. */
  contextTokens: z.int().min(64).max(CONTEXT_TOKENS_MAX).default(CONTEXT_TOKENS),
  /** The default for a request without `max_tokens`. */
  answerTokens: z.int().min(1).max(ANSWER_TOKENS_MAX).default(256),
  /** Instructions before each conversation that has none. */
  system: z.string().min(1).max(SYSTEM_CHARACTERS_MAX).optional(),
  /** `file`: the template in the GGUF file. `plain`: the texts of the messages alone, for models that complete text. */
  template: z.enum(['file', 'plain']).default('file'),
  /** Answers to requests without a schema of their own have this form. */
  schema: AnswerSchema.optional(),
  /** Required beside an adapter: an agent that knows no adapters then rejects the settings, and serves no other answers. */
  adapter: z.strictObject({ scale: z.number().min(-ADAPTER_SCALE_MAX).max(ADAPTER_SCALE_MAX).default(1) }).optional(),
})
export type LanguageSettings = z.infer<typeof LanguageSettings>

/** The facts of a GGUF file, from its header. */
export type LanguageFacts = {
  architecture: string
  /** Absent if the file does not state it. */
  name?: string
  license?: string
  parameterCount: number
  /** The most frequent type of the weights, by bytes, such as `Q4_K`. */
  quantisation: string
  tensorCount: number
  blockCount: number
  embeddingLength: number
  /** The longest context that the model was trained for. */
  contextLength: number
  headCount: number
  headCountKv: number
  /** Elements of one key and one value of a head. */
  keyLength: number
  valueLength: number
  vocabularySize: number
  tokenizer: string
  hasChatTemplate: boolean
  weightsBytes: number
}

/** The facts of a LoRA adapter, from its header. */
export type AdapterFacts = {
  /** Absent if the file does not state it. */
  name?: string
  license?: string
  /** The largest rank of its pairs of matrices. */
  rank: number
  /** [Hu et al. 2021, section 4.1] The change of a weight is alpha / rank times the product of the two matrices. */
  alpha: number
  /** The number of changed weight matrices. */
  pairCount: number
  parameterCount: number
  weightsBytes: number
}

/** The content of a version: facts, settings, and the memory that one copy of it takes on a device. */
export type LanguageModel = {
  facts: LanguageFacts
  settings: LanguageSettings
  memory: LanguageMemory
  /** Absent without an adapter. */
  adapter?: AdapterFacts
}

/** In bytes, estimated from the header. */
export type LanguageMemory = { weights: number; context: number; working: number; total: number }
