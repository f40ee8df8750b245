/** Figures of the parts of a flow. */
import type { FlowPartFigures } from '@skerry/contract/flows/flow-figures'
import type { Level, LevelInput, LevelPart } from './level.ts'

export const figuresOf = (inputs: readonly LevelInput[], levels: readonly Level[]): FlowPartFigures[] => [
  ...inputs.map(({ input, figures }): FlowPartFigures => ({ part: 'input', name: input.name, ...figures, queued: 0 })),
  ...levels.flatMap(({ parts }) => parts.map(partFigures)),
]

function partFigures({ part, name, figures, latency, outbox }: LevelPart): FlowPartFigures {
  const p50 = latency?.quantileMs(0.5)
  const p99 = latency?.quantileMs(0.99)
  return {
    part,
    name,
    ...figures,
    queued: outbox?.size ?? 0,
    ...(p50 === undefined ? {} : { latencyP50Ms: p50 }),
    ...(p99 === undefined ? {} : { latencyP99Ms: p99 }),
  }
}
