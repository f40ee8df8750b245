/** The table of groups of devices. */
import type { GroupSpec } from '@skerry/contract/groups/group'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Json } from '../json-column.ts'

export type DeviceGroupTable = {
  organisation_id: OrganisationId
  name: string
  spec: Json<GroupSpec>
  revision: number
  created_at_ms: number
  changed_at_ms: number
  changed_by: string
}

export type GroupTables = { device_groups: DeviceGroupTable }
