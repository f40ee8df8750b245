/** Flow models: the models that a flow asks on this machine, each from an ONNX file. The runtime is loaded only where there is one. */
import { Name } from '@skerry/contract/names'
import { Serving } from '@skerry/contract/serving'
import { fitTensors, numbersOf } from '@skerry/core/flow/model-tensor'
import { type Norms, normsOf } from '@skerry/core/flow/norms'
import type { Infer, ModelAnswer, ModelQuestion } from '@skerry/flows/model-step'
import type { ModelHost } from '@skerry/inference/model-host'
import { systemClock } from '@skerry/platform/clock'
import { fail } from './failure.ts'
import { readLocalModel } from './local-model.ts'

export type ModelFile = { name: string; path: string }

/** `NAME=FILE`. */
export function parseModelFile(text: string): ModelFile {
  const [, name = '', path = ''] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (!Name.safeParse(name).success) throw new Error('must be NAME=FILE, such as anomaly=model.onnx')
  return { name, path }
}

export type FlowModels = AsyncDisposable & { infer: Infer; normsOf(model: string): Norms | undefined }

/** Loads them all. A flow asks for a version by number; here the file is the only one. */
export async function openFlowModels(files: readonly ModelFile[], signal: AbortSignal): Promise<FlowModels> {
  if (files.length === 0)
    return { infer: noModels, normsOf: () => undefined, [Symbol.asyncDispose]: async () => undefined }
  const { createModelHost } = await import('@skerry/inference/model-host')
  const host = createModelHost({ clock: systemClock })
  const norms = new Map<string, Norms | undefined>()
  for (const { name, path } of files) {
    norms.set(name, normsOf((await readLocalModel(path)).summary.metadata))
    const loaded = await host.load({ slot: name, modelPath: path, settings: Serving.parse({}), signal })
    if (!loaded.ok) throw fail('model_load_failed', `${path}: ${loaded.message}`)
    host.activate({ name, version: '1', slot: name })
  }
  return {
    infer: (question, stop) => ask(host, question, stop),
    normsOf: (model) => norms.get(model),
    [Symbol.asyncDispose]: () => host.close(),
  }
}

const unknown = (model: string): ModelAnswer => ({
  ...{
    ok: false,
    code: 'model_unknown',
    message: `there is no model ${model} here: give its file with --model ${model}=FILE`,
  },
})

const noModels: Infer = async ({ model }) => unknown(model)

async function ask(
  host: ModelHost,
  { model, inputs, output }: ModelQuestion,
  signal: AbortSignal,
): Promise<ModelAnswer> {
  const served = host.find(model)
  if (!served) return unknown(model)
  const fitted = fitTensors(served.signature.inputs, inputs)
  if (!fitted.ok) return fitted
  const wanted = output ?? served.signature.outputs[0]?.name
  const request = { inputs: fitted.inputs, ...(wanted === undefined ? {} : { outputs: [wanted] }) }
  const result = await host.infer(model, undefined, request, signal)
  if (!result.ok) return { ok: false, code: result.code, message: result.message }
  const [tensor] = result.outputs
  const data = tensor && numbersOf(tensor)
  if (!tensor || !data) return { ok: false, code: 'answer_type', message: `${wanted} of ${model} holds no numbers` }
  return { ok: true, shape: tensor.shape, data }
}
