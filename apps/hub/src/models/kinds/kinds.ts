/** The inspectors of the deployable kinds. A kind without one does not compile. */
import type { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type { GoldenSource } from '@skerry/contract/devices/golden'
import type { VersionKind } from '@skerry/contract/kinds/kinds'
import type { HostedRuntime } from '@skerry/contract/models/hosted-model'
import type { VersionDetail } from '@skerry/contract/models/model'
import type { ModelSbom } from '@skerry/contract/models/sbom'
import { placedConfigs } from '@skerry/core/deployments/placed-config'
import { rulesOf, runtimeOf } from '@skerry/core/kinds/kinds'
import type { ReleasePart } from '@skerry/core/systems/stage'
import { fromJson } from '../../store/json-column.ts'
import type { VersionTable } from '../../store/tables/foundation-tables.ts'
import { agentInspector } from './agent/inspect.ts'
import { appInspector } from './app/inspect.ts'
import { chatInspector } from './chat/inspect.ts'
import { dataInspector } from './data/inspect.ts'
import { flowInspector } from './flow/inspect.ts'
import { ggufInspector } from './gguf/inspect.ts'
import { hostedInspector } from './hosted/inspect.ts'
import type { CommonDetail, Inspector } from './inspector.ts'
import { modelInspector } from './model/inspect.ts'
import { osInspector } from './os/inspect.ts'
import { servedInspector } from './served/inspect.ts'
import { systemInspector } from './system/inspect.ts'

const inspectors: { [Kind in VersionKind]: Inspector<Kind> } = {
  model: modelInspector,
  flow: flowInspector,
  app: appInspector,
  agent: agentInspector,
  os: osInspector,
  gguf: ggufInspector,
  served: servedInspector,
  chat: chatInspector,
  data: dataInspector,
  system: systemInspector,
  hosted: hostedInspector,
}

/** The only place on the hub that selects code by kind. */
export function inspectorOf<Kind extends VersionKind>(kind: Kind): Inspector<Kind> {
  return inspectors[kind]
}

type Stored = Pick<VersionTable, 'kind' | 'summary'>

/** The details on the version's page. */
export const detailOf = (common: CommonDetail, row: Stored): VersionDetail =>
  inspectorOf<VersionKind>(row.kind).detail(common, summaryOf(row))

/** The version's bill of materials; undefined if its kind has none. */
export const bomOf = (common: CommonDetail, row: Stored, hubVersion: string): ModelSbom | undefined =>
  inspectorOf<VersionKind>(row.kind).sbom?.(common, summaryOf(row), hubVersion)

/** Why a deployment cannot bring the version; undefined if it can. */
export function deploymentProblem(
  row: Stored,
  deployment: Pick<DeploymentSpec, 'strategy' | 'config' | 'configAt'>,
): string | undefined {
  const problemWith = (spec: Pick<DeploymentSpec, 'strategy' | 'config'>) =>
    rulesOf<VersionKind>(row.kind).deploymentProblem(spec, summaryOf(row))
  const problem = problemWith(deployment)
  if (problem !== undefined) return problem
  for (const { place, config } of placedConfigs(deployment)) {
    const found = problemWith({ strategy: deployment.strategy, config })
    if (found !== undefined) return `${place}: ${found}`
  }
  return undefined
}

/** The parts of a device that the version gets beside its own files. */
export const accessIn = (row: Stored): readonly string[] =>
  inspectorOf<VersionKind>(row.kind).access?.(summaryOf(row)) ?? []

/** The opset of the default ONNX domain that the version needs; 0 if it needs none. */
export const opsetOf = (row: Stored): number => inspectorOf<VersionKind>(row.kind).opset(summaryOf(row))

/** The versions that devices get in place of this one; none if they get it itself. */
export const partsIn = (row: Stored): readonly ReleasePart[] =>
  inspectorOf<VersionKind>(row.kind).parts?.(summaryOf(row)) ?? []

/** The app on the device that loads the files of the version; undefined if it needs none. */
export const runtimeIn = (row: Stored): HostedRuntime | undefined => runtimeOf(row.kind, summaryOf(row))

/** The memory that one copy of the version needs; undefined if only the size of its files is known. */
export const versionMemoryBytes = (row: Stored): number | undefined =>
  inspectorOf<VersionKind>(row.kind).memoryBytes?.(summaryOf(row))

/** The origin of the expected outputs of a version that does not state one. */
export const usualGoldenSource = ({ kind }: Pick<VersionTable, 'kind'>): GoldenSource => inspectorOf(kind).goldenSource

/** The inspector of its kind has stored the summary. */
const summaryOf = ({ summary }: Stored) => fromJson(summary) as never
