/** Run gateway: a gateway from its start to its end. */
import { readFile } from 'node:fs/promises'
import type { DeviceId } from '@skerry/contract/values/ids'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { systemClock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import { startGrpcServer } from '../grpc/grpc-server.ts'
import { createCallerCheck } from './caller-check.ts'
import type { GatewayHub } from './gateway-hub.ts'
import { startGatewayServer } from './gateway-server.ts'
import { GRPC_BYTES_MAX, grpcFront } from './grpc-front.ts'
import { measureTrips } from './measure-trips.ts'
import { openPlaceClient } from './place-client.ts'
import { probePlaces } from './probe-places.ts'
import { createRouting } from './routing.ts'
import { keepTable, readCopy, type TableKeeperOptions } from './table-keeper.ts'

export type GatewayOptions = {
  hub: GatewayHub
  name: string
  site: string | undefined
  /** The device whose agent runs the gateway, and the origin of its inference server. */
  own?: { device: DeviceId; origin: string } | undefined
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
  const { hub, name, site, own, url, listen, grpc, tls, folder, graceMs, version, log } = options
  await nodeFileSystem.makeFolder(folder)
  const clock = systemClock
  const routing = createRouting({ clock, site, own })
  using client = openPlaceClient((target) => hub.openStream(target, signal))
  const callers = createCallerCheck({ hub, clock, graceMs })
  const keeping: TableKeeperOptions = {
    hub,
    routing,
    folder,
    about: { gateway: name, site, device: own?.device, url },
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
  const measuring = measureTrips({ routing, client, clock }, signal)
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
  await Promise.all([following, probing, measuring])
}
