/** The table of Git sources. */
import type { GitChange, GitCommit, GitSource, GitSourceSpec } from '@skerry/contract/git-sources/git-source'
import type { GitSourceId, KeyId, OrganisationId } from '@skerry/contract/values/ids'
import type { Json } from '../../json-column.ts'

/** The outcome of the last synchronisation. */
export type GitResult = {
  state: GitSource['state']
  head?: GitCommit | undefined
  documents?: number | undefined
  differing: number
  changes: GitChange[]
  /** The documents of the newest readable commit, as `Site oslo`. */
  names: string[]
  kept: string[]
  problem?: GitSource['problem']
}

export type GitSourceTable = {
  id: GitSourceId
  organisation_id: OrganisationId
  name: string
  spec: Json<GitSourceSpec>
  key_id: KeyId
  /** The text of the key, the token and the secret of the webhook, encrypted together. */
  sealed: string
  has_token: 0 | 1
  has_webhook: 0 | 1
  paused: Json<NonNullable<GitSource['paused']>> | null
  /** A commit whose effects a person has accepted. */
  accepted: string | null
  applied: Json<NonNullable<GitSource['applied']>> | null
  result: Json<GitResult> | null
  checked_at_ms: number | null
  next_at_ms: number
  created_at_ms: number
  changed_at_ms: number
  changed_by: string
}

export type GitSourceTables = { git_sources: GitSourceTable }
