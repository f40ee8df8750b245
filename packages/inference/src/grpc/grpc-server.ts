/**
 * The Open Inference Protocol over gRPC: its port, open from the start. The gRPC code behind it is loaded with the
 * first connection.
 */
import { createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer as createTls } from 'node:tls'
import { createConnectionGuard, type GuardLimits } from '@skerry/platform/network/connection-guard'
import { listen, PORT_LIMITS, type PortUse, portClock, quietTurn } from '../rest/listen.ts'
import { BODY_BYTES_MAX, type OipServer } from '../rest/rest-server.ts'
import type { GrpcAnswering, GrpcService } from './grpc-service.ts'

export type GrpcOptions = GrpcAnswering & {
  /** A certificate with its key, both in PEM. Without it, nothing is encrypted. */
  tls?: { cert: string; key: string } | undefined
  /** Loopback by default: the protocol has no authentication of its own. */
  address?: string
  /** 0 for any free one. */
  port: number
  use?: PortUse
  messageBytesMax?: number
  limits?: GuardLimits
}

/** [RFC 7540, 3.4] Clients choose HTTP/2 in the handshake, which takes a few round trips. */
const TLS = { ALPNProtocols: ['h2'], minVersion: 'TLSv1.2', handshakeTimeout: 10_000 } as const

/** A last answer is a few bytes on a loopback; a client that has not taken it by then is not reading. */
const LAST_ANSWER_MS = 500

/** An idle client gets a notice that its connection ends; it is cut if it does not read that. */
const CUT_AFTER_MS = 5_000

/** Listens, or rejects with the system's error. */
export async function startGrpcServer(options: GrpcOptions): Promise<OipServer> {
  const { address = '127.0.0.1', port, messageBytesMax = BODY_BYTES_MAX, limits = PORT_LIMITS } = options
  const guard = createConnectionGuard({ ...limits, idleMs: limits.idleMs + CUT_AFTER_MS }, portClock)
  const connections = new Set<Socket>()
  let service: Promise<GrpcService> | undefined
  const accept = (connection: Socket) => {
    if (!guard.admit(connection)) return
    connections.add(connection)
    connection.on('close', () => connections.delete(connection))
    // Before the service has it, and after, a broken connection is only its client's failure.
    connection.on('error', () => connection.destroy())
    service ??= import('./grpc-service.ts').then((it) =>
      it.openGrpcService({ ...options, messageBytesMax, guard, idleMs: limits.idleMs }),
    )
    service.then(
      (it) => connection.destroyed || it.accept(connection),
      () => connection.destroy(),
    )
  }
  const server = options.tls
    ? createTls({ ...options.tls, ...TLS, noDelay: true }, accept)
    : createServer({ noDelay: true }, accept)
  const close = async (graceMs: number) => {
    const closed = new Promise((resolve) => server.close(resolve))
    const opened = await service
    opened?.close()
    if (await settles(closed, graceMs)) return
    opened?.refuse()
    if (await settles(closed, LAST_ANSWER_MS)) return
    opened?.cut()
    for (const connection of connections) connection.destroy()
    await closed
  }
  // [RFC 9113, 6.8] HTTP/2 itself tells clients to open another connection, and which calls were not begun.
  const drain = async (drainMs: number) => {
    await quietTurn(server)
    await close(drainMs)
  }
  return { port: await listen(server, port, address, options.use), drain, close }
}

async function settles(awaited: Promise<unknown>, withinMs: number): Promise<boolean> {
  const timer = new AbortController()
  const late = sleep(withinMs, false, { signal: timer.signal }).catch(() => false)
  const isSettled = await Promise.race([awaited.then(() => true), late])
  timer.abort()
  return isSettled
}
