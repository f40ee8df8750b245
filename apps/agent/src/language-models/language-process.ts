/**
 * Language process: the runner's end of the process of one language model. Each request settles exactly once: with its
 * answer, or with the end of the process.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { childEnvironment } from '@skerry/inference/seat/limited-child'
import type {
  FromLanguage,
  Generated,
  Generation,
  LanguageFailure,
  LanguageTask,
  ToLanguage,
} from './language-message.ts'

export type Embedded = { ok: true; vectors: readonly (readonly number[])[]; promptTokens: number } | LanguageFailure
export type GenerationResult = ({ ok: true } & Generated) | LanguageFailure

export type LanguageProcess = {
  pid: number | undefined
  /** Resolves when the process has ended, with the reason. */
  ended: Promise<string>
  /** `onText` gets each part of the answer. The signal ends the generation, and the part so far is the answer. */
  generate(wish: Generation, onText: (text: string) => void, signal: AbortSignal): Promise<GenerationResult>
  /** The signal ends it before the next text. */
  embed(texts: readonly string[], signal: AbortSignal): Promise<Embedded>
  /** Ends the process, which returns all its memory. */
  stop(): Promise<void>
}

export type OpenedLanguage = { ok: true; process: LanguageProcess } | { ok: false; message: string }

/** A file of 16 GiB takes three minutes from a disk with 100 MB/s. */
const LOAD_MS = 300_000

type Pending = { onText(text: string): void; settle(message: FromLanguage): void }

/** Starts the process, and resolves when the model is loaded. Rejects only when the signal fires. */
export async function openLanguage(task: LanguageTask, signal: AbortSignal): Promise<OpenedLanguage> {
  const script = new URL(`./language-child${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
  const child = fork(script, [JSON.stringify(task)], {
    serialization: 'advanced',
    execArgv: [],
    env: childEnvironment(),
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const ended = whenEnded(child)
  const limit = AbortSignal.timeout(LOAD_MS)
  const loaded = await Promise.race([firstWord(child), ended, whenAborted(AbortSignal.any([signal, limit]))])
  if (typeof loaded !== 'string' && loaded.kind === 'ready') return { ok: true, process: talkWith(child, ended) }
  child.kill('SIGKILL')
  await ended
  signal.throwIfAborted()
  return { ok: false, message: typeof loaded === 'string' ? loaded : refusalIn(loaded) }
}

const refusalIn = (message: FromLanguage) =>
  message.kind === 'refused' ? `the runtime cannot load the model: ${message.message}` : 'the runtime did not start'

const firstWord = (child: ChildProcess) =>
  new Promise<FromLanguage>((resolve) => child.once('message', (message) => resolve(message as FromLanguage)))

const whenAborted = (signal: AbortSignal) =>
  new Promise<string>((resolve) => {
    const end = () => resolve('the model was not loaded in time')
    if (signal.aborted) end()
    signal.addEventListener('abort', end, { once: true })
  })

const whenEnded = (child: ChildProcess) =>
  new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`its process failed: ${error.message}`))
    child.once('exit', (code, signal) => resolve(`its process ended (${signal ?? `code ${code}`})`))
  })

function talkWith(child: ChildProcess, ended: Promise<string>): LanguageProcess {
  const pending = new Map<number, Pending>()
  let lastId = 0
  let isOver = false
  child.on('message', (raw) => {
    const message = raw as FromLanguage
    if (!('id' in message)) return
    const one = pending.get(message.id)
    if (message.kind === 'text') one?.onText(message.text)
    else {
      pending.delete(message.id)
      one?.settle(message)
    }
  })
  void ended.then((reason) => {
    isOver = true
    const failure: LanguageFailure = { ok: false, code: 'model_failed', message: `the answer was lost: ${reason}` }
    for (const [id, one] of pending) one.settle({ kind: 'failed', id, failure })
    pending.clear()
  })
  const send = (message: ToLanguage) => void (child.connected && child.send(message, () => {}))
  const ask = (make: (id: number) => ToLanguage, onText: (text: string) => void): [number, Promise<FromLanguage>] => {
    lastId += 1
    const id = lastId
    if (isOver) return [id, Promise.resolve({ kind: 'failed', id, failure: GONE })]
    const { promise, resolve } = Promise.withResolvers<FromLanguage>()
    pending.set(id, { onText, settle: resolve })
    send(make(id))
    return [id, promise]
  }
  const answerUntil = async (id: number, answered: Promise<FromLanguage>, signal: AbortSignal) => {
    const cancel = () => send({ kind: 'cancel', id })
    signal.addEventListener('abort', cancel, { once: true })
    if (signal.aborted) cancel()
    return answered.finally(() => signal.removeEventListener('abort', cancel))
  }
  return {
    pid: child.pid,
    ended,
    async generate(generation, onText, signal) {
      const [id, answered] = ask((each) => ({ kind: 'generate', id: each, generation }), onText)
      const answer = await answerUntil(id, answered, signal)
      return answer.kind === 'generated' ? { ok: true, ...answer.generated } : failureIn(answer)
    },
    async embed(texts, signal) {
      const [id, answered] = ask(
        (each) => ({ kind: 'embed', id: each, texts }),
        () => {},
      )
      const answer = await answerUntil(id, answered, signal)
      if (answer.kind !== 'embedded') return failureIn(answer)
      return { ok: true, vectors: answer.vectors, promptTokens: answer.promptTokens }
    },
    async stop() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

const GONE: LanguageFailure = { ok: false, code: 'model_unready', message: 'the process of the model has ended' }

const failureIn = (message: FromLanguage): LanguageFailure => (message.kind === 'failed' ? message.failure : GONE)
