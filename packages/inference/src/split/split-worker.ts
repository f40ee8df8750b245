/** The thread of a split: measures the model, cuts it, writes the stages, and tries them on the golden cases. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { ELEMENT_BYTES } from '@skerry/contract/models/tensor'
import { type Model, readModel } from '@skerry/onnx/read'
import { readSignature } from '@skerry/onnx/signature'
import { toContract } from '../host/raw-tensor.ts'
import { readWholeModel } from '../optimise/whole-model.ts'
import { runFailure } from '../runtime/load-refusal.ts'
import { telemetryProblem } from '../runtime/runtime-telemetry.ts'
import { type Cut, cutModel, proveStages } from './cut-model.ts'
import type { SplitOrder, SplitResult, SplitStage } from './split-model.ts'

async function work(order: SplitOrder): Promise<SplitResult> {
  const problem = telemetryProblem(process.env)
  if (problem !== undefined) return { ok: false, code: 'model_crashed', message: problem }
  const bytes = await readWholeModel(order.modelPath)
  if (!bytes.ok) return bytes
  const model = readModel(bytes.value)
  if (!model.ok) return model
  const { golden, stages, bytesPerUs } = order
  const cases = golden?.cases ?? zeroCase(model.value)
  try {
    const cut = await cutModel(model.value, { stages, bytesPerUs, cases })
    return cut.ok ? await finish(order, model.value, cut.value) : cut
  } catch (cause) {
    const message = runFailure(cause instanceof Error ? cause.message : String(cause))
    return { ok: false, code: 'golden_invalid', message: `the model did not run on ${inputText(order)}: ${message}` }
  }
}

const inputText = ({ golden }: SplitOrder) =>
  golden ? 'its golden inputs' : 'zeros, and has no golden inputs: push the version with --golden'

async function finish({ outFolder, golden }: SplitOrder, { graph }: Model, cut: Cut): Promise<SplitResult> {
  const proved =
    golden &&
    (await proveStages(
      cut.stages.map(({ bytes }) => bytes),
      golden.cases,
      golden.tolerance,
    ))
  const stages: SplitStage[] = []
  for (const [at, { nodes, computeUs: _, ...passed }] of cut.plan.stages.entries()) {
    const { bytes, measuredUs } = cut.stages[at] ?? missing()
    const path = join(outFolder, `stage-${at + 1}.onnx`)
    await writeFile(path, bytes)
    stages.push({
      ...passed,
      path,
      sizeBytes: bytes.byteLength,
      nodeCount: nodes.length,
      measuredUs,
      golden: proved?.golden[at],
    })
  }
  return {
    ok: true,
    stages,
    wholeUs: cut.wholeUs,
    nodeCount: graph.node.length,
    results: graph.output.map(({ name }) => name),
    fault: proved?.fault,
    isOnZeros: !golden,
  }
}

const missing = (): never => {
  throw new Error('a stage of the plan has no model')
}

/** A model without golden inputs is measured on zeros, with every variable dimension 1. */
function zeroCase(model: Model) {
  const signature = readSignature(model)
  if (!signature.ok) throw new Error(signature.message)
  const inputs = signature.value.inputs.map(({ name, datatype, shape }) => {
    const sizes = shape.map((size) => (size === -1 ? 1 : size))
    const bytes = sizes.reduce((product, size) => product * size, datatype === 'BYTES' ? 4 : ELEMENT_BYTES[datatype])
    return [name, toContract({ name, datatype, shape: sizes, data: new Uint8Array(bytes) })] as const
  })
  return [{ inputs: Object.fromEntries(inputs) }]
}

void work(workerData as SplitOrder).then(
  (result) => parentPort?.postMessage(result),
  (cause: unknown) => {
    throw cause
  },
)
