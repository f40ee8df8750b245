/** The tables of lineage: what versions were made from. */

import type { Lineage } from '@skerry/contract/deployments/lineage'
import type { OrganisationId, VersionId } from '@skerry/contract/values/ids'
import type { Json } from '../json-column.ts'

/** Only versions that were pushed with a lineage have a row. */
export type VersionLineageTable = { version_id: VersionId; organisation_id: OrganisationId; lineage: Json<Lineage> }

/** The parents of a version, once more, so that the children of one are found without reading every lineage. */
export type VersionParentTable = {
  version_id: VersionId
  organisation_id: OrganisationId
  model: string
  version: number
  parent_model: string
  parent_version: number
}

export type LineageTables = { version_lineages: VersionLineageTable; version_parents: VersionParentTable }
