/** Flow rows: each flow with the deployments that use it, and its health on their devices. */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import type { Model } from '@skerry/contract/models/model'
import { type DeployableRow, rowsOfKind } from '../../kinds/rows-of-kind.ts'

export type FlowRow = DeployableRow

/** Models are not among them. */
export const flowRows = (models: readonly Model[], deployments: readonly Deployment[]): FlowRow[] =>
  rowsOfKind('flow', models, deployments)
