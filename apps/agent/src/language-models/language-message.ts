/** The messages between the runner and the process of one language model. Both have the same version. */
import type { AnswerSchema } from '@skerry/contract/language-models/answer-schema'

export type ChatMessage = { role: 'system' | 'user' | 'assistant'; text: string }

/** The task that the process gets at its start. */
export type LanguageTask = {
  modelPath: string
  contextTokens: number
  threads: number
  /** Answers at a time. Each has a context of its own. */
  answersMax: number
  template: 'file' | 'plain'
  /** The adapter of the version. */
  lora?: { path: string; scale: number }
}

export type Generation = {
  messages: readonly ChatMessage[]
  maxTokens: number
  /** 0: greedy. The same weights then give the same text. */
  temperature: number
  topP: number
  seed: number | undefined
  stop: readonly string[]
  schema: AnswerSchema | undefined
  /** The caches of the conversations before must not change the answer. */
  isFresh: boolean
  /** The caller reads the answer only as a whole. A message for each token would be half of the runner's work. */
  isWhole?: boolean
}

export type Usage = { promptTokens: number; answerTokens: number }

/** `stop`: the model ended its answer, or a stop text came. `length`: the limit of tokens. `cancelled`: the caller left. */
export type Finish = 'stop' | 'length' | 'cancelled'

export type Generated = Usage & {
  finish: Finish
  text: string
  /** Measured in the process, without the queue. */
  firstTokenMs: number
  totalMs: number
}

export type LanguageFailure = {
  ok: false
  code: 'prompt_too_long' | 'schema_refused' | 'embeddings_refused' | 'model_failed' | 'model_unready'
  message: string
}

export type ToLanguage =
  | { kind: 'generate'; id: number; generation: Generation }
  | { kind: 'embed'; id: number; texts: readonly string[] }
  | { kind: 'cancel'; id: number }

export type FromLanguage =
  | { kind: 'ready' }
  /** The file cannot be loaded, and the process ends. */
  | { kind: 'refused'; message: string }
  | { kind: 'text'; id: number; text: string }
  | { kind: 'generated'; id: number; generated: Generated }
  | { kind: 'embedded'; id: number; vectors: readonly (readonly number[])[]; promptTokens: number }
  | { kind: 'failed'; id: number; failure: LanguageFailure }
