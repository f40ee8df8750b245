/**
 * Language child: the process of one language model. A crash in native code ends this process only, and its end returns
 * all memory. The runtime never downloads, never builds, and prints nothing.
 */

import type { AnswerSchema } from '@skerry/contract/language-models/answer-schema'
import { answerGrammar } from '@skerry/core/language-models/answer-grammar'
import { guardOrphan } from '@skerry/platform/process/orphan-guard'
import {
  type ChatHistoryItem,
  type ChatWrapper,
  EmptyChatWrapper,
  getLlama,
  type Llama,
  LlamaCompletion,
  type LlamaCompletionResponse,
  type LlamaContextSequence,
  type LlamaEmbeddingContext,
  type LlamaGrammar,
  LlamaLogLevel,
  type LlamaModel,
  resolveChatWrapper,
  type Token,
} from 'node-llama-cpp'
import type {
  ChatMessage,
  Finish,
  FromLanguage,
  Generated,
  Generation,
  LanguageFailure,
  LanguageTask,
  ToLanguage,
} from './language-message.ts'

/** A place for one answer at a time, with a context of its own. */
type Lane = { sequence: LlamaContextSequence; completion: LlamaCompletion; isBusy: boolean }

type Running = {
  task: LanguageTask
  llama: Llama
  model: LlamaModel
  lanes: readonly Lane[]
  wrapper: ChatWrapper
  embedding?: LlamaEmbeddingContext
  cancels: Map<number, AbortController>
}

/** Tokens of the context that the runtime keeps for itself. */
const SPARE_TOKENS = 2

async function open(task: LanguageTask): Promise<Running> {
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    usePrebuiltBinaries: true,
    skipDownload: true,
    progressLogs: false,
    logLevel: LlamaLogLevel.disabled,
    logger: () => {},
    maxThreads: task.threads,
  })
  const model = await llama.loadModel({ modelPath: task.modelPath, gpuLayers: 0, checkTensors: true })
  const { lora } = task
  const context = await model.createContext({
    ...(lora && { lora: { adapters: [{ filePath: lora.path, scale: lora.scale }] } }),
    contextSize: task.contextTokens,
    threads: task.threads,
    sequences: task.answersMax,
    failedCreationRemedy: false,
  })
  const lanes = Array.from({ length: task.answersMax }, () => {
    const sequence = context.getSequence()
    return { sequence, completion: new LlamaCompletion({ contextSequence: sequence }), isBusy: false }
  })
  const hasTemplate = typeof model.fileInfo.metadata.tokenizer?.chat_template === 'string'
  const wrapper = task.template === 'file' && hasTemplate ? resolveChatWrapper(model) : new EmptyChatWrapper()
  return { task, llama, model, lanes, wrapper, cancels: new Map() }
}

/** The free lane that already holds most of the prompt. The queue of the slot admits only as many answers as there are lanes. */
function freeLane({ lanes }: Running, tokens: readonly Token[]): Lane | undefined {
  const held = ({ sequence: { contextTokens } }: Lane) => {
    // The context begins with a token that the completion adds.
    const at = tokens.findIndex((token, index) => contextTokens[index + 1] !== token)
    return at < 0 ? tokens.length : at
  }
  const free = lanes.filter(({ isBusy }) => !isBusy)
  return free.length < 2 ? free[0] : free.reduce((best, lane) => (held(lane) > held(best) ? lane : best))
}

function tell(message: FromLanguage): void {
  if (process.connected) process.send?.(message, () => {})
}

const failed = (code: LanguageFailure['code'], message: string): LanguageFailure => ({
  ok: false,
  code,
  message: message.slice(0, 500),
})

type Prompt = { tokens: Token[]; stops: readonly (readonly (string | Token)[] | string)[] }

