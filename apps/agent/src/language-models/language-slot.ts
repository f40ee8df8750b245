/**
 * Language slot: one loaded version of a language model, with its queue, its counts and its process. If the process ends
 * by itself, the slot starts another one. A slot whose process keeps ending is broken, and control decides about it.
 */
import type { Figures } from '@skerry/contract/devices/item'
import type { LanguageSettings } from '@skerry/contract/language-models/language-model'
import { answerFault } from '@skerry/core/language-models/answer-check'
import { answerProblem, type GoldenPrompt } from '@skerry/core/language-models/golden-prompt'
import { backoffMs } from '@skerry/core/values/backoff'
import type { FailureCode } from '@skerry/inference/host/failure'
import { createStatistics, recordFailure, recordSuccess, type Statistics } from '@skerry/inference/host/statistics'
import type { Clock } from '@skerry/platform/process/clock'
import type { RunnerAnswer } from '../runner/runner-message.ts'
import { type AnswerCounts, type AnswerForm, createAnswerCounts } from './answer-counts.ts'
import { createFairQueue, type FairQueue } from './fair-queue.ts'
import type { ChatMessage, Generated, Generation, LanguageFailure } from './language-message.ts'
import type { Embedded, GenerationResult, LanguageProcess, OpenedLanguage } from './language-process.ts'

export type SlotFailure = {
  ok: false
  code: LanguageFailure['code'] | 'schema_broken' | 'queue_full' | 'request_cancelled' | 'deadline_passed'
  message: string
}

/** `caller`: requests of one caller share a turn in the queue. */
export type Terms = { caller: string; signal: AbortSignal }

export type LanguageSlot = {
  readonly settings: LanguageSettings
  readonly statistics: Statistics
  state(): { status: 'ready' } | { status: 'failed'; reason: string }
  /** Set if the process ended too often. */
  problem(): string | undefined
  figures(): Figures
  waiting(): number
  /** `onText` gets each part of the answer. */
  generate(wish: Generation, terms: Terms, onText: (text: string) => void): Promise<GenerationResult | SlotFailure>
  embed(texts: readonly string[], terms: Terms): Promise<Embedded | SlotFailure>
  /** Greedy answers of golden prompts, which count in no statistics. */
  prove(prompts: readonly GoldenPrompt[], signal: AbortSignal): Promise<RunnerAnswer>
  /** Ends the process, which returns the memory. */
  close(): Promise<void>
}

export type SlotOptions = {
  /** Opens the process, also again after its end. Rejects only when the signal fires. */
  open(signal: AbortSignal): Promise<OpenedLanguage>
  /** Answers at a time. */
  answersMax: number
  settings: LanguageSettings
  queueMax: number
  deadlineMs: number
  /** How long a cancelled request may go on before the slot ends its process. */
  stopMs?: number
  clock: Clock
}

type Held = SlotOptions & {
  queue: FairQueue
  statistics: Statistics
  counts: AnswerCounts
  stopping: AbortController
  process: LanguageProcess | undefined
  /** Times at which the process ended by itself. */
  ends: number[]
  restarts: number
  problem: string | undefined
  /** The process that the slot itself ended, because it did not stop. */
  stuck: LanguageProcess | undefined
}

export type OpenedSlot = { ok: true; slot: LanguageSlot } | { ok: false; code: 'model_load_failed'; message: string }

/** Opens the process of the model. Rejects only when the signal fires. */
export async function openLanguageSlot(options: SlotOptions, signal: AbortSignal): Promise<OpenedSlot> {
  const opened = await options.open(signal)
  if (!opened.ok) return { ok: false, code: 'model_load_failed', message: opened.message }
  const it: Held = {
    ...options,
    queue: createFairQueue(options.queueMax, options.answersMax),
    statistics: createStatistics(),
    counts: createAnswerCounts(),
    stopping: new AbortController(),
    process: opened.process,
    ends: [],
    restarts: 0,
    problem: undefined,
    stuck: undefined,
  }
  void watch(it, opened.process)
  return { ok: true, slot: slotOf(it) }
}

const slotOf = (it: Held): LanguageSlot => ({
  settings: it.settings,
  statistics: it.statistics,
  state: () => (it.process ? { status: 'ready' } : { status: 'failed', reason: it.problem ?? RESTARTING }),
  problem: () => it.problem,
  figures: () => ({ ...it.counts.figures(), restarts: it.restarts }),
  waiting: () => it.queue.waiting,
  generate: (wish, terms, onText) => generate(it, wish, terms, onText),
  embed: (texts, terms) => inTurn(it, terms, (process, { signal }) => process.embed(texts, signal)),
  prove: (prompts, signal) => prove(it, prompts, signal),
  async close() {
    it.stopping.abort()
    await it.process?.stop()
    it.process = undefined
  },
})

const RESTARTING = 'the process of the model ended, and is starting again: try again in a moment'

