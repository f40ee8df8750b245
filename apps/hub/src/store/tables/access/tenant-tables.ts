/** The table of what each organisation uses, as Kysely sees it. */
import type { OrganisationId } from '@skerry/contract/values/ids'

/** Kept by the database itself: rows of `devices` and bytes of `blobs`. Its row comes with the organisation. */
export type OrganisationUseTable = { organisation_id: OrganisationId; devices: number; storage_bytes: number }

export type TenantTables = { organisation_use: OrganisationUseTable }
