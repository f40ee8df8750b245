/** Flow infer: a flow asks the models of its own process, without a way over the network. */
import { fitTensors, numberTensors } from '@skerry/core/flow/tensors/model-tensor'
import type { ModelAnswer, ModelQuestion } from '@skerry/flows/model-step'
import type { ModelHost } from '@skerry/inference/host/model-host'

/** The answer of the version that serves; of a certain one only where that serves. */
export async function inferForFlow(
  host: Pick<ModelHost, 'find' | 'infer'>,
  question: ModelQuestion,
  signal: AbortSignal,
): Promise<ModelAnswer> {
  const { model, version, inputs } = question
  const served = host.find(model)
  if (!served) return { ok: false, code: 'model_unknown', message: `this device does not serve the model ${model}` }
  // One that is still being loaded has no signature yet: its reason is the answer.
  if (served.state.status === 'failed') return { ok: false, code: 'model_unready', message: served.state.reason }
  const fitted = fitTensors(served.signature.inputs, inputs)
  if (!fitted.ok) return fitted
  const outputs = question.outputs.length > 0 ? question.outputs : served.signature.outputs.slice(0, 1).map(nameOf)
  const request = { inputs: fitted.inputs, outputs: [...outputs] }
  const result = await host.infer(model, version === undefined ? undefined : String(version), request, signal)
  if (!result.ok) return { ok: false, code: result.code, message: result.message }
  return numberTensors(outputs, result.outputs)
}

const nameOf = ({ name }: { name: string }) => name
