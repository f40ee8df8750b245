/** Flow infer: a flow calls the models of its own process, without a network. */
import { fitTensors, numberTensors } from '@skerry/core/flow/tensors/model-tensor'
import type { ModelAnswer, ModelQuestion, TextQuestion } from '@skerry/flows/model-step'
import type { ModelHost } from '@skerry/inference/host/model-host'
import type { LanguageHost } from '../../language-models/language-host.ts'

/** `flow`: the live flow that makes the request. The trial of a flow has none. */
export type FlowQuestion = ModelQuestion & { flow?: string }

/** The answer of the serving version. If the flow names a version, only that one answers. */
export async function inferForFlow(
  host: Pick<ModelHost, 'find' | 'infer'>,
  question: FlowQuestion,
  signal: AbortSignal,
): Promise<ModelAnswer> {
  const { model, version, inputs, flow } = question
  if (question.ask) return UNWORDED
  const served = host.find(model)
  if (!served) return { ok: false, code: 'model_unknown', message: `this device does not serve the model ${model}` }
  // A model that is still being loaded has no signature yet: its reason is the answer.
  if (served.state.status === 'failed') return { ok: false, code: 'model_unready', message: served.state.reason }
  const fitted = fitTensors(served.signature.inputs, inputs)
  if (!fitted.ok) return fitted
  const outputs = question.outputs.length > 0 ? question.outputs : served.signature.outputs.slice(0, 1).map(nameOf)
  const request = { inputs: fitted.inputs, outputs: [...outputs], ...(flow !== undefined && { flow }) }
  const result = await host.infer(model, version === undefined ? undefined : String(version), request, signal)
  if (!result.ok) return { ok: false, code: result.code, message: result.message }
  return numberTensors(outputs, result.outputs)
}

const UNWORDED: ModelAnswer = { ok: false, code: 'model_unknown', message: 'a model of numbers answers no prompt' }

/** The answer of the language model that serves here, to a step `ask`. Flows share a turn in its queue. */
export async function askForFlow(
  host: Pick<LanguageHost, 'find'> | undefined,
  { model, version }: Pick<ModelQuestion, 'model' | 'version'>,
  { prompt, system, schema, answerTokens }: TextQuestion,
  signal: AbortSignal,
): Promise<ModelAnswer> {
  const served = host?.find(model)
  if (!served || (version !== undefined && served.version !== String(version))) {
    const wanted = version === undefined ? model : `${model}:${version}`
    return { ok: false, code: 'model_unknown', message: `this device does not serve the language model ${wanted}` }
  }
  const { settings } = served.slot
  const instructions = system ?? settings.system
  const asked = { role: 'user' as const, text: prompt }
  const generation = {
    messages: instructions === undefined ? [asked] : [{ role: 'system' as const, text: instructions }, asked],
    maxTokens: answerTokens,
    temperature: 0,
    topP: 1,
    seed: undefined,
    stop: [],
    schema: schema ?? settings.schema,
    isFresh: false,
    isWhole: true,
  }
  const answer = await served.slot.generate(generation, { caller: 'flows', signal }, () => {})
  if (answer.ok) return { ok: true, tensors: [], text: answer.text }
  // Flows have one code for an answer without the wished form.
  return answer.code === 'schema_broken' ? { ...answer, code: 'answer_invalid' } : answer
}

const nameOf = ({ name }: { name: string }) => name