/** Three ends within ten minutes are no accident. */
const ENDS_MAX = 3
const ENDS_MS = 600_000
const BACKOFF = { baseMs: 250, maxMs: 30_000 }

async function watch(it: Held, first: LanguageProcess): Promise<void> {
  let process: LanguageProcess | undefined = first
  while (process) {
    const reason: string = await process.ended
    it.process = undefined
    if (it.stopping.signal.aborted) return
    const nowMs = it.clock.monotonicMs()
    // A long prompt of a slow device is no crash, so callers cannot break a model by leaving.
    const crashes = it.stuck === process ? [] : [nowMs]
    it.ends = [...it.ends.filter((atMs) => atMs > nowMs - ENDS_MS), ...crashes]
    if (it.ends.length >= ENDS_MAX) {
      it.problem = `the model crashed ${it.ends.length} times within ten minutes (${reason})`
      return
    }
    process = await reopen(it)
  }
}

async function reopen(it: Held): Promise<LanguageProcess | undefined> {
  const { signal } = it.stopping
  try {
    await it.clock.sleep(backoffMs(Math.max(0, it.ends.length - 1), BACKOFF, 1), signal)
    const opened = await it.open(signal)
    if (!opened.ok) {
      it.problem = opened.message
      return undefined
    }
    if (signal.aborted) {
      await opened.process.stop()
      return undefined
    }
    it.restarts += 1
    it.process = opened.process
    return opened.process
  } catch (error) {
    // Without memory no process starts. The slot is then broken, and the runner goes on.
    if (!signal.aborted) it.problem = `its process cannot be started: ${String(error).slice(0, 300)}`
    return undefined
  }
}

const isFailure = (value: { ok: boolean }): value is SlotFailure => !value.ok

async function inTurn<Result extends { ok: boolean }>(
  it: Held,
  { caller, signal }: Terms,
  run: (process: LanguageProcess, way: { signal: AbortSignal; onProgress(): void }) => Promise<Result>,
): Promise<Result | SlotFailure> {
  const arrivedMs = it.clock.monotonicMs()
  using deadline = startDeadline(it.deadlineMs)
  const limit = deadline.signal
  const ending = AbortSignal.any([signal, limit, it.stopping.signal])
  const turn = await it.queue.enter(caller, ending)
  const startMs = it.clock.monotonicMs()
  const finish = (result: Result | SlotFailure) => {
    count(it, { arrivedMs, startMs, result })
    return result
  }
  if (turn === 'full') return finish(QUEUE_FULL)
  if (turn === 'gone') return finish(goneFailure(limit, it.deadlineMs))
  using _turn = turn
  if (!it.process) return finish({ ok: false, code: 'model_unready', message: it.problem ?? RESTARTING })
  deadline.renew()
  const { process } = it
  const result = await answerOrEnd(it, process, ending, run(process, { signal: ending, onProgress: deadline.renew }))
  if (signal.aborted || limit.aborted) {
    const gone = goneFailure(limit, it.deadlineMs)
    return finish(it.stuck === process ? { ...gone, message: `${gone.message}; ${STUCK}` } : gone)
  }
  return finish(result)
}

/** [llama.cpp] A pass over a prompt hears no signal, and native code may hang. */
const STOP_MS = 30_000

const STUCK = 'the process of the model did not stop, so it was ended and starts again'

/** A process that does not stop after the signal is ended: it would hold the queue for ever. */
async function answerOrEnd<Result>(
  it: Held,
  process: LanguageProcess,
  ending: AbortSignal,
  answer: Promise<Result>,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const wait = () => {
    timer = setTimeout(() => {
      it.stuck = process
      void process.stop()
    }, it.stopMs ?? STOP_MS)
  }
  ending.addEventListener('abort', wait, { once: true })
  if (ending.aborted) wait()
  try {
    return await answer
  } finally {
    ending.removeEventListener('abort', wait)
    clearTimeout(timer)
  }
}

/**
 * A long answer of a slow device may take minutes. So the deadline limits the wait for a turn, and then each wait for the
 * next text. The limit of tokens ends an answer.
 */
function startDeadline(deadlineMs: number): Disposable & { signal: AbortSignal; renew(): void } {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), deadlineMs)
  return {
    signal: controller.signal,
    renew: () => void timer.refresh(),
    [Symbol.dispose]: () => clearTimeout(timer),
  }
}

const QUEUE_FULL: SlotFailure = {
  ok: false,
  code: 'queue_full',
  message: 'too many requests wait for this model: try again later',
}

const goneFailure = (limit: AbortSignal, deadlineMs: number): SlotFailure =>
  limit.aborted
    ? {
        ok: false,
        code: 'deadline_passed',
        message: `the model made no progress for ${deadlineMs} ms: try again later`,
      }
    : { ok: false, code: 'request_cancelled', message: 'the caller left' }

type Counted = { arrivedMs: number; startMs: number; result: { ok: boolean } }

