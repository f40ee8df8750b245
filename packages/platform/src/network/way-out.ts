/**
 * Way out: TLS connections of this process, directly or through an HTTP proxy that passes them on [RFC 9110 9.3.6]. A
 * process has one way out, as it has one route table: so the way is kept here, and not handed to each caller.
 */
import { request as startRequest } from 'node:http'
import { Agent, type AgentOptions } from 'node:https'
import { isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'

/** The answer of a proxy takes two round trips: its own, and the one to the server. */
const PROXY_MS = 15_000

let proxy: string | undefined

/** From now on new connections go through the proxy, such as http://proxy.example.com:3128, or directly. */
export function setProxy(address: string | undefined): void {
  proxy = address
}

/** The proxy of new connections; undefined if they are direct. */
export const currentProxy = (): string | undefined => proxy

export type Connected = (error: Error | null, socket?: TLSSocket) => void

/**
 * Replaces `tls.connect`, and has the form of `createConnection`: returns the socket of a direct connection, and passes the
 * one through a proxy to `done`. `prepare` gets both before they are used.
 */
export function connectOut(
  given: ConnectionOptions,
  done: Connected = () => undefined,
  prepare: (socket: TLSSocket) => void = () => undefined,
): TLSSocket | undefined {
  const { host = '', servername = isIP(host) ? '' : host } = given
  const options = { ...given, path: undefined, servername }
  if (proxy === undefined) {
    const socket = connect(options)
    prepare(socket)
    return socket
  }
  askProxy(proxy, options, (error, raw) => {
    if (!raw) return done(error)
    const socket = connect({ ...options, socket: raw })
    prepare(socket)
    done(null, socket)
  })
  return undefined
}

/** The socket after its handshake. Rejects at the end of the signal, too. */
export function dialOut(options: ConnectionOptions, signal: AbortSignal): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>()
  // An error can come before the caller's next turn, so that the listeners are there from the beginning.
  connectOut(
    options,
    (error) => error && reject(error),
    (socket) => {
      const stop = () =>
        socket.destroy(Object.assign(new Error('the server did not answer in time'), { code: 'ETIMEDOUT' }))
      socket.once('close', () => signal.removeEventListener('abort', stop))
      socket.once('secureConnect', () => resolve(socket))
      socket.on('error', reject)
      signal.addEventListener('abort', stop, { once: true })
      if (signal.aborted) stop()
    },
  )
  return promise
}

/** A pool of connections. After a change of the way, the ones of the way before serve no new request. */
export function agentOut(options: AgentOptions): Agent {
  const agent = new Agent(options)
  const direct = agent.createConnection.bind(agent)
  agent.createConnection = (wanted, done) =>
    proxy === undefined ? direct(wanted, done) : connectOut(wanted as ConnectionOptions, done as Connected | undefined)
  const nameOf = agent.getName.bind(agent)
  // The pool asks again when a connection becomes free, with the same options: so they keep the way of their connection.
  const ways = new WeakMap<object, string>()
  agent.getName = (wanted = {}) => {
    const way = ways.get(wanted) ?? proxy ?? ''
    ways.set(wanted, way)
    return `${nameOf(wanted)}:${way}`
  }
  return agent
}

function askProxy(
  address: string,
  { host = '', port = 443 }: ConnectionOptions,
  done: (error: Error | null, socket?: Socket) => void,
): void {
  const { hostname, port: proxyPort } = new URL(address)
  const target = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`
  const request = startRequest({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(proxyPort || 80),
    method: 'CONNECT',
    path: target,
    headers: { host: target },
    agent: false,
    timeout: PROXY_MS,
  })
  const failed = (reason: string, cause?: Error) =>
    done(Object.assign(new Error(`the proxy ${address} ${reason}`, { cause }), { code: 'proxy_failed' }))
  request.once('timeout', () => request.destroy(new Error('did not answer in time')))
  request.once('error', (error) => failed(`cannot be used: ${error.message}`, error))
  request.once('connect', ({ statusCode }, socket: Socket, head) => {
    if (statusCode === 200 && head.byteLength === 0) {
      socket.setTimeout(0)
      return done(null, socket)
    }
    socket.destroy()
    failed(`answered ${statusCode} to CONNECT ${target}; it must allow this address`)
  })
  request.end()
}
