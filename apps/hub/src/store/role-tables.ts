/** The table of an organisation's custom roles. */
import type { OrganisationId } from '@skerry/contract/ids'
import type { Permission } from '@skerry/contract/permissions'
import type { RoleName } from '@skerry/contract/role'
import type { Json } from './json-column.ts'

export type RoleTable = {
  organisation_id: OrganisationId
  name: RoleName
  description: string | null
  permissions: Json<Permission[]>
  /** Null if it counts everywhere. */
  scope: string | null
  revision: number
  created_at_ms: number
  changed_at_ms: number
}

export type RoleTables = { roles: RoleTable }
