/**
 * Registry server: a TLS port for container tools, which speak the OCI distribution specification. It is off unless the
 * hub has `--registry-listen`.
 */
import { type SecondServer, startSecondServer } from '../http/second-server.ts'
import type { Hub } from '../hub.ts'
import { installRegistryRoutes } from './registry-routes.ts'

export type RegistryOptions = { host: string; port: number }

const LIMITS = {
  // Docker sends a layer in one request. 16 GiB at 10 Mbit/s take under four hours.
  requestMs: 6 * 3_600_000,
  // A bucket may take minutes to join the parts of a layer.
  silenceMs: 300_000,
  // A pull uses some connections, and few people pull at the same time.
  connectionsMax: 1_000,
  charactersMax: 1_024,
}

export const startRegistryServer = (hub: Hub, place: RegistryOptions): Promise<SecondServer> =>
  startSecondServer(hub, {
    ...place,
    limits: LIMITS,
    event: 'registry_ready',
    install: (app) => installRegistryRoutes(app, hub),
  })
