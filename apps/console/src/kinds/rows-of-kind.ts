/** Rows of a kind: its names with the deployments that use them, and their health on the devices. */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import type { VersionKind } from '@skerry/contract/kinds/kinds'
import type { Model } from '@skerry/contract/models/model'
import { modelsOf } from './of-kind.ts'

export type DeployableRow = Model & { deployments: readonly Deployment[]; healthy: number; total: number }

/** Names of other kinds are not among them. */
export function rowsOfKind(
  kind: VersionKind,
  models: readonly Model[],
  deployments: readonly Deployment[],
): DeployableRow[] {
  const byModel = Map.groupBy(deployments, ({ spec }) => spec.deployable)
  return modelsOf(kind, models).map((model) => {
    const asking = byModel.get(model.name) ?? []
    const sum = (of: 'healthy' | 'total') => asking.reduce((all, { devices }) => all + devices[of], 0)
    return { ...model, deployments: asking, healthy: sum('healthy'), total: sum('total') }
  })
}
