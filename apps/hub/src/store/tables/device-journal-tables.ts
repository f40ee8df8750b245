/** The table of journals of devices: how far the hub has each. */
import type { Digest } from '@skerry/contract/values/digest'
import type { DeviceId } from '@skerry/contract/values/ids'

export type DeviceJournalTable = {
  device_id: DeviceId
  journal: string
  sequence: number
  hash: Digest
  /** How much came in this hour. */
  hour_began_ms: number
  hour_count: number
}

export type DeviceJournalTables = { device_journals: DeviceJournalTable }