/** The messages as the model was trained to read them. */
function promptOf({ wrapper, model }: Running, messages: readonly ChatMessage[]): Prompt {
  if (wrapper instanceof EmptyChatWrapper) {
    const text = messages.map((message) => message.text).join('\n')
    return { tokens: model.tokenize(text, false), stops: [] }
  }
  const chatHistory: ChatHistoryItem[] = messages.map(historyItem)
  const state = wrapper.generateContextState({ chatHistory: [...chatHistory, { type: 'model', response: [''] }] })
  const tokens = state.contextText.tokenize(model.tokenizer)
  const stops = state.stopGenerationTriggers.map((trigger) => trigger.tokenize(model.tokenizer))
  // The completion puts the beginning of a text before the tokens by itself.
  return { tokens: tokens[0] === model.tokens.bos ? tokens.slice(1) : tokens, stops }
}

function historyItem({ role, text }: ChatMessage): ChatHistoryItem {
  switch (role) {
    case 'system':
      return { type: 'system', text }
    case 'user':
      return { type: 'user', text }
    case 'assistant':
      return { type: 'model', response: [text] }
  }
}

async function grammarOf({ llama }: Running, schema: AnswerSchema | undefined) {
  return schema && (await llama.createGrammar({ grammar: answerGrammar(schema) }))
}

type Asked<Wish> = { id: number; wish: Wish; signal: AbortSignal }

async function generate(it: Running, { id, wish, signal }: Asked<Generation>): Promise<FromLanguage> {
  const began = performance.now()
  const { tokens, stops } = promptOf(it, wish.messages)
  const room = it.task.contextTokens - tokens.length - SPARE_TOKENS
  if (room < 1) {
    const message = `the prompt has ${tokens.length} tokens, and the context has ${it.task.contextTokens} for prompt and answer; send a shorter prompt`
    return { kind: 'failed', id, failure: failed('prompt_too_long', message) }
  }
  const grammar = await grammarOf(it, wish.schema).catch((error: unknown) => String(error))
  if (typeof grammar === 'string') return { kind: 'failed', id, failure: failed('schema_refused', grammar) }
  const lane = freeLane(it, tokens)
  if (!lane) return { kind: 'failed', id, failure: failed('model_unready', 'all places for answers are taken') }
  lane.isBusy = true
  try {
    const limits = { maxTokens: Math.min(wish.maxTokens, room), began, signal }
    const generated = await generateIn(
      lane,
      { ...wish, stop: [...wish.stop, ...stops] },
      { id, tokens, grammar, ...limits },
    )
    return { kind: 'generated', id, generated }
  } finally {
    lane.isBusy = false
  }
}

type Way = {
  id: number
  tokens: Token[]
  grammar: LlamaGrammar | undefined
  maxTokens: number
  began: number
  signal: AbortSignal
}

async function generateIn(
  { sequence, completion }: Lane,
  wish: Omit<Generation, 'stop'> & { stop: Prompt['stops'] },
  { id, tokens, grammar, maxTokens, began, signal }: Way,
): Promise<Generated> {
  if (wish.isFresh) await sequence.clearHistory()
  const meter = sequence.tokenMeter.getState()
  let firstTokenMs = 0
  const texts = wish.isWhole ? undefined : textsOf(id)
  const { response, metadata } = await completion.generateCompletionWithMeta(tokens, {
    maxTokens,
    temperature: wish.temperature,
    topP: wish.topP,
    ...(wish.seed !== undefined && { seed: wish.seed }),
    ...(grammar && { grammar }),
    repeatPenalty: false,
    customStopTriggers: [...wish.stop],
    signal,
    stopOnAbortSignal: true,
    disableContextShift: true,
    contextShiftSize: 1,
    onToken() {
      if (firstTokenMs === 0) firstTokenMs = performance.now() - began
    },
    onTextChunk: texts?.add ?? progressOf(id),
  })
  texts?.flush()
  return {
    finish: FINISH[metadata.stopReason] ?? 'stop',
    text: response,
    promptTokens: tokens.length,
    // The meter also counts a token that the runtime computed ahead.
    answerTokens: Math.min(wish.maxTokens, sequence.tokenMeter.diff(meter).usedOutputTokens),
    firstTokenMs,
    totalMs: performance.now() - began,
  }
}

