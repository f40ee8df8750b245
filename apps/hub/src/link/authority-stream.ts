/** Authority stream: tells a device by whom the hub may show itself, and when it is to renew its certificate because another authority signs now. */
import type { HibernationEventIterator } from '@orpc/server/hibernation'
import type { AuthoritiesMessage, HeldAuthorities } from '@skerry/contract/authority'
import type { DeviceId } from '@skerry/contract/ids'
import type { SignedMessage } from '@skerry/contract/link-message'
import { FIRST, noteShown } from '../authorities/authority-store.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { type LevelStream, lookAgain, openStream, type StreamHub, type StreamSink } from './level-stream.ts'
import type { LinkConnection } from './link-connection.ts'

type AuthorityHub = StreamHub & Pick<Hub, 'authorities'>

export type AuthorityStream = LevelStream & {
  readonly sink: StreamSink<AuthoritiesMessage>
  /** What the device said that it has: that is on its disk. */
  readonly held: string | undefined
  /** What it was told last. */
  told: string
}

/** The procedure's answer. */
export function openAuthorities(
  hub: AuthorityHub,
  connection: LinkConnection,
  { held }: HeldAuthorities,
): HibernationEventIterator<SignedMessage<AuthoritiesMessage>> {
  if (connection.observedGeneration === undefined) {
    throw problem('input_invalid', 'report first, so that the link is known to work')
  }
  return openStream(connection, 'authorities', (sink) => {
    connection.authorities = { sink, held, told: '', isLooking: false, isDue: false }
    void look(hub, connection)
  })
}

/** Looks at connections when others count. */
export function followAuthorities(hub: AuthorityHub, connections: ReadonlyMap<DeviceId, LinkConnection>): Disposable {
  const stop = hub.authorities.onChange(() => {
    for (const connection of connections.values()) void look(hub, connection)
  })
  return { [Symbol.dispose]: stop }
}

async function look(hub: AuthorityHub, connection: LinkConnection): Promise<void> {
  const { authorities: stream, deviceId } = connection
  if (!stream) return
  const isOver = () => connection.authorities !== stream
  await lookAgain(hub, stream, {
    ...{ name: 'authorities', deviceId, isOver },
    async look() {
      await noteIfNews(hub, connection, stream)
      const message = messageFor(hub, connection, stream)
      const told = JSON.stringify(message)
      if (isOver() || !stream.sink.isOpen() || told === stream.told) return
      stream.told = told
      if (message.roots !== undefined || message.renewWithinMs !== undefined) stream.sink.send(message)
    },
    onFailed() {
      connection.authorities = undefined
    },
  })
}

function messageFor(
  { authorities }: AuthorityHub,
  { issuer }: LinkConnection,
  { held }: AuthorityStream,
): AuthoritiesMessage {
  const { id, renewWithinMs } = authorities.active()
  return {
    active: id,
    ...(held !== authorities.rootsMark() && { roots: authorities.roots() }),
    ...(issuer !== id && { renewWithinMs }),
  }
}

/** It shows a certificate, and what it trusts is on its disk: whoever retires others need not wait for it any more. */
async function noteIfNews(hub: AuthorityHub, connection: LinkConnection, stream: AuthorityStream): Promise<void> {
  const { issuer, deviceId } = connection
  if (issuer === undefined || stream.held !== hub.authorities.rootsMark()) return
  if ((connection.shown ?? FIRST) === issuer) return
  await hub.store.transaction((tx) => noteShown(tx, deviceId, issuer))
  connection.shown = issuer
}
