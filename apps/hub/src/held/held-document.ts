/** Held document: what the hub knows of one document that it keeps devices in step with. The mechanism around all of them is held-desk.ts. */
import type { HeldKind } from '@skerry/contract/held/held-document'
import type { Topic } from '../bus.ts'
import { findDeviceById } from '../devices/device-store.ts'
import type { Hub } from '../hub.ts'
import type { StreamHub } from '../link/level-stream.ts'
import type { LinkConnection } from '../link/link-connection.ts'
import type { Db, Tx } from '../store/store.ts'

export type HeldHub = StreamHub & Pick<Hub, 'vault' | 'bus' | 'signing' | 'authorities'>

/** A device by its ids: all that a record of what it holds needs. */
export type HeldPlace = Pick<LinkConnection, 'deviceId' | 'organisationId'>

/** How the hub stores what devices report that they hold. */
export type HeldRecord<Held> = {
  /** Whether the report differs from the record. A fleet that comes back reports what is known, and nothing is written. */
  isNews(db: Db, place: HeldPlace, held: Held): Promise<boolean>
  write(tx: Tx, place: HeldPlace, held: Held, nowMs: number): Promise<void>
}

/**
 * `Standing` is what the device reported, or will hold once it has taken what it was sent; it may carry what the hub itself must know until the next look.
 * A document is derived from stored state at each look: a lost message is made again.
 */
export type HeldDocument<Document, Held, Standing extends Held = Held> = {
  readonly kind: HeldKind<Document, Held>
  /** Topics whose events may change the document, keyed by organisation or device. `everything.changed` wakes every document. */
  readonly wakes: readonly Topic[]
  /** Calls `wakeAll` at changes that no topic announces. Gives the way to stop. */
  follow?(hub: HeldHub, wakeAll: () => void): () => void
  /** The next message, and the standing once the device has taken it; undefined if the device holds what it should. */
  next(
    hub: HeldHub,
    connection: LinkConnection,
    standing: Standing,
  ): Promise<{ document: Document; standing: Standing } | undefined>
  /** Names what is held, so that a report can be compared with what was sent. */
  revision(held: Held): string | number | undefined
  /** How soon a device that reports anything else than what it was sent is looked at again. */
  readonly againMs: number
  /** Absent if nobody needs a record. */
  readonly record?: HeldRecord<Held>
}

/** A device that could not fetch or write a document: its disk may be full, or a download was cut. */
export const AGAIN_MS = 30_000

/** Nothing new goes to a device that waits for approval, is in conflict, or is revoked; its change of status wakes it. */
export async function findActiveDevice(db: Db, { deviceId }: HeldPlace) {
  const device = await findDeviceById(db, deviceId)
  return device?.status === 'active' ? device : undefined
}
