/** Models of a flow: whether a page can replay it. */
import type { Flow } from '@skerry/contract/flows/flow'

/** The models that the flow calls, or whose metadata it needs. A page has no models. */
export function modelsOf({ steps }: Pick<Flow, 'steps'>): string[] {
  const names = steps.flatMap((step) => {
    if (step.kind === 'model') return [step.model, ...(step.fallback ? [step.fallback.model] : [])]
    if (step.kind === 'ask') return [step.model]
    return (step.kind === 'normalise' || step.kind === 'image') && step.model !== undefined ? [step.model] : []
  })
  return [...new Set(names)]
}
