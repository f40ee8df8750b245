/** Runs golden cases one after the other, as every request runs. Comparing the answers is core's business. */
import type { GoldenInputCase } from '@skerry/contract/devices/golden'
import type { Tensor } from '@skerry/contract/models/tensor'
import type { Signature } from '../seat/session.ts'
import { type FittedRequest, fitRequest } from './infer-request.ts'
import type { SlotResult } from './job.ts'
import { fromContract, toContract } from './raw-tensor.ts'

export type GoldenRun =
  | { ok: true; outputs: Record<string, Tensor>[] }
  | { ok: false; code: 'golden_invalid' | 'golden_failed'; message: string }

/** Gives the outputs of each case, or the case that the model could not answer, with the reason. */
export async function runGolden(
  signature: Signature,
  run: (request: FittedRequest) => Promise<SlotResult>,
  cases: readonly GoldenInputCase[],
): Promise<GoldenRun> {
  const outputs: Record<string, Tensor>[] = []
  for (const [at, { inputs }] of cases.entries()) {
    const request = fitRequest(signature, {
      inputs: Object.entries(inputs).map(([name, it]) => fromContract(name, it)),
    })
    if (!request.ok)
      return {
        ok: false,
        code: 'golden_invalid',
        message: `golden case ${at + 1} of ${cases.length}: ${request.message}`,
      }
    const result = await run(request)
    if (!result.ok)
      return {
        ok: false,
        code: 'golden_failed',
        message: `golden case ${at + 1} of ${cases.length}: ${result.message}`,
      }
    outputs.push(Object.fromEntries(result.outputs.map((tensor) => [tensor.name, toContract(tensor)])))
  }
  return { ok: true, outputs }
}
