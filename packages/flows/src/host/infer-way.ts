/** Infer way: how a thread asks models, which it cannot reach itself. The host of the thread answers. */
import { FLOW_STEPS_MAX } from '@skerry/contract/flows/flow'
import type { Asked } from '@skerry/platform/process/asking'
import type { Infer, ModelAnswer, ModelQuestion } from '../model-step.ts'

export type ModelQuestions = { infer: { question: ModelQuestion; answer: ModelAnswer } }

/** A step asks one question after the other. A flow and the update that replaces it may ask at once. */
export const MODELS_ASKED_MAX = 2 * FLOW_STEPS_MAX

type AskModel = (question: ModelQuestion, signal: AbortSignal) => Promise<Asked<ModelAnswer>>

/** Rejects only when the signal fires. */
export function inferBy(ask: AskModel): Infer {
  return async (question, signal) => {
    const asked = await ask(question, signal)
    return asked.ok ? asked.answer : { ok: false, code: 'model_failed', message: asked.message }
  }
}

/** The answer of the host to a question. Never rejects. */
export const answerOf = (infer: Infer, question: ModelQuestion, signal: AbortSignal): Promise<ModelAnswer> =>
  infer(question, signal).catch((error) => ({
    ok: false as const,
    code: 'model_failed',
    message: String(error).slice(0, 500),
  }))
