/** Desired stream: tells a device its newest document. */
import type { HibernationEventIterator } from '@orpc/server/hibernation'
import type { DesiredDocument } from '@skerry/contract/devices/desired'
import type { SignedMessage } from '@skerry/contract/link/link-message'
import type { DeviceId } from '@skerry/contract/values/ids'
import { isRefused } from '@skerry/core/devices/quarantine'
import { findDeviceById } from '../devices/device-store.ts'
import { problem } from '../http/problem.ts'
import { newestDocument } from './issued-store.ts'
import { type LevelStream, lookAgain, openStream, type StreamHub, type StreamSink } from './level-stream.ts'
import type { LinkConnection } from './link-connection.ts'

export type DesiredStream = LevelStream & {
  readonly sink: StreamSink<DesiredDocument>
  /** The generation that the device has, or has been sent. */
  sent: number
}

/** The procedure's answer. */
export function openDesired(
  hub: StreamHub,
  connection: LinkConnection,
): HibernationEventIterator<SignedMessage<DesiredDocument>> {
  const sent = followedGeneration(connection)
  return openStream(connection, 'desired', (sink) => begin(hub, connection, sink, sent))
}

/** Begins a stream in place of the connection's earlier one. Only after a report, so that it is known what the device follows. */
export function followDesired(hub: StreamHub, connection: LinkConnection, sink: StreamSink<DesiredDocument>): void {
  begin(hub, connection, sink, followedGeneration(connection))
}

function begin(hub: StreamHub, connection: LinkConnection, sink: StreamSink<DesiredDocument>, sent: number): void {
  connection.desired = { sink, sent, isLooking: false, isDue: false }
  if (connection.mayDiffer) void offerNewer(hub, connection)
}

function followedGeneration({ observedGeneration }: LinkConnection): number {
  if (observedGeneration !== undefined) return observedGeneration
  throw problem('input_invalid', 'send a report first: the hub must know the current generation of the device')
}

/**
 * The device's intent or status may have changed: it is told, now or when it comes to listen. Should this be missed, the device's next report
 * shows that it is behind.
 */
export function wake(hub: StreamHub, connection: LinkConnection): void {
  connection.mayDiffer = true
  void offerNewer(hub, connection)
}

/** Sends the newest document where it is newer. */
async function offerNewer(hub: StreamHub, connection: LinkConnection): Promise<void> {
  const { desired: stream, deviceId } = connection
  if (!stream) return
  const isOver = () => connection.desired !== stream
  await lookAgain(hub, stream, {
    name: 'desired',
    deviceId,
    isOver,
    async look() {
      const document = await offeredDocument(hub, deviceId, stream.sent)
      if (!document || isOver() || hub.signal.aborted || !stream.sink.isOpen()) return
      stream.sent = document.generation
      stream.sink.send(document)
    },
    onFailed() {
      connection.desired = undefined
    },
  })
}

/** The newest document where it is newer, unless the device is paused: then nothing is offered until a person resumes it. */
async function offeredDocument(hub: StreamHub, deviceId: DeviceId, sent: number): Promise<DesiredDocument | undefined> {
  const device = await findDeviceById(hub.store.db, deviceId)
  if (!device || isRefused(device.status)) throw problem('device_revoked')
  if (device.status !== 'active' || device.generation <= sent) return undefined
  return newestDocument(hub.store.db, deviceId)
}
