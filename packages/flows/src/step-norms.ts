/** Step norms: for each step that normalises as a model says, what that model says. */
import type { Flow } from '@skerry/contract/flow'
import type { Norms } from '@skerry/core/flow/norms'

export type StepNorms = { ok: true; norms: Map<string, Norms> } | { ok: false; code: 'norms_missing'; message: string }

export function normsOfSteps({ steps }: Flow, normsOf: (model: string) => Norms | undefined): StepNorms {
  const norms = new Map<string, Norms>()
  for (const step of steps) {
    if ((step.kind !== 'normalise' && step.kind !== 'image') || step.model === undefined) continue
    const found = normsOf(step.model)
    if (!found) {
      const message = `step ${step.name}: ${step.model} is not here, or its metadata has no skerry.mean and skerry.std`
      return { ok: false, code: 'norms_missing', message }
    }
    norms.set(step.name, found)
  }
  return { ok: true, norms }
}
