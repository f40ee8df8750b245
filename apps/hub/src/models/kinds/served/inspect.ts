/**
 * Inspects pushed served models: the hub reads the file and checks the golden cases against its tensors. It cannot ask
 * the app, so the expected outputs come with the push.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Golden, type GoldenInputs } from '@skerry/contract/devices/golden'
import { SERVED_PATH } from '@skerry/contract/kinds/served'
import { ServedModel } from '@skerry/contract/models/served-model'
import { USUAL_TOLERANCE } from '@skerry/core/device/proof/golden'
import { fitRequest } from '@skerry/inference/host/infer-request'
import { fromContract } from '@skerry/inference/host/raw-tensor'
import { problem } from '../../../http/problem.ts'
import type { Inspector } from '../inspector.ts'

/** 256 tensors with the longest names and shapes. */
const SERVED_BYTES_MAX = 1024 ** 2

export const servedInspector: Inspector<'served'> = {
  plural: 'served models',
  // The hub has no runtime for them.
  goldenSource: 'pushed',
  checkPaths({ files }) {
    const other = files.find(({ path }) => path !== SERVED_PATH)
    if (other)
      throw problem(
        'input_invalid',
        `a served model has no ${other.path}; its app has all files, and its only file is ${SERVED_PATH}`,
      )
  },
  async inspect({ staged, files, request }) {
    if (files.some(({ sizeBytes }) => sizeBytes > SERVED_BYTES_MAX))
      throw problem('input_invalid', `${SERVED_PATH} is over 1 MiB`)
    const served = readServed(await readFile(join(staged.folder, SERVED_PATH), 'utf8'))
    const golden = request.golden && goldenOf(served, request.golden)
    return { summary: served, golden, goldenCases: golden?.cases.length ?? 0 }
  },
  detail: (common, served) => ({ ...common, kind: 'served', served }),
  opset: () => 0,
}

function readServed(text: string): ServedModel {
  const parsed = ServedModel.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw problem('input_invalid', `${SERVED_PATH}, ${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
}

/** The cases as devices compare them. Each case states all outputs, because nothing can add one. */
function goldenOf(served: ServedModel, { cases, tolerance = USUAL_TOLERANCE }: GoldenInputs): Golden {
  for (const [index, each] of cases.entries()) {
    const wrong = caseProblem(served, each)
    if (wrong !== undefined) throw problem('golden_invalid', `golden case ${index + 1} of ${cases.length}: ${wrong}`)
  }
  const golden = Golden.safeParse({ tolerance, cases: cases.map(({ inputs, outputs }) => ({ inputs, outputs })) })
  if (golden.success) return golden.data
  throw problem('golden_invalid', golden.error.issues[0]?.message ?? 'the golden cases do not fit')
}

function caseProblem(served: ServedModel, { inputs, outputs = {} }: GoldenInputs['cases'][number]): string | undefined {
  const fitted = fitRequest(served, { inputs: Object.entries(inputs).map(([name, it]) => fromContract(name, it)) })
  if (!fitted.ok) return fitted.message
  for (const { name, datatype } of served.outputs) {
    const output = Object.hasOwn(outputs, name) ? outputs[name] : undefined
    if (!output) return `it has no output ${name}; the hub cannot compute it, so give the expected output with the case`
    if (output.datatype !== datatype)
      return `the output ${name} is ${output.datatype}, and ${SERVED_PATH} says ${datatype}`
  }
  return undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
