/**
 * Flow models: the models that a flow calls on this machine, each from an ONNX file. The runtime is loaded only if
 * there is a model.
 */
import type { GoldenInputCase } from '@skerry/contract/devices/golden'
import type { Flow } from '@skerry/contract/flows/flow'
import { calledBy } from '@skerry/contract/flows/flow-step'
import { Serving } from '@skerry/contract/models/serving'
import { Name } from '@skerry/contract/values/names'
import { factsOf, type ModelFacts } from '@skerry/core/flow/tensors/model-facts'
import { fitTensors, numberTensors } from '@skerry/core/flow/tensors/model-tensor'
import type { Infer, ModelAnswer, ModelQuestion } from '@skerry/flows/model-step'
import type { ModelHost } from '@skerry/inference/host/model-host'
import { systemClock } from '@skerry/platform/process/clock'
import { fail, wrongUsage } from '../../program/failure.ts'
import { readLocalModel } from '../models/files/local-model.ts'

/** Without a version, the file serves the version that the flow names. */
export type ModelFile = { name: string; version: number | undefined; path: string }

/** Parses the form `NAME=FILE` or `NAME:VERSION=FILE`. */
export function parseModelFile(text: string): ModelFile {
  const [, name = '', word, path = ''] = /^([^=:]+)(?::([^=]*))?=(.+)$/.exec(text) ?? []
  if (!Name.safeParse(name).success) throw new Error('must be NAME=FILE, such as anomaly=model.onnx')
  if (word === undefined) return { name, version: undefined, path }
  if (!/^[1-9]\d{0,8}$/.test(word)) throw new Error('give the version as a number, such as anomaly:3=model.onnx')
  return { name, version: Number(word), path }
}

/**
 * A device serves one version of a model, and so does this machine. If a flow needs a different version, it fails
 * before anything runs.
 */
function refuseOtherVersions({ steps }: Pick<Flow, 'steps'>, files: readonly ModelFile[]): void {
  const twice = files.find(({ name }, index) => files.findIndex((file) => file.name === name) < index)
  if (twice) throw wrongUsage(`--model gives ${twice.name} twice; a device serves one version of a model`)
  for (const { step, model, version } of steps.flatMap(calledBy)) {
    const file = files.find((each) => each.name === model)
    if (version === undefined || file?.version === undefined || file.version === version) continue
    throw wrongUsage(`the step ${step} uses ${model}:${version}, but --model gives ${model}:${file.version}`)
  }
}

export type FlowModels = AsyncDisposable & {
  infer: Infer
  factsOf(model: string): ModelFacts | undefined
  /** The answers of one model to golden cases. */
  golden(model: string, cases: readonly GoldenInputCase[], signal: AbortSignal): ReturnType<ModelHost['golden']>
}

export async function openFlowModels(
  flow: Pick<Flow, 'steps'>,
  files: readonly ModelFile[],
  signal: AbortSignal,
): Promise<FlowModels> {
  refuseOtherVersions(flow, files)
  if (files.length === 0)
    return {
      infer: noModels,
      factsOf: () => undefined,
      golden: async (model) => ({ ok: false, code: 'slot_unknown', message: `there is no model ${model} here` }),
      [Symbol.asyncDispose]: async () => undefined,
    }
  const { createModelHost } = await import('@skerry/inference/host/model-host')
  const host = createModelHost({ clock: systemClock })
  const facts = new Map<string, ModelFacts>()
  for (const { name, version = 1, path } of files) {
    facts.set(name, factsOf((await readLocalModel(path)).summary.metadata))
    const loaded = await host.load({ slot: name, modelPath: path, settings: Serving.parse({}), signal })
    if (!loaded.ok) throw fail('model_load_failed', `${path}: ${loaded.message}`)
    host.activate({ name, version: String(version), slot: name })
  }
  return {
    infer: (question, stop) => ask(host, question, stop),
    factsOf: (model) => facts.get(model),
    golden: (model, cases, stop) => host.golden(model, cases, stop),
    [Symbol.asyncDispose]: () => host.close(),
  }
}

const unknown = (model: string): ModelAnswer => ({
  ok: false,
  code: 'model_unknown',
  message: `there is no model ${model} here: give its file with --model ${model}=FILE`,
})

const NO_LANGUAGE: ModelAnswer = {
  ok: false,
  code: 'model_unknown',
  message: 'language models answer on devices only: replay the flow there',
}

const noModels: Infer = async ({ model, ask: text }) => (text ? NO_LANGUAGE : unknown(model))

async function ask(host: ModelHost, question: ModelQuestion, signal: AbortSignal): Promise<ModelAnswer> {
  if (question.ask) return NO_LANGUAGE
  const { model, inputs } = question
  const served = host.find(model)
  if (!served) return unknown(model)
  const fitted = fitTensors(served.signature.inputs, inputs)
  if (!fitted.ok) return fitted
  const outputs = question.outputs.length > 0 ? question.outputs : served.signature.outputs.slice(0, 1).map(nameOf)
  const request = { inputs: fitted.inputs, outputs: [...outputs] }
  const result = await host.infer(model, undefined, request, signal)
  if (!result.ok) return { ok: false, code: result.code, message: result.message }
  return numberTensors(outputs, result.outputs)
}

const nameOf = ({ name }: { name: string }) => name
