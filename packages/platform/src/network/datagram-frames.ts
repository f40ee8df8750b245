/**
 * Datagram frames: datagrams in a stream of bytes, each behind its length (two bytes, big-endian). A stream that is full
 * loses datagrams, as networks do, so that no buffer grows.
 */
import type { Duplex } from 'node:stream'

/** [RFC 768] Over IPv4 a datagram has at most 65,507 bytes. */
export const DATAGRAM_BYTES_MAX = 65_507

const HEAD_BYTES = 2

export type DatagramFrames = {
  /** Sends one datagram, or drops it. */
  send(datagram: Uint8Array): void
  /** Resolves when the stream has ended, in either direction. */
  ended: Promise<void>
}

/** Calls the listener with each datagram that comes. */
export function openDatagramFrames(stream: Duplex, onDatagram: (datagram: Buffer) => void): DatagramFrames {
  const ended = Promise.withResolvers<void>()
  let rest: Buffer = Buffer.alloc(0)
  stream.on('data', (chunk: Buffer) => {
    rest = rest.byteLength === 0 ? chunk : Buffer.concat([rest, chunk])
    for (;;) {
      const end = rest.byteLength < HEAD_BYTES ? Number.POSITIVE_INFINITY : HEAD_BYTES + rest.readUInt16BE(0)
      if (rest.byteLength < end) return
      onDatagram(rest.subarray(HEAD_BYTES, end))
      rest = rest.subarray(end)
    }
  })
  for (const event of ['end', 'close', 'error'] as const) stream.on(event, () => ended.resolve())
  return {
    send(datagram) {
      if (stream.writableNeedDrain || !stream.writable || datagram.byteLength > DATAGRAM_BYTES_MAX) return
      const head = Buffer.alloc(HEAD_BYTES)
      head.writeUInt16BE(datagram.byteLength)
      stream.write(Buffer.concat([head, datagram]))
    },
    ended: ended.promise,
  }
}
