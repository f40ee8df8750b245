/** The table of an organisation's own roles. */

import type { Permission } from '@skerry/contract/people/permissions'
import type { RoleName } from '@skerry/contract/people/role'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Json } from '../../json-column.ts'

export type RoleTable = {
  organisation_id: OrganisationId
  name: RoleName
  description: string | null
  permissions: Json<Permission[]>
  /** Null where it counts everywhere. */
  scope: string | null
  revision: number
  created_at_ms: number
  changed_at_ms: number
}

export type RoleTables = { roles: RoleTable }
