/**
 * Flow hold: why a flow that is whole on the disk is not started yet: it names a model that is not served here, or
 * equipment that is not set up. So a flow and its model can be deployed together, in any order: the flow starts when
 * all its needs are met.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { FlowNeeds } from '../flow/flow-needs.ts'
import type { HoldFacts, LifeInHold } from '../kinds/hold-facts.ts'
import type { UpdateHold } from './update-hold.ts'

/** The code with which a device reports that an item waits and has not failed. */
export const FLOW_WAITS = 'flow_waits'

export type FlowFacts = {
  /** The needs of each flow that waits to be loaded, by the digest of its version. Other kinds have none. */
  needs: ReadonlyMap<DesiredItem['digest'], FlowNeeds>
  /** Names of the sources on the device; absent if they are not known. */
  sources?: ReadonlySet<string>
  sinks?: ReadonlySet<string>
}

/** Undefined if nothing is missing. While the runner is down, the served models are unknown. */
export function flowHold({ state, target }: LifeInHold, { flows, loaded }: HoldFacts): UpdateHold | undefined {
  const named = flows?.needs.get(target.digest)
  if (state !== 'loading' || !named || !loaded) return undefined
  const serving = loaded.filter(({ servingSinceMs }) => servingSinceMs !== undefined)
  const served = new Set<string>(serving.map(({ item }) => item.name))
  const missing = [
    ...lacking('model', named.models, served),
    ...lacking('data', named.tables ?? [], served),
    ...lacking('source', named.sources, flows?.sources),
    ...lacking('sink', named.sinks, flows?.sinks),
  ]
  if (missing.length === 0) return undefined
  const message = `the flow starts when this device has: ${missing.join(', ')}`
  return { cause: { code: FLOW_WAITS, message: message.slice(0, 1_000) } }
}

const lacking = (what: string, names: readonly string[], present: ReadonlySet<string> | undefined): string[] =>
  names.filter((name) => present !== undefined && !present.has(name)).map((name) => `${what} ${name}`)
