/** Inspector: how the hub finds out what a pushed set of files of one kind is, and shows it. */
import type { Golden } from '@skerry/contract/devices/golden'
import type { DetailValueOf, VersionKind } from '@skerry/contract/kinds/kinds'
import type { ModelFile, ModelVersionDetail, PushRequest, VersionDetail } from '@skerry/contract/models/model'
import type { ModelSbom } from '@skerry/contract/models/sbom'
import type { Staged } from '../staging.ts'

/** What the version's files say, found out from them. */
export type Content<Summary> = {
  summary: Summary
  /** To be written beside the pushed files. */
  golden: Golden | undefined
  goldenCases: number
}

export type Trial = {
  staged: Staged
  files: readonly ModelFile[]
  request: PushRequest
  /** So much memory may a trial of the version take. */
  memoryBytes: number
}

/** The fields of a version's page that all kinds have. */
export type CommonDetail = Omit<ModelVersionDetail, 'kind' | 'summary'>

export type Inspector<Kind extends VersionKind> = {
  /** Versions of the kind, in the middle of a sentence. */
  plural: string
  /** Throws the contract's problem if the paths cannot be a version of the kind. */
  checkPaths(request: Pick<PushRequest, 'files' | 'golden'>): void
  /** Throws the contract's problem if the files are no version of the kind. */
  inspect(trial: Trial, signal: AbortSignal): Promise<Content<DetailValueOf<Kind>>>
  /** The version's page. */
  detail(common: CommonDetail, summary: DetailValueOf<Kind>): VersionDetail
  /** Absent where there is no bill of materials for the kind. */
  sbom?(common: CommonDetail, summary: DetailValueOf<Kind>, hubVersion: string): ModelSbom
  /** The opset of the default ONNX domain that the version needs; 0 if it needs none. */
  opset(summary: DetailValueOf<Kind>): number
}