function count({ statistics, clock }: Held, { arrivedMs, startMs, result }: Counted): void {
  const nowUs = clock.monotonicMs() * 1_000
  const arrivedUs = arrivedMs * 1_000
  if (isFailure(result)) {
    recordFailure(statistics, { code: statisticsCode(result.code), message: result.message }, nowUs - arrivedUs)
    return
  }
  const times = { startUs: startMs * 1_000, inputUs: 0, inferUs: nowUs - startMs * 1_000, outputUs: 0 }
  recordSuccess(statistics, { rows: 1, arrivedUs, times, nowUs, nowMs: clock.nowMs() })
}

/** A prompt that is too long, or a schema without a grammar, is the fault of the caller. */
const STATISTICS_CODES = {
  schema_broken: 'model_failed',
  prompt_too_long: 'input_invalid',
  schema_refused: 'input_invalid',
  embeddings_refused: 'input_invalid',
} as const

const isSpecial = (code: SlotFailure['code']): code is keyof typeof STATISTICS_CODES => code in STATISTICS_CODES

const statisticsCode = (code: SlotFailure['code']): FailureCode => (isSpecial(code) ? STATISTICS_CODES[code] : code)

async function generate(it: Held, wish: Generation, terms: Terms, onText: (text: string) => void) {
  return inTurn(it, terms, async (process, { signal, onProgress }) => {
    const onPart = (text: string) => {
      onProgress()
      onText(text)
    }
    const result = await process.generate(wish, onPart, signal)
    return result.ok ? checkAnswer(it, wish, result) : result
  })
}

/** Counts the answer, and rejects one that does not have the form of its schema. */
function checkAnswer(
  { counts }: Pick<Held, 'counts'>,
  { schema, stop }: Pick<Generation, 'schema' | 'stop'>,
  result: { ok: true } & Generated,
): GenerationResult | SlotFailure {
  // Its caller has left, and its speed says little.
  if (result.finish === 'cancelled') return result
  const fault = schema && answerFault(schema, result.text)
  counts.record(result, formOf(schema, fault))
  // The caller sees by `length` that its limit of tokens ended the answer.
  if (fault === undefined || result.finish === 'length') return result
  const advice =
    stop.length > 0 ? 'leave out the stop texts' : 'request it again with another seed, or a simpler schema'
  return { ok: false, code: 'schema_broken', message: `the answer breaks its schema: ${fault}; ${advice}` }
}

function formOf(schema: Generation['schema'], fault: string | undefined): AnswerForm {
  if (!schema) return 'free'
  return fault === undefined ? 'valid' : 'invalid'
}

async function prove(it: Held, prompts: readonly GoldenPrompt[], signal: AbortSignal): Promise<RunnerAnswer> {
  for (const [index, prompt] of prompts.entries()) {
    const place = `golden prompt ${index + 1} of ${prompts.length}`
    using turn = await ownTurn(it, signal)
    const process = turn && it.process
    if (!process) return { ok: false, code: 'golden_failed', message: `${place}: ${it.problem ?? RESTARTING}` }
    const messages = promptMessages(it.settings, [{ role: 'user', text: prompt.prompt }])
    using deadline = startDeadline(Math.max(it.deadlineMs, GOLDEN_MS))
    const ending = AbortSignal.any([signal, deadline.signal])
    const generated = process.generate(goldenWish(messages, prompt), deadline.renew, ending)
    const answered = await answerOrEnd(it, process, ending, generated)
    signal.throwIfAborted()
    if (deadline.signal.aborted) return { ok: false, code: 'golden_failed', message: `${place}: ${NO_PROGRESS}` }
    if (!answered.ok) return { ok: false, code: 'golden_failed', message: `${place}: ${answered.message}` }
    const problem = answerProblem(prompt, answered.text)
    if (problem !== undefined) return { ok: false, code: 'golden_mismatch', message: `${place}: ${problem}` }
  }
  return { ok: true }
}

/** The first pass over cold weights may take longer than a request. */
const GOLDEN_MS = 120_000

const NO_PROGRESS = 'the model made no progress for two minutes or longer'

async function ownTurn({ queue }: Held, signal: AbortSignal) {
  const turn = await queue.enter('golden prompts', signal)
  return typeof turn === 'string' ? undefined : turn
}

const goldenWish = (messages: readonly ChatMessage[], { answerTokens }: GoldenPrompt): Generation => ({
  messages,
  maxTokens: answerTokens,
  temperature: 0,
  topP: 1,
  seed: undefined,
  stop: [],
  schema: undefined,
  isFresh: true,
  isWhole: true,
})

/** The instructions of the version go before a conversation that has none. */
export function promptMessages(
  { system }: Pick<LanguageSettings, 'system'>,
  messages: readonly ChatMessage[],
): readonly ChatMessage[] {
  if (system === undefined || messages.some(({ role }) => role === 'system')) return messages
  return [{ role: 'system', text: system }, ...messages]
}
