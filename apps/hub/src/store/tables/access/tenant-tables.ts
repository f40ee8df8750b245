/** The table of each organisation's use, as Kysely sees it. */
import type { OrganisationId } from '@skerry/contract/values/ids'

/**
 * Triggers of the database update it: rows of `devices` and bytes of `blobs`. Its row is created with the organisation.
 */
export type OrganisationUseTable = { organisation_id: OrganisationId; devices: number; storage_bytes: number }

export type TenantTables = { organisation_use: OrganisationUseTable }
