/**
 * Socket stream: a WebSocket as a stream of bytes. An empty message ends its direction only, as FIN does in TCP; `ws`'s
 * own stream ends both. A slow reader pauses the socket, and a slow socket holds up the writer.
 */
import { Duplex } from 'node:stream'
import { WebSocket } from 'ws'

/** A writer continues until this many bytes wait: two round trips at 100 Mbit/s and 40 ms. */
const BUFFERED_MAX = 1024 * 1024

/** The other end rejects messages of over 1 MiB (contract, STREAM_MESSAGE_MAX). */
const PIECE_MAX = 256 * 1024

export type SocketStreamOptions = {
  /** The stream ends if no byte passes for this time, in either direction. */
  idleMs: number
  /** A peer that does not answer a ping within this time is gone, even if the connection seems open. */
  pingMs: number
}

/** The WebSocket's other end had a reason to end it: a code of the API. */
export class StreamCut extends Error {
  readonly code: string
  constructor(code: string) {
    super(code === '' ? 'the connection ended' : code)
    this.code = code
  }
}

const NORMAL = 1000
const REFUSED = 4403

/** A peer that reads answers a close at once. One that has stopped reading must not hold the connection. */
const CLOSE_MS = 2_000

/** [RFC 6455 5.5] A close frame has room for 123 bytes of text. */
const REASON_MAX = 120

/** Wraps an open socket. Destroy the stream with a `StreamCut` to send its code to the other end. */
export function socketStream(socket: WebSocket, { idleMs, pingMs }: SocketStreamOptions): Duplex {
  socket.binaryType = 'nodebuffer'
  let isAlive = true
  let isEnded = false
  let wait: (() => void) | undefined
  const stream = new Duplex({
    allowHalfOpen: true,
    read: () => socket.resume(),
    write(chunk: Buffer, _encoding, done) {
      if (chunk.byteLength === 0) return done()
      let from = 0
      for (; chunk.byteLength - from > PIECE_MAX; from += PIECE_MAX) {
        if (socket.readyState === WebSocket.OPEN) socket.send(chunk.subarray(from, from + PIECE_MAX), { binary: true })
      }
      send(chunk.subarray(from), done)
    },
    final(done) {
      if (socket.readyState !== WebSocket.OPEN) return done()
      send(Buffer.alloc(0), done)
      if (isEnded) socket.close(NORMAL)
    },
    destroy(error, done) {
      clearInterval(pinging)
      clearTimeout(idle)
      if (error instanceof StreamCut) socket.close(REFUSED, error.code.slice(0, REASON_MAX))
      else if (error && socket.readyState !== WebSocket.CLOSED) socket.terminate()
      else socket.close(NORMAL)
      const overdue = setTimeout(() => socket.terminate(), CLOSE_MS)
      socket.once('close', () => clearTimeout(overdue))
      if (socket.readyState === WebSocket.CLOSED) clearTimeout(overdue)
      wait?.()
      done(error)
    },
  })
  const send = (chunk: Buffer, done: (error?: Error | null) => void) => {
    idle.refresh()
    if (socket.readyState !== WebSocket.OPEN) return done(new StreamCut(''))
    if (socket.bufferedAmount + chunk.byteLength < BUFFERED_MAX) {
      socket.send(chunk, { binary: true })
      return done()
    }
    // The library calls back when the system has taken the bytes, and does not call after the end of the connection.
    const once = (error?: Error | null) => {
      wait = undefined
      done(error)
    }
    wait = () => once()
    socket.send(chunk, { binary: true }, (error) => wait && once(error))
  }
  const idle = setTimeout(() => stream.destroy(new StreamCut('stream_idle')), idleMs)
  const pinging = setInterval(() => {
    // A paused socket reads no answers either.
    if (!isAlive && !socket.isPaused) return stream.destroy(new Error('the other end does not answer'))
    isAlive = false
    if (socket.readyState === WebSocket.OPEN) socket.ping()
  }, pingMs)
  socket.on('pong', () => {
    isAlive = true
  })
  socket.on('message', (bytes: Buffer) => {
    idle.refresh()
    isAlive = true
    if (bytes.byteLength > 0) {
      if (!stream.push(bytes)) socket.pause()
      return
    }
    isEnded = true
    stream.push(null)
    if (stream.writableFinished) socket.close(NORMAL)
  })
  socket.on('error', (error) => stream.destroy(error))
  socket.on('close', (code, reason) => {
    clearInterval(pinging)
    clearTimeout(idle)
    const isDone = isEnded && stream.writableFinished
    if (!isDone && code !== NORMAL) return void stream.destroy(new StreamCut(reason.toString()))
    if (!isEnded) stream.push(null)
    stream.end()
  })
  return stream
}
