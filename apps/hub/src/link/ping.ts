/** Ping: finds devices that are gone without a word. */
import { CLOSE, type LinkConnection } from './link-connection.ts'

/** Mobile networks forget silent connections after a minute or more. */
export const PING_MS = 30_000

/** Pings everybody; whoever has not answered the ping before is cut off, and whoever may not go on is told so. */
export function pingAll(connections: Iterable<LinkConnection>): void {
  for (const connection of connections) {
    const { socket } = connection
    if (!connection.isAlive) {
      // [RFC 6455 5.5.2] No pong to the last ping: the other end is gone, and a close would wait for it.
      socket.terminate()
      continue
    }
    if (connection.refusal) socket.close(CLOSE.refused, connection.refusal.code)
    connection.isAlive = false
    socket.ping()
  }
}
