/** Trust stream: tells a device whose signatures count, where it goes by something else. */
import type { HibernationEventIterator } from '@orpc/server/hibernation'
import type { DeviceId } from '@skerry/contract/ids'
import type { SignedMessage } from '@skerry/contract/link-message'
import type { HeldTrust, TrustMessage } from '@skerry/contract/trust'
import { signTrust } from '@skerry/platform/trust-signature'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { trustDocument } from '../trust/trust-store.ts'
import { type LevelStream, lookAgain, openStream, type StreamHub, type StreamSink } from './level-stream.ts'
import type { LinkConnection } from './link-connection.ts'

type TrustHub = StreamHub & Pick<Hub, 'signing' | 'bus'>

export type TrustStream = LevelStream & {
  readonly sink: StreamSink<TrustMessage>
  /** The revision that the device has, or has been sent. */
  sent: number
  /** It has been told that it knows what the hub knows. */
  isTold: boolean
}

/** The procedure's answer. */
export function openTrust(
  hub: TrustHub,
  connection: LinkConnection,
  { revision = 0 }: HeldTrust,
): HibernationEventIterator<SignedMessage<TrustMessage>> {
  if (connection.observedGeneration === undefined) {
    throw problem('input_invalid', 'report first, so that the link is known to work')
  }
  return openStream(connection, 'trust', (sink) => {
    connection.trust = { sink, sent: revision, isTold: false, isLooking: false, isDue: false }
    void look(hub, connection)
  })
}

/** Looks at connections when keys or rules have changed. */
export function followTrustChanges(hub: TrustHub, connections: ReadonlyMap<DeviceId, LinkConnection>): Disposable {
  const wake = (which: (connection: LinkConnection) => boolean) => {
    for (const connection of connections.values()) if (which(connection)) void look(hub, connection)
  }
  const stops = [
    hub.bus.subscribe('trust.changed', undefined, (key) => wake(({ organisationId }) => organisationId === key)),
    hub.bus.subscribe('everything.changed', undefined, () => wake(() => true)),
  ]
  return {
    [Symbol.dispose]() {
      for (const stop of stops) stop()
    },
  }
}

async function look(hub: TrustHub, connection: LinkConnection): Promise<void> {
  const { trust: stream, deviceId, organisationId } = connection
  if (!stream) return
  const isOver = () => connection.trust !== stream
  await lookAgain(hub, stream, {
    ...{ name: 'trust', deviceId, isOver },
    async look() {
      const document = await trustDocument(hub.store.db, { organisationId, first: hub.signing })
      const isNews = document !== undefined && document.revision !== stream.sent
      if (isOver() || !stream.sink.isOpen() || (stream.isTold && !isNews)) return
      stream.isTold = true
      if (document) stream.sent = document.revision
      stream.sink.send(isNews ? { envelope: signTrust(document, hub.signing) } : {})
    },
    onFailed() {
      connection.trust = undefined
    },
  })
}
