/** Flow needs: the names in a flow that must exist on a device before the flow can do anything there. */
import type { Flow } from '@skerry/contract/flows/flow'
import { isAsking } from '@skerry/contract/flows/flow-step'
import type { FlowData } from '../places/data-class.ts'

/** `data`: the way of data through the flow, if the caller judges it. */
export type FlowNeeds = {
  models: string[]
  sources: string[]
  sinks: string[]
  /** Data with tables. Absent if it reads none. */
  tables?: string[]
  data?: FlowData
}

/** Each name once, in the order of the flow. A fallback is for when the model is away, so it is not waited for. */
export function flowNeeds({ inputs, steps, sinks }: Pick<Flow, 'inputs' | 'steps' | 'sinks'>): FlowNeeds {
  const models = steps.flatMap((step) => {
    if (isAsking(step)) return [step.model]
    return step.kind === 'normalise' && step.model !== undefined ? [step.model] : []
  })
  const written = sinks.flatMap((sink) => (sink.kind === 'tag' ? [sink.source] : []))
  const places = sinks.flatMap((sink) => (sink.kind === 'sink' ? [sink.sink] : []))
  const sources = [...inputs.map(({ source }) => source), ...written]
  const tables = unique(steps.flatMap((step) => (step.kind === 'lookup' ? [step.data] : [])))
  return {
    models: unique(models),
    sources: unique(sources),
    sinks: unique(places),
    ...(tables.length > 0 && { tables }),
  }
}

const unique = (names: readonly string[]): string[] => [...new Set(names)]
