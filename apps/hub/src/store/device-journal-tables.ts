/** The table of migration 0036: what the hub has of the journals of devices. */
import type { Digest } from '@skerry/contract/digest'
import type { DeviceId } from '@skerry/contract/ids'

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
