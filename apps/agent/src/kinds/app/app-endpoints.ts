/** App endpoints: the places at which running apps answer for models. */
import type { AppPort } from '@skerry/contract/apps/app'
import type { DeviceRuntime } from '@skerry/contract/devices/device'
import type { RepositoryServer, ServedEndpoint, ServedQuery } from '../driver.ts'
import { type AppEngine, factsFor } from './app-engine.ts'
import type { Release } from './releases.ts'

/** Addresses that mean all addresses of the machine; the agent takes loopback. */
const EVERY: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/**
 * Undefined if no release of the app runs, if a person stopped it, or if it does not declare the model by this
 * protocol.
 */
export function servedEndpoint(
  it: Running,
  name: string,
  { model, protocol }: ServedQuery,
): ServedEndpoint | undefined {
  const release = runningRelease(it, name)
  for (const { serves = [], ports = [] } of Object.values(release?.app.services ?? {})) {
    const served = serves.find((one) => one.model === model && one.protocol === protocol)
    const port = served && ports.find((one) => one.container === served.port && one.protocol === 'tcp')
    if (port) return { host: addressOf(port), port: port.host, isBinary: served.isBinary ?? false }
  }
  return undefined
}

/** The server of the running release that loads the files of others; undefined if it has none. */
export function repositoryServer(it: Running & Pick<AppEngine, 'facts'>, name: string): RepositoryServer | undefined {
  const release = runningRelease(it, name)
  for (const [service, { repository, ports = [] }] of Object.entries(release?.app.services ?? {})) {
    const port = repository && ports.find((one) => one.container === repository.port && one.protocol === 'tcp')
    const found = release && factsFor(it, release)[service]
    if (!port || !found) continue
    return {
      host: addressOf(port),
      port: port.host,
      isBinary: repository.isBinary ?? false,
      service,
      release: release.item.version,
      load: repository.load,
      start: `${found.id} ${found.startedAt ?? ''}`,
    }
  }
  return undefined
}

/** Each loaded release with such a server, also one that has not started yet. */
export const runtimeReleases = ({ releases }: Pick<AppEngine, 'releases'>): DeviceRuntime[] =>
  releases
    .list()
    .filter(({ app }) => Object.values(app.services).some(({ repository }) => repository !== undefined))
    .map(({ item }) => ({ app: item.name, version: item.version }))

type Running = Pick<AppEngine, 'activations' | 'releases' | 'stopped'>

function runningRelease({ activations, releases, stopped }: Running, name: string): Release | undefined {
  const activation = stopped.has(name) ? undefined : activations.get(name)
  return activation?.servingSinceMs === undefined ? undefined : releases.get(activation.key)
}

const addressOf = ({ address }: AppPort) => EVERY[address] ?? address
