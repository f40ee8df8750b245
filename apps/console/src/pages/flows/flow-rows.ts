/** Flow rows: each flow with the deployments that ask for it, and how it fares on their devices. */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import type { Model } from '@skerry/contract/models/model'
import { modelsOf } from '../../kinds/of-kind.ts'

export type FlowRow = Model & { deployments: readonly Deployment[]; healthy: number; total: number }

/** Models are not among them. */
export function flowRows(models: readonly Model[], deployments: readonly Deployment[]): FlowRow[] {
  const byModel = Map.groupBy(deployments, ({ spec }) => spec.model)
  return modelsOf('flow', models).map((model) => {
    const asking = byModel.get(model.name) ?? []
    const sum = (of: 'healthy' | 'total') => asking.reduce((all, { devices }) => all + devices[of], 0)
    return { ...model, deployments: asking, healthy: sum('healthy'), total: sum('total') }
  })
}
