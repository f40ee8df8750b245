/** Ping: finds devices that have disconnected without a close. */
import { CLOSE, type LinkConnection } from './link-connection.ts'

/** Mobile networks drop silent connections after a minute or more. */
export const PING_MS = 30_000

/**
 * Pings all devices. It cuts off a device that has not answered the ping before, and rejects a device that may not
 * continue.
 */
export function pingAll(connections: Iterable<LinkConnection>, nowMs: number): void {
  for (const connection of connections) {
    const { socket } = connection
    if (!connection.isAlive) {
      // [RFC 6455 5.5.2] No pong to the last ping: the other end is gone, and a close would wait for it.
      socket.terminate()
      continue
    }
    if (connection.refusal) socket.close(CLOSE.refused, connection.refusal.code)
    connection.isAlive = false
    connection.pingedAtMs = nowMs
    socket.ping()
  }
}
