/**
 * Stated golden: the golden cases of a model that only its app can compute. The hub checks them against the declared
 * tensors, and the expected outputs come with the push.
 */
import { Golden, type GoldenInputs } from '@skerry/contract/devices/golden'
import type { ServedModel } from '@skerry/contract/models/served-model'
import { USUAL_TOLERANCE } from '@skerry/core/device/proof/golden'
import { fitRequest } from '@skerry/inference/host/infer-request'
import { fromContract } from '@skerry/inference/host/raw-tensor'
import { problem } from '../../http/problem.ts'

type Tensors = Pick<ServedModel, 'inputs' | 'outputs'>

/** The cases as devices compare them. Each case states all outputs, because nothing can add one. */
export function statedGolden(
  tensors: Tensors,
  { cases, tolerance = USUAL_TOLERANCE }: GoldenInputs,
  path: string,
): Golden {
  for (const [index, each] of cases.entries()) {
    const wrong = caseProblem(tensors, each, path)
    if (wrong !== undefined) throw problem('golden_invalid', `golden case ${index + 1} of ${cases.length}: ${wrong}`)
  }
  const golden = Golden.safeParse({ tolerance, cases: cases.map(({ inputs, outputs }) => ({ inputs, outputs })) })
  if (golden.success) return golden.data
  throw problem('golden_invalid', golden.error.issues[0]?.message ?? 'the golden cases do not fit')
}

function caseProblem(
  tensors: Tensors,
  { inputs, outputs = {} }: GoldenInputs['cases'][number],
  path: string,
): string | undefined {
  const fitted = fitRequest(tensors, { inputs: Object.entries(inputs).map(([name, it]) => fromContract(name, it)) })
  if (!fitted.ok) return fitted.message
  for (const { name, datatype } of tensors.outputs) {
    const output = Object.hasOwn(outputs, name) ? outputs[name] : undefined
    if (!output) return `it has no output ${name}; the hub cannot compute it, so give the expected output with the case`
    if (output.datatype !== datatype) return `the output ${name} is ${output.datatype}, and ${path} says ${datatype}`
  }
  return undefined
}
