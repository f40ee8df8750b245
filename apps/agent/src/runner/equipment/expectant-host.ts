/**
 * Expectant host: a model host that knows what it will serve. After a start, or a crash of the runner before it, a model that is still being
 * loaded is not ready (503: come back), which is something else than unknown (404: nobody here has it).
 */
import { fail } from '@skerry/inference/host/failure'
import type { ModelHost, ServedModel } from '@skerry/inference/host/model-host'

/** `reason` where it takes longer than a load does. */
export type ExpectedModel = { name: string; version: string; reason?: string }

export type ExpectantHost = ModelHost & { expect(model: ExpectedModel): void }

const REASON = 'the model is loading: try again in a moment'

/** The host, and of each expected model the word that it is not ready, until it is activated or given up. */
export function expectModels(host: ModelHost, expected: readonly ExpectedModel[]): ExpectantHost {
  const waiting = new Map(expected.map((model) => [model.name, model]))
  return {
    ...host,
    expect: (model) => void waiting.set(model.name, model),
    activate(route) {
      const result = host.activate(route)
      if (result.ok) waiting.delete(route.name)
      return result
    },
    deactivate(name) {
      waiting.delete(name)
      host.deactivate(name)
    },
    served: () => [...host.served(), ...[...waiting.values()].map(unready)],
    find(name) {
      const model = waiting.get(name)
      return model === undefined ? host.find(name) : unready(model)
    },
    async infer(name, version, request, signal) {
      const model = waiting.get(name)
      return model ? fail('model_unready', model.reason ?? REASON) : host.infer(name, version, request, signal)
    },
  }
}

const unready = ({ name, version, reason = REASON }: ExpectedModel): ServedModel => ({
  name,
  version,
  slot: '',
  state: { status: 'failed', reason },
  signature: { inputs: [], outputs: [] },
})
