/** Models of a flow: whether a page can replay it. */
import type { Flow } from '@skerry/contract/flows/flow'
import { calledBy } from '@skerry/contract/flows/flow-step'

/** The models that the flow calls, or whose metadata it needs. A page has no models. */
export function modelsOf({ steps }: Pick<Flow, 'steps'>): string[] {
  const names = steps.flatMap((step) => {
    const called = calledBy(step).map(({ model }) => model)
    const needed = step.kind === 'normalise' || step.kind === 'image' ? step.model : undefined
    return needed === undefined ? called : [...called, needed]
  })
  return [...new Set(names)]
}
