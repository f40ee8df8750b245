/** Upgrades: the WebSockets of the hub's port. A path prefix has one taker, and all other paths are rejected. */
import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:https'
import type { Duplex } from 'node:stream'
import type { Hub } from '../hub.ts'
import { problemOf } from './admission/call-watch.ts'
import { type Problem, problem } from './problem.ts'

/** Takes the socket over, or throws the reason why it does not. */
export type UpgradeTaker = (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>

export type Upgrades = {
  /** Paths that begin with the prefix belong to the taker. */
  take(prefix: string, taker: UpgradeTaker): void
}

/** Listens for upgrades of the server. */
export function openUpgrades(server: Server, { log }: Pick<Hub, 'log'>): Upgrades {
  const takers = new Map<string, UpgradeTaker>()
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    const path = pathOf(request)
    const [, taker] = [...takers].find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`)) ?? []
    const taken = taker ? taker(request, socket, head) : Promise.reject(problem('route_unknown', UNKNOWN))
    taken.catch((error: unknown) => {
      const refusal = problemOf(error)
      if (refusal.status >= 500) log.error('upgrade_failed', { path, error })
      refuseUpgrade(socket, refusal)
    })
  })
  return { take: (prefix, taker) => void takers.set(prefix, taker) }
}

const UNKNOWN = 'no WebSocket has this path; see /docs for all paths'

export const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?')[0] ?? ''

/** Rejects the request in HTTP, with the usual error body, before there is a WebSocket. */
export function refuseUpgrade(socket: Duplex, refusal: Problem): void {
  const body = JSON.stringify(refusal.toJSON())
  const head = [
    `HTTP/1.1 ${refusal.status} Refused`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
