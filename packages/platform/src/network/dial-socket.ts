/** Dial socket: opens a WebSocket for a stream of bytes to a hub, over TLS with the hub's own authority. */
import type { createConnection } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { WebSocket } from 'ws'
import { systemCode } from '../files/file-system.ts'
import { type Connected, connectOut } from './way-out.ts'

export type DialOptions = {
  /** PEM of the authorities that may certify the server. The default is the public ones that Node knows. */
  authorities?: readonly string[] | undefined
  /** The client certificate and its key, in PEM. */
  credentials?: { certificatePem: string; privateKeyPem: string } | undefined
  headers?: Record<string, string>
  protocols?: readonly string[]
  messageBytesMax: number
}

export type Dialled = { ok: true; socket: WebSocket } | { ok: false; code: string; message: string; status?: number }

/** TCP, TLS and the upgrade are three round trips: a few seconds over a satellite. */
const CONNECT_MS = 15_000

/** An error body has a few hundred bytes. */
const BODY_CHARACTERS_MAX = 8_192

/** Opens the socket, or returns the server's reason. The socket is paused until it is read. */
export function dialSocket(url: string, options: DialOptions, signal: AbortSignal): Promise<Dialled> {
  const { authorities, credentials, headers = {}, protocols = [], messageBytesMax } = options
  signal.throwIfAborted()
  const socket = new WebSocket(url.replace(/^http/, 'ws'), [...protocols], {
    ...(authorities && { ca: [...authorities] }),
    ...(credentials && { cert: credentials.certificatePem, key: credentials.privateKeyPem }),
    minVersion: 'TLSv1.3',
    headers,
    // [ws, lib/websocket.js] The library calls it in only one of its three forms.
    createConnection: ((options: ConnectionOptions, done?: Connected) =>
      connectOut(options, done)) as typeof createConnection,
    handshakeTimeout: CONNECT_MS,
    maxPayload: messageBytesMax,
    perMessageDeflate: false,
    // [RFC 6455 10.3] Masks protect proxies that read a connection without TLS. With the mask of zeros, `ws` leaves the
    // bytes alone: an agent, whose code is not optimised, would spend most of its time on them.
    generateMask: () => undefined,
  })
  const { promise, resolve } = Promise.withResolvers<Dialled>()
  const abort = () => socket.terminate()
  signal.addEventListener('abort', abort, { once: true })
  socket.on('error', (error) =>
    resolve({ ok: false, code: systemCode(error) ?? 'server_unreachable', message: error.message }),
  )
  socket.on('unexpected-response', (_, response) => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (piece: string) => {
      text = (text + piece).slice(0, BODY_CHARACTERS_MAX)
    })
    response.on('close', () => {
      socket.terminate()
      resolve({ ok: false, status: response.statusCode ?? 0, ...reasonOf(text, response.statusCode) })
    })
  })
  socket.on('open', () => {
    socket.pause()
    resolve({ ok: true, socket })
  })
  return promise.finally(() => {
    signal.removeEventListener('abort', abort)
    signal.throwIfAborted()
  })
}

function reasonOf(text: string, status: number | undefined): { code: string; message: string } {
  const plain = { code: 'server_refused', message: `the server answered ${status}` }
  try {
    const { code, message } = Object(JSON.parse(text)) as { code?: unknown; message?: unknown }
    return typeof code === 'string' && typeof message === 'string' ? { code, message } : plain
  } catch {
    return plain
  }
}
