/** Golden answers: a model answers its golden cases, and its answers are compared with the outputs of the publisher. */
import type { Tensor } from '@skerry/contract/models/tensor'
import { caseText } from '@skerry/core/device/proof/difference-words'
import { compareGolden, type GoldenOutputs, USUAL_TOLERANCE } from '@skerry/core/device/proof/golden'
import type { RehearsedModel } from '@skerry/core/market/checks/check-behaviour'
import type { FlowModels } from '../../flows/flow-models.ts'
import type { RehearsalOrder } from './rehearsal-order.ts'

/** A wrong or missing answer is a message. */
export async function answerGolden(
  { item, name, golden }: RehearsalOrder['models'][number],
  models: FlowModels,
  signal: AbortSignal,
): Promise<RehearsedModel> {
  const { cases = [], tolerance = USUAL_TOLERANCE } = golden ?? {}
  const counted = { item, cases: cases.length, compared: cases.filter(({ outputs }) => outputs).length }
  const run = await models.golden(name, cases, signal)
  if (!run.ok) return { ...counted, message: run.message }
  for (const [at, { outputs }] of cases.entries()) {
    if (!outputs) continue
    const verdict = compareGolden(tensorsOf(outputs), tensorsOf(run.outputs[at] ?? {}), tolerance)
    if (!verdict.ok)
      return { ...counted, message: `${caseText({ case: at + 1, cases: cases.length })}: ${verdict.message}` }
  }
  return counted
}

const tensorsOf = (tensors: Readonly<Record<string, Tensor>>): GoldenOutputs =>
  new Map(
    Object.entries(tensors).map(([name, { datatype, shape, data }]) => [
      name,
      { datatype, shape, data: Buffer.from(data, 'base64') },
    ]),
  )
