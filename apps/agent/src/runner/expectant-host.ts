/**
 * Expectant host: a model host that knows what it will serve. After a start, or a crash of the runner before it, a model that is still being
 * loaded is not ready (503: come back), which is something else than unknown (404: nobody here has it).
 */
import { fail } from '@skerry/inference/failure'
import type { ModelHost, ServedModel } from '@skerry/inference/model-host'

export type ExpectedModel = { name: string; version: string }

const REASON = 'the model is being loaded: try again in a moment'

/** The host, and of each expected model the word that it is not ready, until it is activated or given up. */
export function expectModels(host: ModelHost, expected: readonly ExpectedModel[]): ModelHost {
  const waiting = new Map(expected.map(({ name, version }) => [name, version]))
  return {
    ...host,
    activate(route) {
      const result = host.activate(route)
      if (result.ok) waiting.delete(route.name)
      return result
    },
    deactivate(name) {
      waiting.delete(name)
      host.deactivate(name)
    },
    served: () => [...host.served(), ...[...waiting].map(([name, version]) => unready(name, version))],
    find(name) {
      const version = waiting.get(name)
      return version === undefined ? host.find(name) : unready(name, version)
    },
    async infer(name, version, request, signal) {
      return waiting.has(name) ? fail('model_unready', REASON) : host.infer(name, version, request, signal)
    },
  }
}

const unready = (name: string, version: string): ServedModel => ({
  name,
  version,
  slot: '',
  state: { status: 'failed', reason: REASON },
  signature: { inputs: [], outputs: [] },
})
