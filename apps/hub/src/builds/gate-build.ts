/**
 * The gate: runs the golden inputs on a build, and compares its answers with those of the version. Rows with labels run
 * on both, and their answers are compared with the labels.
 */
import type { OutputFidelity } from '@skerry/contract/builds/build'
import type { Tensor } from '@skerry/contract/models/tensor'
import { judgeFidelity, judgeSize, measureFidelity } from '@skerry/core/builds/fidelity'
import { gateCases } from '@skerry/core/builds/optimisation'
import { withTasks } from '@skerry/core/builds/task-fidelity'
import { runSandboxed } from '@skerry/inference/seat/sandbox'
import type { Hub } from '../hub.ts'
import { compareLabels, outputsOf, TRIAL_LIMITS } from './compare-labels.ts'
import type { RecipeTrial } from './try-recipe.ts'

/** The answers to all golden inputs, and their fidelity on those of the gate. */
export type Passed = { outputs: Record<string, Tensor>[]; fidelity: OutputFidelity[] }

/** Without a fidelity if there were no answers to measure. */
export type Missed = { message: string; fidelity?: OutputFidelity[] }

/** Runs all golden inputs, which give the reference of the devices, and compares those of the gate. */
export async function gateBuild(
  hub: Hub,
  { recipe, golden, goal, calibrating, staged }: RecipeTrial,
  { outPath, sizeBytes }: { outPath: string; sizeBytes: number },
  signal: AbortSignal,
): Promise<Passed | Missed> {
  const size = judgeSize(sizeBytes, goal)
  if (!size.ok) return size
  const cases = golden.cases.map(({ inputs }) => ({ inputs }))
  const limits = { ...TRIAL_LIMITS, memoryBytes: hub.trialBytes }
  const ran = await runSandboxed({ modelPath: outPath, cases, limits, signal })
  if (!ran.ok) return { message: ran.message }
  const near = compare({ recipe, golden, calibrating, outputs: ran.outputs })
  if (!near.ok) return near
  const rows = calibrating.labelled?.rows ?? []
  const forms = { ...staged, outPath, memoryBytes: hub.trialBytes, monotonicMs: () => hub.clock.monotonicMs() }
  const right = await compareLabels(rows, forms, signal)
  if (!right.ok) return right
  const fidelity = withTasks(near.fidelity, right.tally)
  const verdict = judgeFidelity(fidelity, goal)
  return verdict.ok ? { outputs: ran.outputs, fidelity } : { message: verdict.message, fidelity }
}

type Compared = Pick<RecipeTrial, 'recipe' | 'golden' | 'calibrating'> & { outputs: readonly Record<string, Tensor>[] }

function compare({ recipe, golden, calibrating, outputs }: Compared) {
  const compared = gateCases(recipe, golden.cases.length, calibrating.calibration.origin !== 'golden')
  return measureFidelity({
    version: compared.map((index) => outputsOf(golden.cases[index]?.outputs ?? {})),
    build: compared.map((index) => outputsOf(outputs[index] ?? {})),
  })
}
