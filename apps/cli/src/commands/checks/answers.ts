/** Answers: runs a model on cases in a process of its own, so that a hostile or broken model ends only that. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { base64Of, bytesOfBase64 } from '@skerry/client/base64'
import { GOLDEN_CASES_MAX } from '@skerry/contract/devices/golden'
import type { Tensor } from '@skerry/contract/models/tensor'
import type { GoldenOutputs, GoldenTensor } from '@skerry/core/device/proof/golden'
import { USUAL_TOLERANCE } from '@skerry/core/device/proof/golden'
import { openCandidate } from '@skerry/inference/bench/candidate'
import { runSandboxed } from '@skerry/inference/seat/sandbox'

export type Inputs = Record<string, Tensor>

/** Ten minutes of processor: a check of each change must end while its author waits. */
const LIMITS = { loadMs: 60_000, casesMs: 600_000, memoryBytes: 8 * 1024 ** 3 }

export type Answers = { ok: true; outputs: Record<string, Tensor>[] } | { ok: false; message: string }

/** The outputs of each case. Rejects only when the signal fires. */
export async function answersOf(modelPath: string, cases: readonly Inputs[], signal: AbortSignal): Promise<Answers> {
  return await runSandboxed({ modelPath, cases: cases.map((inputs) => ({ inputs })), limits: LIMITS, signal })
}

/** A turn ends after this time, so that a slow model is noticed. */
const TURN_MS = 5_000

/** Without a limit on the whole, runs of a model that takes seconds would take hours. */
const TURNS_MAX = 100

export type Timed = { ok: true; runsMs: number[] } | { ok: false; message: string }

/** The times of single requests, one after the other, in milliseconds. */
export async function timesOf(
  { modelPath, cases, runs }: { modelPath: string; cases: readonly Inputs[]; runs: number },
  signal: AbortSignal,
): Promise<Timed> {
  const taken = cases.slice(0, GOLDEN_CASES_MAX)
  const answers = await answersOf(modelPath, taken, signal)
  if (!answers.ok) return answers
  const folder = await mkdtemp(join(tmpdir(), 'skerry-test-'))
  try {
    const path = join(folder, 'golden.json')
    const golden = taken.map((inputs, at) => ({ inputs, outputs: answers.outputs[at] ?? {} }))
    await writeFile(path, JSON.stringify({ tolerance: USUAL_TOLERANCE, cases: golden }))
    const order = { source: { modelPath }, golden: { name: 'golden.json', path, seal: undefined } }
    const opened = await openCandidate(order, signal)
    if (!opened.ok) return { ok: false, message: opened.problem.message }
    using candidate = opened.candidate
    const runsMs: number[] = []
    for (let turn = 0; turn < TURNS_MAX && runsMs.length < runs; turn++) {
      const share = Math.ceil(runs / Math.min(candidate.cases, runs))
      const runsMax = Math.min(share, runs - runsMs.length)
      const answer = await candidate.turn({ caseAt: turn % candidate.cases, forMs: TURN_MS, runsMax }, signal)
      if (!answer.ok) return answer
      runsMs.push(...answer.runsMs)
    }
    return { ok: true, runsMs }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Tensors as core compares them. */
export const outputsOf = (tensors: Record<string, Tensor>): GoldenOutputs =>
  new Map(Object.entries(tensors).map(([name, tensor]) => [name, plainTensor(tensor)]))

export const plainTensor = ({ datatype, shape, data }: Tensor): GoldenTensor => ({
  datatype,
  shape,
  data: bytesOfBase64(data),
})

export const wireTensor = ({ datatype, shape, data }: GoldenTensor): Tensor => ({
  datatype,
  shape: [...shape],
  data: base64Of(data),
})
