/** Flow message: what passes between the thread of a flow and whoever started it. */
import type { Flow } from '@skerry/contract/flow'
import type { FlowPartFigures } from '@skerry/contract/flow-figures'
import type { FlowOutput } from '@skerry/contract/flow-recording'
import type { ModelFacts } from '@skerry/core/flow/model-facts'
import type { ModelAnswer, ModelQuestion } from './model-step.ts'
import type { TellOutcome } from './outlet.ts'
import type { PartSight } from './part-sights.ts'
import type { SampleBatch } from './sample-batch.ts'

/** A flow and what its steps need to know of models. */
export type FlowOrder = { flow: Flow; facts: ReadonlyMap<string, ModelFacts> }

export type ToFlow =
  | { kind: 'batch'; batch: SampleBatch }
  | { kind: 'answered'; id: number; answer: ModelAnswer }
  | { kind: 'told'; id: number; outcome: TellOutcome }
  /** Takes the place of the flow that runs, and goes on with what it remembers where it is the same. */
  | { kind: 'update'; order: FlowOrder }
  /** Its models say this of themselves from now on. */
  | { kind: 'know'; facts: FlowOrder['facts'] }
  | { kind: 'look'; id: number }
  | { kind: 'stop' }

export type FromFlow =
  /** A batch has been worked through. */
  | { kind: 'taken' }
  | { kind: 'ask'; id: number; question: ModelQuestion }
  | { kind: 'tell'; id: number; output: FlowOutput }
  /** Told every second, which is also the sign that it lives. `updates`: how many it has taken, so that figures of a flow before are known for it. */
  | { kind: 'figures'; updates: number; parts: FlowPartFigures[]; reachedMs: number }
  /** `countedFromMs`: since when values are numbered. */
  | { kind: 'looked'; id: number; parts: PartSight[]; countedFromMs: number }
