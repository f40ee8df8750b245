/** Models of a flow: whether a page can replay it. */
import type { Flow } from '@skerry/contract/flows/flow'

/** Which it asks, or goes by what they say of themselves: a page has none. */
export function modelsOf({ steps }: Pick<Flow, 'steps'>): string[] {
  const names = steps.flatMap((step) => {
    if (step.kind === 'model') return [step.model, ...(step.fallback ? [step.fallback.model] : [])]
    return (step.kind === 'normalise' || step.kind === 'image') && step.model !== undefined ? [step.model] : []
  })
  return [...new Set(names)]
}
