/** The table of model feeds. */
import type { ModelFeed, ModelFeedSpec } from '@skerry/contract/model-feeds/model-feed'
import type { ModelFeedId, OrganisationId } from '@skerry/contract/values/ids'
import type { Json } from '../../json-column.ts'

export type ModelFeedTable = {
  id: ModelFeedId
  organisation_id: OrganisationId
  name: string
  spec: Json<ModelFeedSpec>
  /** The token, encrypted; null without one. */
  sealed: string | null
  paused: Json<NonNullable<ModelFeed['paused']>> | null
  imported: Json<NonNullable<ModelFeed['imported']>> | null
  problem: Json<NonNullable<ModelFeed['problem']>> | null
  checked_at_ms: number | null
  next_at_ms: number
  created_at_ms: number
  changed_at_ms: number
  changed_by: string
}

export type ModelFeedTables = { model_feeds: ModelFeedTable }
