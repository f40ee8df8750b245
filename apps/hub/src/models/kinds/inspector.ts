/** Inspector: reads and checks the pushed files of one kind, and builds the version's page. */
import type { Golden, GoldenSource } from '@skerry/contract/devices/golden'
import type { DetailValueOf, VersionKind } from '@skerry/contract/kinds/kinds'
import type { ModelFile, ModelVersionDetail, PushRequest, VersionDetail } from '@skerry/contract/models/model'
import type { ModelSbom } from '@skerry/contract/models/sbom'
import type { Permission } from '@skerry/contract/people/permissions'
import type { ReleasePart } from '@skerry/core/systems/stage'
import type { Tx } from '../../store/store.ts'
import type { VersionTable } from '../../store/tables/foundation-tables.ts'
import type { Staged } from '../staging.ts'

/** The content of the version, derived from its files. */
export type Content<Summary> = {
  summary: Summary
  /** The golden file to write beside the pushed files. */
  golden: Golden | undefined
  goldenCases: number
  /** The origin of the expected outputs, if it is not the usual one of the kind. */
  goldenSource?: GoldenSource | undefined
  /** The bytes of other versions that devices get with this one. */
  alsoBytes?: number
}

export type Trial = {
  staged: Staged
  files: readonly ModelFile[]
  request: PushRequest
  /** The memory limit for a trial of the version. */
  memoryBytes: number
}

/** The fields of a version's page that all kinds have. */
export type CommonDetail = Omit<ModelVersionDetail, 'kind' | 'summary'>

export type Inspector<Kind extends VersionKind> = {
  /** The versions of the kind, as words in the middle of a sentence. */
  plural: string
  /** The usual origin of expected outputs. */
  goldenSource: GoldenSource
  /** Throws the contract's problem if the paths cannot be a version of the kind. */
  checkPaths(request: Pick<PushRequest, 'files' | 'golden'>): void
  /** The files that the inspection reads; all if absent. The others stay where the hub stores its blobs. */
  reads?(file: ModelFile): boolean
  /** Throws the contract's problem if the files are no version of the kind. */
  inspect(trial: Trial, signal: AbortSignal): Promise<Content<DetailValueOf<Kind>>>
  /** Stores the references of the version to others, in its transaction. Throws the contract's problem if one is missing. */
  keep?(tx: Tx, row: VersionTable, summary: DetailValueOf<Kind>): Promise<void>
  /** The versions that devices get in place of this one; absent if they get it itself. */
  parts?(summary: DetailValueOf<Kind>): readonly ReleasePart[]
  /** The permissions that a push needs besides the usual one; none if absent. */
  needs?(summary: DetailValueOf<Kind>): readonly Permission[]
  /** The parts of a device that the version gets beside its own files; none if absent. */
  access?(summary: DetailValueOf<Kind>): readonly string[]
  /** The details on the version's page. */
  detail(common: CommonDetail, summary: DetailValueOf<Kind>): VersionDetail
  /** Absent if the kind has no bill of materials. */
  sbom?(common: CommonDetail, summary: DetailValueOf<Kind>, hubVersion: string): ModelSbom
  /** The opset of the default ONNX domain that the version needs; 0 if it needs none. */
  opset(summary: DetailValueOf<Kind>): number
  /** The memory of one copy on a device, if it is more than the files. */
  memoryBytes?(summary: DetailValueOf<Kind>): number
}
