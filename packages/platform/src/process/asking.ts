/**
 * Asking: questions to a thread or a process, and their answers. One place numbers the questions, limits them, and decides about answers that are late or
 * lost. The other end answers with `answerQuestion`. A new asking belongs to each new thread: an answer of the thread before never meets its questions.
 *
 * Invariant: each question settles exactly once, and nothing of it is kept afterwards.
 */
import type { Transferable } from 'node:worker_threads'

/** The questions that one end may ask, by name, each with its answer. */
export type QuestionMap = Record<string, { question: unknown; answer: unknown }>

/** Travels to the end that answers, alone or as a member of a union of messages. */
export type QuestionMessage<Talk extends QuestionMap, Name extends keyof Talk = keyof Talk> = {
  [Each in Name]: { kind: 'question'; id: number; name: Each; question: Talk[Each]['question'] }
}[Name]

/** Travels back. */
export type AnswerMessage<Talk extends QuestionMap> = { kind: 'answer'; id: number; answer: Talk[keyof Talk]['answer'] }

/**
 * asking_over: the other end had ended before. asking_full: too many questions are in flight. In both cases nothing was sent.
 * answer_late: the time is up. answer_lost: the other end ended before it answered. In both cases the question may have had its effect.
 */
export type AskingFailure = {
  ok: false
  code: 'asking_over' | 'asking_full' | 'answer_late' | 'answer_lost'
  message: string
}

export type Asked<Answer> = { ok: true; answer: Answer } | AskingFailure

/** Without a time and a signal, only the end of the other end limits the wait. */
export type AskingTerms = {
  timeoutMs?: number
  /** Memory that moves with the question: it is gone here afterwards. */
  move?: readonly Transferable[]
  signal?: AbortSignal
}

export type AskingDeps<Talk extends QuestionMap> = {
  send(message: QuestionMessage<Talk>, move: readonly Transferable[]): void
  inFlightMax: number
}

export type Asking<Talk extends QuestionMap> = {
  /**
   * Sends the question at once. Rejects only when the signal fires or `send` throws; then the question is taken back, and its answer is dropped.
   * The promise settles in the same turn as `answered` or `end`, so that later work of that turn finds the books in order.
   */
  ask<Name extends keyof Talk>(
    name: Name,
    question: Talk[Name]['question'],
    terms?: AskingTerms,
  ): Promise<Asked<Talk[Name]['answer']>>
  /** Takes an answer from the other end. An answer that nobody waits for any more is dropped. */
  answered(answer: AnswerMessage<Talk>): void
  /** The other end has ended. All open questions are lost, and later ones are not sent. */
  end(reason: string): void
  inFlight(): number
}

type Open = { settle(asked: Asked<unknown>): void }

/** Nothing has been asked yet. */
export function createAsking<Talk extends QuestionMap>({ send, inFlightMax }: AskingDeps<Talk>): Asking<Talk> {
  const open = new Map<number, Open>()
  let lastId = 0
  let over: string | undefined
  return {
    ask(name, question, terms = {}) {
      if (over !== undefined) return Promise.resolve(failure('asking_over', over))
      if (open.size >= inFlightMax)
        return Promise.resolve(failure('asking_full', `${inFlightMax} requests are waiting already`))
      lastId += 1
      const id = lastId
      const { waiting, settle, reject } = openQuestion(() => open.delete(id), terms)
      open.set(id, { settle })
      // A signal that has fired already sends no event.
      if (terms.signal?.aborted) reject(terms.signal.reason)
      else attempt(() => send({ kind: 'question', id, name, question }, terms.move ?? []), reject)
      return waiting as Promise<Asked<Talk[typeof name]['answer']>>
    },
    answered: ({ id, answer }) => open.get(id)?.settle({ ok: true, answer }),
    end(reason) {
      over ??= reason
      for (const { settle } of [...open.values()]) settle(failure('answer_lost', reason))
    },
    inFlight: () => open.size,
  }
}

/** The wait for one answer, with its limits. `close` forgets the question. */
function openQuestion(close: () => void, { timeoutMs, signal }: AskingTerms) {
  const { promise, resolve, reject } = Promise.withResolvers<Asked<unknown>>()
  const over = () => {
    close()
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
  const settle = (asked: Asked<unknown>) => {
    over()
    resolve(asked)
  }
  const refuse = (reason: unknown) => {
    over()
    reject(reason)
  }
  const onAbort = () => refuse(signal?.reason)
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => settle(failure('answer_late', `no answer within ${timeoutMs} ms`)), timeoutMs)
  signal?.addEventListener('abort', onAbort, { once: true })
  return { waiting: promise, settle, reject: refuse }
}

function attempt(work: () => void, onError: (error: unknown) => void): void {
  try {
    work()
  } catch (error) {
    onError(error)
  }
}

const failure = (code: AskingFailure['code'], message: string): AskingFailure => ({ ok: false, code, message })

/** How the other end answers each question. */
export type Answerers<Talk extends QuestionMap> = {
  [Name in keyof Talk]: (question: Talk[Name]['question']) => Talk[Name]['answer'] | Promise<Talk[Name]['answer']>
}

/** Answers one question. Rejects as its answerer does, and then sends nothing: the caller decides what such a fault ends. */
export async function answerQuestion<Talk extends QuestionMap, Name extends keyof Talk>(
  answerers: Answerers<Talk>,
  { id, name, question }: { id: number; name: Name; question: Talk[Name]['question'] },
  send: (answer: AnswerMessage<Talk>) => void,
): Promise<void> {
  send({ kind: 'answer', id, answer: await answerers[name](question) })
}
