/** Flow message: the messages between the thread of a flow and its host. */
import type { Flow } from '@skerry/contract/flows/flow'
import type { FlowPartFigures } from '@skerry/contract/flows/flow-figures'
import type { FlowOutput } from '@skerry/contract/flows/flow-recording'
import type { ModelFacts } from '@skerry/core/flow/tensors/model-facts'
import type { AnswerMessage, QuestionMessage } from '@skerry/platform/process/asking'
import type { TellOutcome } from '../outlet.ts'
import type { SampleBatch } from '../sample-batch.ts'
import type { ModelQuestions } from './infer-way.ts'
import type { PartSight } from './part-sights.ts'

/** A flow, and the metadata of models that its steps need. */
export type FlowOrder = { flow: Flow; facts: ReadonlyMap<string, ModelFacts> }

/** The requests of a flow's thread to its host. */
export type FlowQuestions = ModelQuestions & { tell: { question: FlowOutput; answer: TellOutcome } }

/** The requests of the host to the thread. `countedFromMs`: since when values are numbered. */
export type SightQuestions = {
  look: { question: undefined; answer: { parts: PartSight[]; countedFromMs: number } }
}

export type ToFlow =
  | { kind: 'batch'; batch: SampleBatch }
  | AnswerMessage<FlowQuestions>
  | QuestionMessage<SightQuestions>
  /** Replaces the running flow. Parts that are the same in both keep their memory. */
  | { kind: 'update'; order: FlowOrder }
  /** The metadata of its models from now on. */
  | { kind: 'know'; facts: FlowOrder['facts'] }
  | { kind: 'stop' }

export type FromFlow =
  /** The thread has processed a batch. */
  | { kind: 'taken' }
  | QuestionMessage<FlowQuestions>
  | AnswerMessage<SightQuestions>
  /**
   * Comes every second, which is also the sign of life. `updates`: the number of processed updates, which shows figures
   * of an earlier flow.
   */
  | { kind: 'figures'; updates: number; parts: FlowPartFigures[]; reachedMs: number }
