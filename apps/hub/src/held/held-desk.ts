/**
 * Held desk: keeps every held document of connected devices up to date, over one stream a connection. Each topic has
 * one subscription a hub, never one a device. Between two messages, a document needs only a few words of memory on the
 * connection.
 */
import type { HibernationEventIterator } from '@orpc/server/hibernation'
import type { HeldMessage, HeldReply, HeldReport } from '@skerry/contract/held/held-document'
import type { SignedMessage } from '@skerry/contract/link/link-message'
import { DeviceId } from '@skerry/contract/values/ids'
import { problem } from '../http/problem.ts'
import { type LevelStream, lookAgain, openStream, type StreamSink } from '../link/level-stream.ts'
import type { LinkConnection } from '../link/link-connection.ts'
import { isStoreUnavailable } from '../store/store-errors.ts'
import { AGAIN_MS, type HeldDocument, type HeldHub } from './held-document.ts'
import { HELD_DOCUMENTS } from './held-documents.ts'
import { createLookLane, type LookLane } from './look-lane.ts'

/** The stream of a connection, and the documents that the device has reported on. */
export type HeldListener = {
  readonly sink: StreamSink<HeldMessage>
  readonly streams: Map<string, HeldStream>
}

type HeldStream = LevelStream & {
  readonly sink: HeldListener['sink']
  readonly connection: LinkConnection
  standing: unknown
  isAgainDue: boolean
}

export type HeldDesk = Disposable & {
  /** From now on the device follows the documents of these names. */
  open(connection: LinkConnection, names: readonly string[]): HibernationEventIterator<SignedMessage<HeldMessage>>
  /** The device reports its state of one document. */
  hear(connection: LinkConnection, report: HeldReport): Promise<HeldReply>
}

type Row = { document: HeldDocument<unknown, unknown>; lane: LookLane<HeldStream> }

/** Checks connections whose documents may have changed. */
export function createHeldDesk(
  hub: HeldHub,
  connections: ReadonlyMap<DeviceId, LinkConnection>,
  documents: readonly HeldDocument<unknown, unknown>[] = HELD_DOCUMENTS,
): HeldDesk {
  const logOnce = createLogOnce(hub, documents.length * 2)
  const logStrange = createLogOnce(hub, STRANGE_NAMES_MAX)
  const rows = new Map(documents.map((document): [string, Row] => [document.kind.name, openRow(hub, document)]))
  const stops = [...rows.values()].flatMap((row) => followChanges(hub, row, connections))
  return {
    open(connection, names) {
      if (connection.observedGeneration === undefined) {
        throw problem('input_invalid', 'send a report first: it proves that the link works')
      }
      for (const name of rows.keys()) if (!names.includes(name)) logOnce('held_unfollowed', name, connection)
      return openStream(connection, 'documents', (sink) => {
        connection.held = { sink, streams: new Map() }
      })
    },
    async hear(connection, { name, held }) {
      const row = rows.get(name)
      if (!row) {
        logStrange('held_unknown', name, connection)
        return { problem: 'unknown' }
      }
      const read = row.document.kind.held.safeParse(held)
      if (!read.success) {
        logOnce('held_unreadable', name, connection)
        return { problem: 'unreadable' }
      }
      await keepNews(hub, row.document, connection, read.data)
      compare(hub, row, connection, read.data)
      return {}
    },
    [Symbol.dispose]() {
      for (const stop of stops) stop()
    },
  }
}

function openRow(hub: HeldHub, document: Row['document']): Row {
  const row: Row = { document, lane: createLookLane((stream) => look(hub, row, stream)) }
  return row
}

