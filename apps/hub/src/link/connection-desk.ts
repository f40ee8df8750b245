/**
 * Connection desk: tells connected devices which sources and sinks they should have, and keeps what they say of those. A document names digests only, so
 * it is small; it is sent again at each change, and to whoever could not take it.
 */
import type { HibernationEventIterator } from '@orpc/server/hibernation'
import type { ConnectionsDocument, HeldConnections, HubQueueStatus } from '@skerry/contract/connection'
import type { DeviceId } from '@skerry/contract/ids'
import type { SignedMessage } from '@skerry/contract/link-message'
import { keepHeld, newConnections, saidOf } from '../connections/device-connections.ts'
import { findDeviceById } from '../devices/device-store.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { type LevelStream, lookAgain, openStream, type StreamHub, type StreamSink } from './level-stream.ts'
import type { LinkConnection } from './link-connection.ts'

type DeskHub = StreamHub & Pick<Hub, 'bus'>

/** A device that could not fetch or keep what it should have is told again. */
const AGAIN_MS = 30_000

/** What a device listens with. */
export type ConnectionStream = LevelStream & {
  readonly sink: StreamSink<ConnectionsDocument>
  /** The revision that the device has, or has been sent. */
  held: string | undefined
}

/** The procedure's answer: the device says what it holds, and listens from now on. */
export async function openConnections(
  hub: DeskHub,
  connection: LinkConnection,
  said: HeldConnections,
): Promise<HibernationEventIterator<SignedMessage<ConnectionsDocument>>> {
  if (connection.observedGeneration === undefined) {
    throw problem('input_invalid', 'report first, so that the link is known to work')
  }
  await keepIfNew(hub, connection, said)
  return openStream(connection, 'connections', (sink) => {
    connection.connections = { sink, held: said.revision, isLooking: false, isDue: false }
    void look(hub, connection)
  })
}

/** The device says what it holds now, and how that does. */
export async function hearConnections(hub: DeskHub, connection: LinkConnection, said: HeldConnections): Promise<void> {
  await keepIfNew(hub, connection, said)
  const stream = connection.connections
  if (!stream || stream.held === said.revision) return
  // Its disk may be full, or a download was cut: it is sent again what it could not take.
  stream.held = said.revision
  const lookLater = () => look(hub, connection)
  void hub.clock.sleep(AGAIN_MS, hub.signal).then(lookLater, () => undefined)
}

/** Looks at devices when something about their connections may have changed. */
export function followConnectionChanges(hub: DeskHub, connections: ReadonlyMap<DeviceId, LinkConnection>): Disposable {
  const wake = (which: (connection: LinkConnection) => boolean) => {
    for (const connection of connections.values()) if (which(connection)) void look(hub, connection)
  }
  const stops = [
    hub.bus.subscribe('connections.changed', undefined, (key) => wake(({ organisationId }) => organisationId === key)),
    hub.bus.subscribe('device.changed', undefined, (key) => {
      const connection = connections.get(key as DeviceId)
      if (connection) void look(hub, connection)
    }),
    hub.bus.subscribe('everything.changed', undefined, () => wake(() => true)),
  ]
  return {
    [Symbol.dispose]() {
      for (const stop of stops) stop()
    },
  }
}

/** Nothing new goes to a device that waits for approval, is in conflict, or is revoked; its change of status wakes it. */
async function look(hub: DeskHub, connection: LinkConnection): Promise<void> {
  const { connections: stream, deviceId } = connection
  if (!stream) return
  await lookAgain(hub, stream, {
    ...{ name: 'connections', deviceId, isOver: () => connection.connections !== stream },
    async look() {
      const device = await findDeviceById(hub.store.db, deviceId)
      if (device?.status !== 'active') return
      const document = await newConnections(hub.store.db, device, stream.held)
      if (!document || !stream.sink.isOpen() || connection.connections !== stream) return
      stream.held = document.revision
      stream.sink.send(document)
    },
    onFailed() {
      connection.connections = undefined
    },
  })
}

/** A fleet that comes back says what is known: nothing is written then. */
async function keepIfNew(
  hub: DeskHub,
  { deviceId, organisationId }: LinkConnection,
  said: HeldConnections,
): Promise<void> {
  const known = await saidOf(hub.store.db, deviceId)
  if (!known && said.revision === undefined && said.running.length === 0 && !said.hubQueue) return
  const isSame = known && (known.revision ?? undefined) === said.revision
  if (isSame && textOf(known) === textOf(said)) return
  const device = { id: deviceId, organisation_id: organisationId }
  await hub.store.transaction((tx) => keepHeld(tx, device, said, hub.clock.nowMs()))
}

const textOf = ({ running, hubQueue }: Pick<HeldConnections, 'running'> & { hubQueue?: HubQueueStatus | undefined }) =>
  JSON.stringify([running, hubQueue])
