/**
 * Held document: the definition of one document that the hub keeps up to date on devices. The mechanism for all of them
 * is held-desk.ts.
 */
import type { HeldKind } from '@skerry/contract/held/held-document'
import type { Topic } from '../bus.ts'
import { findDeviceById } from '../devices/device-store.ts'
import type { Hub } from '../hub.ts'
import type { StreamHub } from '../link/level-stream.ts'
import type { LinkConnection } from '../link/link-connection.ts'
import type { Db, Tx } from '../store/store.ts'

export type HeldHub = StreamHub & Pick<Hub, 'vault' | 'bus' | 'signing' | 'authorities'>

/** The ids of a device, which are enough for a record of its held document. */
export type HeldPlace = Pick<LinkConnection, 'deviceId' | 'organisationId'>

/**
 * `peers`: a new state on which the documents of other devices of the organisation depend. `selection`: a new state that may move
 * the device into or out of selectors.
 */
export type HeldNews = 'none' | 'figures' | 'state' | 'peers' | 'selection'

/** The hub's record of the documents that devices report. */
export type HeldRecord<Held> = {
  /**
   * Compares the report with the record. When a fleet comes back, most reports are known, and the hub writes nothing.
   * Pages that show the device are refreshed only for a new state: figures change all the time.
   */
  findNews(db: Db, place: HeldPlace, held: Held): Promise<HeldNews>
  write(tx: Tx, place: HeldPlace, held: Held, nowMs: number): Promise<void>
}

/**
 * `Standing` is the device's report, or its expected state after the last message. It may include values that the hub
 * must remember until the next look. Each look derives the document from stored state, so a lost message is made again.
 */
export type HeldDocument<Document, Held, Standing extends Held = Held> = {
  readonly kind: HeldKind<Document, Held>
  /**
   * Topics whose events may change the document, keyed by organisation or device. `everything.changed` wakes every
   * document.
   */
  readonly wakes: readonly Topic[]
  /** Calls `wakeAll` at changes that no topic announces. Returns the function to stop. */
  follow?(hub: HeldHub, wakeAll: () => void): () => void
  /** The next message, and the standing after the device has stored it; undefined if the device is up to date. */
  next(
    hub: HeldHub,
    connection: LinkConnection,
    standing: Standing,
  ): Promise<{ document: Document; standing: Standing } | undefined>
  /** The revision of the held document, so that a report can be compared with the last message. */
  revision(held: Held): string | number | undefined
  /** How soon the hub looks again at a device whose report differs from the last message. */
  readonly againMs: number
  /** Absent if no part of the hub needs a record. */
  readonly record?: HeldRecord<Held>
}

/** For a device that could not fetch or write a document, because its disk is full or a download broke off. */
export const AGAIN_MS = 30_000

/**
 * The hub sends nothing new to a device that is pending, in conflict, or revoked. The change of its status wakes it.
 */
export async function findActiveDevice(db: Db, { deviceId }: HeldPlace) {
  const device = await findDeviceById(db, deviceId)
  return device?.status === 'active' ? device : undefined
}
