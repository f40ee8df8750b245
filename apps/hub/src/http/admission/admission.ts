/**
 * Admission: starts TLS handshakes in the order of arrival, a bounded number at a time. A handshake takes a millisecond
 * of the single main thread. If ten thousand ran at once in small steps, all would be late. Their devices would give up
 * and try again. In order, each handshake is either complete or has cost nothing.
 *
 * A silent connection takes no place: it enters the queue with its first bytes. A connection that stalls in the middle
 * loses its place after a moment. So slow or faulty clients do not block others.
 */
import type { Server } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

export type AdmissionOptions = {
  /** The maximum number of simultaneous handshakes. */
  handshakesMax: number
  /** The time for which a handshake keeps its place. */
  placeMs: number
  /** Waiting connections. The hub cuts further ones off, and they come back later. */
  waitingMax: number
  /** The hub closes a connection that has sent nothing within this time. */
  silenceMs: number
}

/**
 * 256 handshakes take a third of a second of processor time. Over the slowest lines they keep their places for half a
 * second, which still allows 500 new ones a second. A waiting connection costs a TCP connection, some 5 kB, so a whole
 * fleet may wait.
 */
export const ADMISSION: AdmissionOptions = {
  handshakesMax: 256,
  placeMs: 500,
  waitingMax: 20_000,
  silenceMs: 10_000,
}

export type Admission = { waiting(): number; underWay(): number }

/** The layer between the server's port and its TLS. */
export function admitInOrder(server: Server, options: AdmissionOptions): Admission {
  const [handshake] = server.listeners('connection')
  if (!handshake) throw new Error('the server has no TLS to stand before')
  server.removeAllListeners('connection')
  const queue = new Map<Socket, () => void>()
  const places = new Map<string, NodeJS.Timeout>()

  const fill = () => {
    for (const [socket, stop] of queue) {
      if (places.size >= options.handshakesMax) return
      queue.delete(socket)
      stop()
      begin(socket)
    }
  }
  const leave = (key: string) => {
    clearTimeout(places.get(key))
    if (places.delete(key)) fill()
  }
  const begin = (socket: Socket) => {
    const key = keyOf(socket)
    places.set(
      key,
      setTimeout(() => leave(key), options.placeMs),
    )
    socket.once('close', () => leave(key))
    handshake.call(server, socket)
  }
  server.on('connection', (socket: Socket) => {
    const enqueue = () => {
      if (queue.size >= options.waitingMax) return socket.destroy()
      queue.set(socket, stop)
      return fill()
    }
    const stop = listenTo(socket, options.silenceMs, enqueue, () => queue.delete(socket))
  })
  const isDone = (socket: TLSSocket) => leave(keyOf(socket))
  server.prependListener('secureConnection', isDone)
  server.on('tlsClientError', (_error, socket) => isDone(socket))
  return { waiting: () => queue.size, underWay: () => places.size }
}

/** A TLS socket has no public reference to the plain socket below it, but both have the same remote address. */
const keyOf = ({ remoteAddress, remotePort }: Socket | TLSSocket) => `${remoteAddress} ${remotePort}`

/**
 * Calls back when the connection has sent its first bytes, and when it has closed. Returns the function to stop, before
 * TLS takes over.
 */
function listenTo(socket: Socket, silenceMs: number, enqueue: () => void, gone: () => void): () => void {
  const silent = setTimeout(() => socket.destroy(), silenceMs)
  socket.once('close', () => {
    clearTimeout(silent)
    gone()
  })
  // A reset while it waits is harmless; afterwards TLS has its own listener.
  socket.on('error', () => socket.destroy())
  let heardBytes = 0
  const hear = () => {
    // [node:stream] No reader consumes the data. So an end of the stream shows only as an event without new bytes.
    if (socket.readableLength === heardBytes) return socket.destroy()
    const isFirst = heardBytes === 0
    heardBytes = socket.readableLength
    if (!isFirst) return undefined
    clearTimeout(silent)
    return enqueue()
  }
  socket.on('readable', hear)
  return () => socket.off('readable', hear)
}
