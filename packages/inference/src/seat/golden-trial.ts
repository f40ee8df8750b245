/**
 * Golden trial: the answers of this machine's runtime to the golden inputs, computed in a separate process under
 * limits. Outputs that a person expects become the reference, if these answers agree with them. Every device then
 * compares itself with the framework that trained the model. The hub tries each pushed model, and the CLI each dry run.
 */
import { setImmediate as turn } from 'node:timers/promises'

import { Golden, type GoldenInputs, type GoldenSource, type Tolerance } from '@skerry/contract/devices/golden'
import type { ErrorCode } from '@skerry/contract/errors/errors'
import type { Tensor } from '@skerry/contract/models/tensor'
import { caseText, placeOf, placeText } from '@skerry/core/device/proof/difference-words'
import { type GoldenOutputs, USUAL_TOLERANCE } from '@skerry/core/device/proof/golden'
import {
  findReferenceDifference,
  type ReferenceDifference,
  type ReferenceFault,
  referenceFaultText,
  worstDifference,
} from '@skerry/core/device/proof/golden-reference'
import { firstNotFinite } from '@skerry/core/tensors/not-finite'
import { runSandboxed, type SandboxResult } from './sandbox.ts'

/**
 * A model may take 2 GB of memory, which a disk of 100 MB/s reads in 20 s. A small file that takes longer is a trap.
 */
const LOAD_MS = 30_000

/** A device also has a minute for an activation. */
const CASES_MS = 30_000

export type GoldenTrial = {
  modelPath: string
  inputs: GoldenInputs | undefined
  /** The memory limit of the process that tries the model. */
  memoryBytes: number
}

type Problem = { ok: false; code: ErrorCode; message: string; data?: ReferenceFault }

export type GoldenResult = { ok: true; golden: Golden | undefined; source: GoldenSource | undefined } | Problem

/** Loads the model, and runs the cases if there are any. Rejects only when the signal fires. */
export async function runGoldenInputs(
  { modelPath, inputs, memoryBytes }: GoldenTrial,
  signal: AbortSignal,
): Promise<GoldenResult> {
  const wrong = inputs && notFiniteExpected(inputs)
  if (wrong) return wrong
  const cases = inputs?.cases.map(({ inputs }) => ({ inputs })) ?? []
  const limits = { loadMs: LOAD_MS, casesMs: CASES_MS, memoryBytes }
  const ran = await runSandboxed({ modelPath, cases, limits, signal })
  if (!ran.ok) return { ...ran, code: codeOf(ran) }
  if (!inputs) return { ok: true, golden: undefined, source: undefined }
  return judgeOutputs(inputs, ran.outputs)
}

/** A case that fails during its run does not fit the model. */
const codeOf = ({ code }: Extract<SandboxResult, { ok: false }>): ErrorCode =>
  code === 'golden_failed' ? 'golden_invalid' : code

function notFiniteExpected({ cases }: GoldenInputs): Problem | undefined {
  for (const [index, { outputs = {} }] of cases.entries()) {
    const found = findNotFinite(outputs)
    if (found === undefined) continue
    const message = `${caseText({ case: index + 1, cases: cases.length })}: the expected output ${found} is NaN or infinite; leave the case out`
    return { ok: false, code: 'golden_invalid', message }
  }
  return undefined
}

async function judgeOutputs(inputs: GoldenInputs, answers: readonly Record<string, Tensor>[]): Promise<GoldenResult> {
  for (const [index, outputs] of answers.entries()) {
    const found = findNotFinite(outputs)
    if (found === undefined) continue
    const message = `${caseText({ case: index + 1, cases: answers.length })}: output ${found} is NaN or infinite; push a model that returns finite numbers, or other inputs`
    return { ok: false, code: 'golden_not_finite', message }
  }
  const tolerance = inputs.tolerance ?? USUAL_TOLERANCE
  const fault = await findReferenceFault({ ...inputs, tolerance }, answers)
  if (fault) {
    return { ok: false, code: 'golden_reference_differs', message: referenceFaultText(fault, tolerance), data: fault }
  }
  const cases = inputs.cases.map((each, index) => ({
    inputs: each.inputs,
    outputs: { ...answers[index], ...each.outputs },
  }))
  const golden = Golden.safeParse({ tolerance, cases })
  if (golden.success) return { ok: true, golden: golden.data, source: sourceOf(inputs, answers) }
  return { ok: false, code: 'golden_invalid', message: golden.error.issues[0]?.message ?? 'the outputs do not fit' }
}

/** All cases are compared: a person sees the worst one, and whether one case differs or all of them. */
async function findReferenceFault(
  { cases, tolerance }: GoldenInputs & { tolerance: Tolerance },
  answers: readonly Record<string, Tensor>[],
): Promise<ReferenceFault | undefined> {
  let worst: (ReferenceDifference & { case: number }) | undefined
  let casesDiffering = 0
  for (const [index, { outputs }] of cases.entries()) {
    if (!outputs) continue
    // Millions of values take some 100 ms. The hub answers other requests between two cases.
    await turn()
    const found = findReferenceDifference(readOutputs(outputs), readOutputs(answers[index] ?? {}), tolerance)
    if (!found) continue
    casesDiffering += 1
    worst = worstDifference(worst, { ...found, case: index + 1 }, tolerance)
  }
  return worst && { ...worst, cases: cases.length, casesDiffering }
}

const readOutputs = (outputs: Record<string, Tensor>): GoldenOutputs =>
  new Map(
    Object.entries(outputs).map(([name, { datatype, shape, data }]) => [
      name,
      { datatype, shape, data: Buffer.from(data, 'base64') },
    ]),
  )

function sourceOf({ cases }: GoldenInputs, answers: readonly Record<string, Tensor>[]): GoldenSource {
  if (cases.every(({ outputs }) => outputs === undefined)) return 'hub'
  const isWhole = cases.every(({ outputs = {} }, index) =>
    Object.keys(answers[index] ?? {}).every((name) => name in outputs),
  )
  return isWhole ? 'pushed' : 'mixed'
}

/** The place of the first value that is not finite, such as `y[3]`. */
function findNotFinite(outputs: Record<string, Tensor>): string | undefined {
  for (const [name, { datatype, shape, data }] of Object.entries(outputs)) {
    const at = firstNotFinite(datatype, Buffer.from(data, 'base64'))
    if (at !== undefined) return `${name}${placeText(placeOf(at, shape))}`
  }
  return undefined
}
