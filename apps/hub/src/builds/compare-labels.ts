/** Compare labels: runs rows with labels on a version and on its build, and counts how right both are. */
import type { CalibrationRow } from '@skerry/contract/builds/calibration'
import type { Tensor } from '@skerry/contract/models/tensor'
import { addLabelledRow, type TaskTally } from '@skerry/core/builds/task-fidelity'
import type { GoldenOutputs } from '@skerry/core/device/proof/golden'
import { runSandboxed } from '@skerry/inference/seat/sandbox'

/** As for a pushed model. */
export const TRIAL_LIMITS = { loadMs: 30_000, casesMs: 60_000 }

/** As many as a version has golden cases: the limits of time and memory are those of one run of them. */
const ROWS_A_RUN = 32

export type Counted = { ok: true; tally: TaskTally } | { ok: false; message: string }

/** Until the last run of the version and of the build begins. */
const LABELS_MS = 120_000

/** With the last run. */
export const LABELS_MAX_MS = LABELS_MS + 2 * (TRIAL_LIMITS.loadMs + TRIAL_LIMITS.casesMs)

type Forms = { modelPath: string; outPath: string; memoryBytes: number; monotonicMs(): number }

/** The hub holds the answers to a few rows at a time. Rejects only when the signal fires. */
export async function compareLabels(
  rows: readonly CalibrationRow[],
  { modelPath, outPath, memoryBytes, monotonicMs }: Forms,
  signal: AbortSignal,
): Promise<Counted> {
  const tally: TaskTally = new Map()
  const limits = { ...TRIAL_LIMITS, memoryBytes }
  const endMs = monotonicMs() + LABELS_MS
  for (let first = 0; first < rows.length; first += ROWS_A_RUN) {
    if (monotonicMs() > endMs) return { ok: false, message: tooSlow(first, rows.length) }
    const part = rows.slice(first, first + ROWS_A_RUN)
    const cases = part.map(({ inputs }) => ({ inputs }))
    const version = await runSandboxed({ modelPath, cases, limits, signal })
    if (!version.ok) return { ok: false, message: `the version cannot answer the rows with labels: ${version.message}` }
    const build = await runSandboxed({ modelPath: outPath, cases, limits, signal })
    if (!build.ok) return { ok: false, message: `the build cannot answer the rows with labels: ${build.message}` }
    for (const [at, { labels = {} }] of part.entries()) {
      const answers = { version: outputsOf(version.outputs[at]), build: outputsOf(build.outputs[at]) }
      const problem = addLabelledRow(tally, { labels: outputsOf(labels), ...answers })
      if (problem !== undefined) return { ok: false, message: `labelled row ${first + at + 1}: ${problem}` }
    }
  }
  return { ok: true, tally }
}

const tooSlow = (done: number, all: number) =>
  `the rows with labels took longer than ${LABELS_MS / 1_000} s, and ${done} of ${all} are compared; give fewer of them`

/** The tensors with their bytes. */
export const outputsOf = (outputs: Readonly<Record<string, Tensor>> = {}): GoldenOutputs =>
  new Map(
    Object.entries(outputs).map(([name, { datatype, shape, data }]) => [
      name,
      { datatype, shape, data: Buffer.from(data, 'base64') },
    ]),
  )
