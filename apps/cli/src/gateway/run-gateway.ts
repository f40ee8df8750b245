/** Run gateway: a gateway from its start to its end. */
import { readFile } from 'node:fs/promises'
import { createClient } from '@skerry/client/client'
import type { Connection } from '@skerry/client/connection'
import { startGrpcServer } from '@skerry/inference/grpc/grpc-server'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { systemClock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import { createCallerCheck } from './caller-check.ts'
import { startGatewayServer } from './gateway-server.ts'
import { GRPC_BYTES_MAX, grpcFront } from './grpc-front.ts'
import { openPlaceClient } from './place-client.ts'
import { openPlaceStream } from './place-stream.ts'
import { probePlaces } from './probe-places.ts'
import { createRouting } from './routing.ts'
import { keepTable, readCopy, type TableKeeperOptions } from './table-keeper.ts'

export type GatewayOptions = {
  connection: Connection
  name: string
  site: string | undefined
  /** Where callers reach it. */
  url: string | undefined
  listen: { host: string; port: number }
  /** The address for gRPC; undefined if nobody calls it. */
  grpc: { host: string; port: number } | undefined
  tls: { certificateFile: string; keyFile: string } | undefined
  folder: string
  graceMs: number
  version: string
  log: Log
}

/** Answers of slow models may end; then the process ends. */
const CLOSE_MS = 8_000

/** Serves until the signal fires. */
export async function runGateway(options: GatewayOptions, signal: AbortSignal): Promise<void> {
  const { connection, name, site, url, listen, grpc, tls, folder, graceMs, version, log } = options
  await nodeFileSystem.makeFolder(folder)
  const clock = systemClock
  const routing = createRouting({ clock, site })
  using client = openPlaceClient((target) => openPlaceStream({ connection, site }, target, signal))
  const callers = createCallerCheck({ connection, clock, graceMs })
  const keeping: TableKeeperOptions = {
    client: createClient(connection),
    routing,
    folder,
    about: { gateway: name, site, url },
    clock,
    log,
  }
  await readCopy(keeping)
  const files = tls && {
    cert: await readFile(tls.certificateFile, 'utf8'),
    key: await readFile(tls.keyFile, 'utf8'),
  }
  const first = Promise.withResolvers<void>()
  const following = keepTable(keeping, first.resolve, signal)
  const probing = probePlaces({ routing, client, clock }, signal)
  await first.promise
  const server = await startGatewayServer({ ...listen, tls: files, version, routing, callers, client })
  const front = { endpoints: grpcFront({ routing, callers, client, version }), messageBytesMax: GRPC_BYTES_MAX }
  const second = grpc && (await startGrpcServer({ ...front, address: grpc.host, port: grpc.port, tls: files }))
  const shown = listen.host.includes(':') ? `[${listen.host}]` : listen.host
  log.info('gateway_ready', {
    url: `${tls ? 'https' : 'http'}://${shown}:${server.port}`,
    gateway: name,
    site,
    grpc: second?.port,
  })
  if (!signal.aborted) {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  }
  log.info('gateway_stopping')
  await Promise.all([server.close(CLOSE_MS), second?.close(CLOSE_MS)])
  await Promise.all([following, probing])
}
