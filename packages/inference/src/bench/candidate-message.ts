/** The messages between an agent and the process of one candidate of a measurement. */
import type { SessionSettings } from '@skerry/contract/builds/measurement'
import type { AnswerMessage, QuestionMessage } from '@skerry/platform/process/asking'
import type { ModelSource, SourceFile } from '../runtime/model-source.ts'

/** Given once, at the start. */
export type CandidateOrder = { source: ModelSource; golden: SourceFile; session?: SessionSettings }

/** Runs one golden case again and again for a time, or up to a number of runs. */
export type Turn = { caseAt: number; forMs: number; runsMax: number }

export type TurnAnswer = { ok: true; runsMs: number[]; peakBytes: number } | { ok: false; message: string }

export type TurnQuestions = { turn: { question: Turn; answer: TurnAnswer } }

export type TurnMessage = QuestionMessage<TurnQuestions>

/** `wrong`: its answers are not those of the golden file. `failed`: it cannot be loaded, or has no answer. */
export type CandidateProblem = { code: 'wrong' | 'failed'; message: string }

export type CandidateReport =
  | AnswerMessage<TurnQuestions>
  | { kind: 'ready'; cases: number; runtime: string }
  | { kind: 'refused'; problem: CandidateProblem }
