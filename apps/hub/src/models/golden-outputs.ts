/** Golden outputs: what the hub's own runtime answers to the golden inputs, in a process of its own and under limits. */

import { Golden, type GoldenInputs } from '@skerry/contract/devices/golden'
import type { ErrorCode } from '@skerry/contract/errors/errors'
import type { Tensor } from '@skerry/contract/models/tensor'
import { USUAL_TOLERANCE } from '@skerry/core/device/proof/golden'
import { runSandboxed, type SandboxResult } from '@skerry/inference/seat/sandbox'
import { firstNotFinite } from './finite.ts'

/** A disk of 100 MB/s gives the 2 GB that a model may take in memory in 20 s; a small file that takes longer is a trap. */
const LOAD_MS = 30_000

/** Devices have a minute for an activation too. */
const CASES_MS = 30_000

export type GoldenTrial = {
  modelPath: string
  inputs: GoldenInputs | undefined
  /** Of the process that tries the model. */
  memoryBytes: number
}

export type GoldenResult = { ok: true; golden: Golden | undefined } | { ok: false; code: ErrorCode; message: string }

/** Loads the model, and runs the cases where there are some. Rejects only when the signal fires. */
export async function runGoldenInputs(
  { modelPath, inputs, memoryBytes }: GoldenTrial,
  signal: AbortSignal,
): Promise<GoldenResult> {
  const cases = inputs?.cases ?? []
  const limits = { loadMs: LOAD_MS, casesMs: CASES_MS, memoryBytes }
  const ran = await runSandboxed({ modelPath, cases, limits, signal })
  if (!ran.ok) return { ...ran, code: codeOf(ran) }
  if (!inputs) return { ok: true, golden: undefined }
  for (const [index, outputs] of ran.outputs.entries()) {
    const found = findNotFinite(outputs)
    if (found) return { ok: false, code: 'golden_not_finite', message: `golden case ${index + 1}: ${found}` }
  }
  const golden = Golden.safeParse({
    tolerance: inputs.tolerance ?? USUAL_TOLERANCE,
    cases: inputs.cases.map((each, index) => ({ inputs: each.inputs, outputs: ran.outputs[index] })),
  })
  if (golden.success) return { ok: true, golden: golden.data }
  const why = golden.error.issues[0]?.message ?? 'the outputs do not fit'
  return { ok: false, code: 'golden_invalid', message: why }
}

/** A case that fails while it runs is a case that does not fit the model. */
const codeOf = ({ code }: Extract<SandboxResult, { ok: false }>): ErrorCode =>
  code === 'golden_failed' ? 'golden_invalid' : code

function findNotFinite(outputs: Record<string, Tensor>): string | undefined {
  for (const [name, tensor] of Object.entries(outputs)) {
    const at = firstNotFinite(tensor)
    if (at !== undefined)
      return `output ${name}[${at}] is NaN or infinite; push a model that returns finite numbers, or other inputs`
  }
  return undefined
}
