/**
 * Flow origins: the origins of the signals of a flow, by the units that the sources on this device state for their tags.
 */
import type { Flow } from '@skerry/contract/flows/flow'
import type { Source } from '@skerry/contract/sources/source'
import { originsOf, type SignalOrigin } from '@skerry/core/flow/signal-origin'
import { tagUnit } from '../equipment/tag-units.ts'

export type FlowOrigins = (flow: Flow) => ReadonlyMap<string, SignalOrigin>

type Known = { sources: ReadonlyMap<string, Source | undefined>; origins: ReadonlyMap<string, SignalOrigin> }

/** Computes them again only if a source of the flow has changed, because each value that leaves needs them. */
export function createFlowOrigins(sourceOf: (name: string) => Source | undefined): FlowOrigins {
  const known = new WeakMap<Flow, Known>()
  return (flow) => {
    const before = known.get(flow)
    if (before && [...before.sources].every(([name, source]) => sourceOf(name) === source)) return before.origins
    const sources = new Map(flow.inputs.map(({ source }) => [source, sourceOf(source)]))
    const origins = originsOf(flow, (source, tag) => tagUnit(sources.get(source), tag))
    known.set(flow, { sources, origins })
    return origins
  }
}