/** In milliseconds. The runner wakes seldom, no reader sees 50 changes a second, and no useful deadline is shorter. */
const PROGRESS_MS = 20

/**
 * The texts of an answer, as they come, but at most one message for each {@link PROGRESS_MS}: a message costs the
 * processor of runner and caller, which a small model needs itself. The first text and the texts of a slow model wait
 * for nothing.
 */
function textsOf(id: number): { add(text: string): void; flush(): void } {
  let toldMs = Number.NEGATIVE_INFINITY
  let held = ''
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (held === '') return
    toldMs = performance.now()
    tell({ kind: 'text', id, text: held })
    held = ''
  }
  return {
    add(text) {
      held += text
      const waitMs = toldMs + PROGRESS_MS - performance.now()
      if (waitMs <= 0) flush()
      else timer ??= setTimeout(flush, waitMs)
    },
    flush,
  }
}

/** Shows that an answer goes on, without its texts. */
function progressOf(id: number): () => void {
  let toldMs = performance.now()
  return () => {
    if (performance.now() - toldMs < PROGRESS_MS) return
    toldMs = performance.now()
    tell({ kind: 'text', id, text: '' })
  }
}

const FINISH: Readonly<Record<LlamaCompletionResponse['metadata']['stopReason'], Finish>> = {
  eogToken: 'stop',
  stopGenerationTrigger: 'stop',
  customStopTrigger: 'stop',
  maxTokens: 'length',
  abort: 'cancelled',
}

/** [node-llama-cpp 3.21.1] A context of embeddings takes no adapter, and the vectors of another model would mislead. */
const NO_EMBEDDINGS = 'a version with an adapter has no embeddings; request them from a version without one'

async function embed(it: Running, { id, wish: texts, signal }: Asked<readonly string[]>): Promise<FromLanguage> {
  const { contextTokens: contextSize, threads, lora } = it.task
  if (lora) return { kind: 'failed', id, failure: failed('embeddings_refused', NO_EMBEDDINGS) }
  it.embedding ??= await it.model.createEmbeddingContext({ contextSize, threads })
  const vectors: (readonly number[])[] = []
  let promptTokens = 0
  for (const text of texts) {
    signal.throwIfAborted()
    const tokens = it.model.tokenize(text, false)
    if (tokens.length + SPARE_TOKENS > contextSize) {
      const message = `a text has ${tokens.length} tokens, and the context has ${contextSize}; send shorter texts`
      return { kind: 'failed', id, failure: failed('prompt_too_long', message) }
    }
    promptTokens += tokens.length
    vectors.push((await it.embedding.getEmbeddingFor(tokens)).vector)
  }
  return { kind: 'embedded', id, vectors, promptTokens }
}

function obey(it: Running, message: ToLanguage): void {
  if (message.kind === 'cancel') {
    it.cancels.get(message.id)?.abort()
    return
  }
  const { id } = message
  // From the start on: a caller may leave before the first token.
  const cancel = new AbortController()
  it.cancels.set(id, cancel)
  const { signal } = cancel
  const done =
    message.kind === 'generate'
      ? generate(it, { id, wish: message.generation, signal })
      : embed(it, { id, wish: message.texts, signal })
  void done
    .then(tell, (error: unknown) => tell({ kind: 'failed', id, failure: failed('model_failed', String(error)) }))
    .finally(() => it.cancels.delete(id))
}

// Without the runner nobody needs the model. An orderly exit could wait for native code.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// A template of a hostile file may loop for ever, and then no event arrives.
guardOrphan()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
try {
  const running = await open(JSON.parse(process.argv[2] ?? ''))
  process.on('message', (message) => obey(running, message as ToLanguage))
  tell({ kind: 'ready' })
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  process.send?.({ kind: 'refused', message: message.slice(0, 500) } satisfies FromLanguage, () => process.exit(1))
}
