/**
 * Admission: lets connections begin their TLS handshake in the order in which they came, a bounded number at a time. A handshake costs a
 * millisecond of the one thread that does everything; ten thousand of them at once, each served a little, would all be late, be given up by
 * their devices, and come again. In order, each is either done or has cost nothing.
 *
 * A connection that says nothing takes no place: it queues when its first bytes are here. One that stalls in the middle gives its place up
 * after a moment, so that slow lines and bad manners keep nobody else out.
 */
import type { Server } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

export type AdmissionOptions = {
  /** Handshakes under way. */
  handshakesMax: number
  /** How long one keeps its place. */
  placeMs: number
  /** Connections that wait; more are cut off, and come back later. */
  waitingMax: number
  /** A connection that has not said anything by then is none. */
  silenceMs: number
}

/**
 * 256 handshakes take a third of a second of processor. Over the slowest lines they keep their places for half a second, which still lets 500 a
 * second begin. Those that wait are a TCP connection each, some 5 kB: a whole fleet may.
 */
export const ADMISSION: AdmissionOptions = {
  handshakesMax: 256,
  placeMs: 500,
  waitingMax: 20_000,
  silenceMs: 10_000,
}

export type Admission = { waiting(): number; underWay(): number }

/** Stands between the server's port and its TLS. */
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

/** A TLS socket has no public way to the plain one below it, but the same other end. */
const keyOf = ({ remoteAddress, remotePort }: Socket | TLSSocket) => `${remoteAddress} ${remotePort}`

/** Says when the connection has said something, and when it has gone. Gives the way to stop, for when TLS listens itself. */
function listenTo(socket: Socket, silenceMs: number, enqueue: () => void, gone: () => void): () => void {
  const silent = setTimeout(() => socket.destroy(), silenceMs)
  socket.once('close', () => {
    clearTimeout(silent)
    gone()
  })
  // A reset while it waits is nobody's trouble; TLS listens for itself afterwards.
  socket.on('error', () => socket.destroy())
  let heardBytes = 0
  const hear = () => {
    // [node:stream] Nothing reads it, so that its end shows only as news that brings nothing new.
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
