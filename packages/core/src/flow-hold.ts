/**
 * Flow hold: why a flow that is whole on the disk is not started yet: it names a model that nothing serves here, or equipment that is not set up. So a
 * flow and its model can be deployed together, in any order: the flow starts when all is there.
 */
import type { DesiredItem } from '@skerry/contract/desired'
import type { FlowNeeds } from './flow-needs.ts'
import type { UpdateHold } from './update-hold.ts'

/** The code with which a device says that it waits, and fails at nothing. */
export const FLOW_WAITS = 'flow_waits'

export type FlowFacts = {
  /** What each flow names that waits to be loaded, by the digest of its version. What is not a flow has none. */
  needs: ReadonlyMap<DesiredItem['digest'], FlowNeeds>
  /** Names of what is set up on the device; absent where that is not known. */
  sources?: ReadonlySet<string>
  sinks?: ReadonlySet<string>
}

/** Undefined where nothing is missing. `served` are the names of the models that answer here. */
export function flowHold(
  { digest }: Pick<DesiredItem, 'digest'>,
  served: ReadonlySet<string>,
  { needs, sources, sinks }: FlowFacts,
): UpdateHold | undefined {
  const named = needs.get(digest)
  if (!named) return undefined
  const missing = [
    ...lacking('model', named.models, served),
    ...lacking('source', named.sources, sources),
    ...lacking('sink', named.sinks, sinks),
  ]
  if (missing.length === 0) return undefined
  const message = `it starts when this device has what it names: ${missing.join(', ')}`
  return { cause: { code: FLOW_WAITS, message: message.slice(0, 1_000) } }
}

const lacking = (what: string, names: readonly string[], present: ReadonlySet<string> | undefined): string[] =>
  names.filter((name) => present !== undefined && !present.has(name)).map((name) => `${what} ${name}`)
