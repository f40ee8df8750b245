/** Infer way: how a thread asks models, which it cannot reach itself: each question gets a number, and whoever started the thread answers it. */
import type { Infer, ModelAnswer, ModelQuestion } from './model-step.ts'

export type InferWay = { infer: Infer; answered(id: number, answer: ModelAnswer): void }

/** A question whose signal fires is forgotten: nobody waits for it. */
export function createInferWay(ask: (id: number, question: ModelQuestion) => void): InferWay {
  const asked = new Map<number, (answer: ModelAnswer) => void>()
  let lastId = 0
  return {
    infer(question, signal) {
      lastId += 1
      const id = lastId
      const { promise, resolve } = Promise.withResolvers<ModelAnswer>()
      asked.set(id, resolve)
      signal.addEventListener('abort', () => asked.delete(id), { once: true })
      ask(id, question)
      return promise
    },
    answered(id, answer) {
      asked.get(id)?.(answer)
      asked.delete(id)
    },
  }
}

/** What the other side says to a question. Never rejects. */
export const answerOf = (infer: Infer, question: ModelQuestion, signal: AbortSignal): Promise<ModelAnswer> =>
  infer(question, signal).catch((error) => ({
    ...{ ok: false as const, code: 'model_failed', message: String(error).slice(0, 500) },
  }))
