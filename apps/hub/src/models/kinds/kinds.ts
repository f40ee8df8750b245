/** The inspectors of the deployable kinds. A kind without one does not compile. */
import type { VersionKind } from '@skerry/contract/kinds/kinds'
import type { VersionDetail } from '@skerry/contract/models/model'
import type { ModelSbom } from '@skerry/contract/models/sbom'
import { fromJson } from '../../store/json-column.ts'
import type { VersionTable } from '../../store/tables/foundation-tables.ts'
import { flowInspector } from './flow/inspect.ts'
import type { CommonDetail, Inspector } from './inspector.ts'
import { modelInspector } from './model/inspect.ts'

const inspectors: { [Kind in VersionKind]: Inspector<Kind> } = { model: modelInspector, flow: flowInspector }

/** The one place on the hub where a kind selects code. */
export function inspectorOf<Kind extends VersionKind>(kind: Kind): Inspector<Kind> {
  return inspectors[kind]
}

type Stored = Pick<VersionTable, 'kind' | 'summary'>

/** The version's page. */
export const detailOf = (common: CommonDetail, row: Stored): VersionDetail =>
  inspectorOf<VersionKind>(row.kind).detail(common, summaryOf(row))

/** The version's bill of materials; undefined where there is none for its kind. */
export const bomOf = (common: CommonDetail, row: Stored, hubVersion: string): ModelSbom | undefined =>
  inspectorOf<VersionKind>(row.kind).sbom?.(common, summaryOf(row), hubVersion)

/** The opset of the default ONNX domain that the version needs; 0 if it needs none. */
export const opsetOf = (row: Stored): number => inspectorOf<VersionKind>(row.kind).opset(summaryOf(row))

/** The summary was stored by the inspector of its kind. */
const summaryOf = ({ summary }: Stored) => fromJson(summary) as never
