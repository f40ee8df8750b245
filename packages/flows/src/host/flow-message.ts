/** Flow message: what passes between the thread of a flow and whoever started it. */
import type { Flow } from '@skerry/contract/flows/flow'
import type { FlowPartFigures } from '@skerry/contract/flows/flow-figures'
import type { FlowOutput } from '@skerry/contract/flows/flow-recording'
import type { ModelFacts } from '@skerry/core/flow/tensors/model-facts'
import type { AnswerMessage, QuestionMessage } from '@skerry/platform/process/asking'
import type { TellOutcome } from '../outlet.ts'
import type { SampleBatch } from '../sample-batch.ts'
import type { ModelQuestions } from './infer-way.ts'
import type { PartSight } from './part-sights.ts'

/** A flow and what its steps need to know of models. */
export type FlowOrder = { flow: Flow; facts: ReadonlyMap<string, ModelFacts> }

/** The thread of a flow asks its host. */
export type FlowQuestions = ModelQuestions & { tell: { question: FlowOutput; answer: TellOutcome } }

/** The host asks the thread. `countedFromMs`: since when values are numbered. */
export type SightQuestions = {
  look: { question: undefined; answer: { parts: PartSight[]; countedFromMs: number } }
}

export type ToFlow =
  | { kind: 'batch'; batch: SampleBatch }
  | AnswerMessage<FlowQuestions>
  | QuestionMessage<SightQuestions>
  /** Takes the place of the flow that runs, and goes on with what it remembers where it is the same. */
  | { kind: 'update'; order: FlowOrder }
  /** Its models say this of themselves from now on. */
  | { kind: 'know'; facts: FlowOrder['facts'] }
  | { kind: 'stop' }

export type FromFlow =
  /** A batch has been worked through. */
  | { kind: 'taken' }
  | QuestionMessage<FlowQuestions>
  | AnswerMessage<SightQuestions>
  /** Told every second, which is also the sign that it lives. `updates`: how many it has taken, so that figures of a flow before are known for it. */
  | { kind: 'figures'; updates: number; parts: FlowPartFigures[]; reachedMs: number }
