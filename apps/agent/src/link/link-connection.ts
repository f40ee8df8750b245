/** Link connection: one WebSocket to the hub over mutual TLS, and the contract's procedures over it. */
import { randomBytes } from 'node:crypto'
import type { createConnection } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { LINK_MESSAGE_MAX, LINK_PATH, type link } from '@skerry/contract/link/link'
import { LINK_SESSION_HEADER, LinkSession } from '@skerry/contract/link/link-message'
import type { DeviceId } from '@skerry/contract/values/ids'
import { systemCode } from '@skerry/platform/files/file-system'
import type { Connected } from '@skerry/platform/network/way-out'
import { systemClock } from '@skerry/platform/process/clock'
import { WebSocket } from 'ws'
import { reasonIn } from '../hub/hub-reason.ts'
import { type HubKnown, type LinkClient, openStreams } from './signed-streams.ts'
import type { TlsIdentity, TlsMemory } from './tls-memory.ts'

export type LinkConnection = Disposable & {
  client: LinkClient
  /** Aborts when the connection has ended. `reason` is then the hub's code, if it sent one. */
  closed: AbortSignal
  reason(): string | undefined
}

export type ConnectResult =
  | { ok: true; connection: LinkConnection }
  /** `code`: the hub's own, a TLS verification result, or a system's. */
  | { ok: false; code: string; message: string }

/** `trustedKeys`: the keys that may sign the hub's messages. */
export type LinkCredentials = TlsIdentity & { deviceId: DeviceId; trustedKeys: readonly string[]; tls: TlsMemory }

/**
 * TCP, TLS and the upgrade are three round trips: a few seconds over a satellite. If all devices return at once, the
 * hub serves them in order, and a place in its queue is worth more than a new attempt. Half a minute is enough for ten
 * thousand devices.
 */
const CONNECT_TIMEOUT_MS = 30_000

/** An error body has a few hundred bytes. */
const BODY_CHARACTERS_MAX = 8_192

/** Connects, or returns the reason why not. */
export function connectLink(
  { tls, deviceId, trustedKeys, ...identity }: LinkCredentials,
  signal: AbortSignal,
): Promise<ConnectResult> {
  signal.throwIfAborted()
  const dial = (options: ConnectionOptions, done?: Connected) => tls.connect(identity, options, done)
  const session = LinkSession.parse(randomBytes(16).toString('base64url'))
  const socket = new WebSocket(new URL(LINK_PATH, identity.hub.replace(/^http/, 'ws')), {
    // [ws, lib/websocket.js] The library calls it in only one of its three forms.
    createConnection: dial as typeof createConnection,
    headers: { [LINK_SESSION_HEADER]: session },
    handshakeTimeout: CONNECT_TIMEOUT_MS,
    maxPayload: LINK_MESSAGE_MAX,
    perMessageDeflate: false,
  })
  const abort = () => socket.terminate()
  signal.addEventListener('abort', abort, { once: true })
  const { promise, resolve } = Promise.withResolvers<ConnectResult>()
  socket.on('error', (error) =>
    resolve({ ok: false, code: systemCode(error) ?? 'hub_unreachable', message: error.message }),
  )
  socket.on('unexpected-response', (_, response) => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (piece: string) => {
      text = (text + piece).slice(0, BODY_CHARACTERS_MAX)
    })
    response.on('close', () => {
      socket.terminate()
      resolve({
        ok: false,
        code: 'link_refused',
        message: `the hub answered ${response.statusCode}`,
        ...reasonIn(parse(text)),
      })
    })
  })
  socket.on('open', () => resolve({ ok: true, connection: wrap(socket, { deviceId, trustedKeys, session }) }))
  return promise.finally(() => {
    signal.removeEventListener('abort', abort)
    signal.throwIfAborted()
  })
}

function wrap(socket: WebSocket, known: HubKnown): LinkConnection {
  const closed = new AbortController()
  const wire = createORPCClient<ContractRouterClient<typeof link>>(new RPCLink({ websocket: browserLike(socket) }))
  const client = openStreams(wire, known, systemClock)
  // This listener runs after oRPC's own, which forgets the pending calls. Otherwise it would report them to the hub as
  // aborted.
  let reason: string | undefined
  socket.on('close', (_, said) => {
    reason = said.toString() || undefined
    closed.abort()
  })
  return { client, closed: closed.signal, reason: () => reason, [Symbol.dispose]: () => socket.terminate() }
}

/**
 * `ws` has the members that oRPC uses. Only its own event types are narrower than the browser's. A closing socket
 * counts as open here, and drops messages: oRPC reports an aborted call from a listener, where nobody can catch an
 * error.
 */
function browserLike(socket: WebSocket): globalThis.WebSocket {
  const like = {
    get readyState() {
      return socket.readyState === WebSocket.CLOSING ? WebSocket.OPEN : socket.readyState
    },
    send: socket.send.bind(socket),
    addEventListener: socket.addEventListener.bind(socket),
    removeEventListener: socket.removeEventListener.bind(socket),
  }
  return like as unknown as globalThis.WebSocket
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
