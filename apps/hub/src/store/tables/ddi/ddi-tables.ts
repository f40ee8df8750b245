/** The table of devices that speak DDI. */

import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { DdiRecord } from '@skerry/core/ddi/ddi-record'
import type { Json } from '../../json-column.ts'

export type DdiDeviceTable = {
  device_id: DeviceId
  organisation_id: OrganisationId
  /** The name of the device in the paths of the protocol. */
  controller_id: string
  /** SHA-256 of the target token, hex. */
  token_hash: string
  must_confirm: 0 | 1
  record: Json<DdiRecord>
}

export type DdiTables = { ddi_devices: DdiDeviceTable }