function followChanges(hub: HeldHub, row: Row, connections: ReadonlyMap<DeviceId, LinkConnection>): (() => void)[] {
  const { document } = row
  const wake = ({ held }: LinkConnection) => {
    const stream = held?.streams.get(document.kind.name)
    if (stream) row.lane.add(stream)
  }
  const wakeKey = (key: string) => {
    const device = DeviceId.safeParse(key)
    const connection = device.success && connections.get(device.data)
    if (connection) wake(connection)
    if (device.success) return
    for (const one of connections.values()) if (one.organisationId === key) wake(one)
  }
  const wakeAll = () => {
    for (const connection of connections.values()) wake(connection)
  }
  const stop = document.follow?.(hub, wakeAll)
  return [
    ...document.wakes.map((topic) => hub.bus.subscribe(topic, undefined, wakeKey)),
    hub.bus.subscribe('everything.changed', undefined, wakeAll),
    ...(stop ? [stop] : []),
  ]
}

async function keepNews(
  hub: HeldHub,
  { record }: Row['document'],
  place: LinkConnection,
  held: unknown,
): Promise<void> {
  const news = record ? await record.findNews(hub.store.db, place, held) : 'none'
  if (!record || news === 'none') return
  await hub.store.transaction((tx) => record.write(tx, place, held, hub.clock.nowMs()))
  if (news === 'state' || news === 'peers') hub.bus.publish('device.noted', place.deviceId)
  if (news === 'peers') hub.bus.publish('pairs.changed', place.organisationId)
  if (news === 'selection') hub.bus.publish('device.changed', place.deviceId)
}

/**
 * The first report starts the document in this connection. The hub compares a later one with its last message to the
 * device.
 */
function compare(hub: HeldHub, row: Row, connection: LinkConnection, held: unknown): void {
  const { document, lane } = row
  const { sink, streams } = connection.held ?? {}
  if (!sink || !streams) return
  const stream = streams.get(document.kind.name)
  if (!stream) {
    const begun = { sink, connection, standing: held, isLooking: false, isDue: false, isAgainDue: false }
    streams.set(document.kind.name, begun)
    lane.add(begun)
    return
  }
  if (document.revision(held) === document.revision(stream.standing)) return
  stream.standing = held
  lookLater(hub, row, stream, document.againMs)
}

/** Schedules one look, regardless of the number of requests until then. */
function lookLater({ clock, signal }: HeldHub, { lane }: Row, stream: HeldStream, ms: number): void {
  if (stream.isAgainDue) return
  stream.isAgainDue = true
  const again = () => {
    stream.isAgainDue = false
    lane.add(stream)
  }
  if (ms === 0) again()
  else void clock.sleep(ms, signal).then(again, () => undefined)
}

async function look(hub: HeldHub, row: Row, stream: HeldStream): Promise<void> {
  const { connection, sink } = stream
  const { document: held } = row
  const { name } = held.kind
  const isOver = () => connection.held?.streams.get(name) !== stream
  await lookAgain(hub, stream, {
    name: 'documents',
    deviceId: connection.deviceId,
    isOver,
    async look() {
      try {
        const { standing } = stream
        const next = await held.next(hub, connection, standing)
        if (!next || isOver() || !sink.isOpen()) return
        // The device has reported something else meanwhile.
        if (stream.standing !== standing) {
          stream.isDue = true
          return
        }
        stream.standing = next.standing
        sink.send({ name, document: next.document })
      } catch (error) {
        if (hub.signal.aborted || isStoreUnavailable(error)) throw error
        // A missing key comes back by itself, or a person restores it. The other documents continue.
        hub.log.error('held_unsent', { held: name, deviceId: connection.deviceId, error })
        lookLater(hub, row, stream, AGAIN_MS)
      }
    },
    onFailed() {
      connection.held = undefined
    },
  })
}

/** A device may report any name: the hub remembers and logs this many, and no more. */
const STRANGE_NAMES_MAX = 64

/** All devices of one version have the same problem: the hub logs it once, with one of these devices. */
function createLogOnce({ log }: Pick<HeldHub, 'log'>, eventsMax: number) {
  const logged = new Set<string>()
  return (event: string, name: string, { deviceId }: LinkConnection) => {
    if (logged.size >= eventsMax || logged.has(`${event} ${name}`)) return
    logged.add(`${event} ${name}`)
    // The log itself uses the field `name`.
    log.warn(event, { held: name, deviceId })
  }
}
