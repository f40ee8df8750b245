/** App endpoints: the places at which running apps answer for models. */
import type { AppPort } from '@skerry/contract/apps/app'
import type { ServedEndpoint, ServedQuery } from '../driver.ts'
import type { AppEngine } from './app-engine.ts'

/** Addresses that mean all addresses of the machine; the agent takes loopback. */
const EVERY: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/**
 * Undefined if no release of the app runs, if a person stopped it, or if it does not declare the model by this
 * protocol.
 */
export function servedEndpoint(
  { activations, releases, stopped }: Pick<AppEngine, 'activations' | 'releases' | 'stopped'>,
  name: string,
  { model, protocol }: ServedQuery,
): ServedEndpoint | undefined {
  const activation = stopped.has(name) ? undefined : activations.get(name)
  const release = activation?.servingSinceMs === undefined ? undefined : releases.get(activation.key)
  for (const { serves = [], ports = [] } of Object.values(release?.app.services ?? {})) {
    const served = serves.find((one) => one.model === model && one.protocol === protocol)
    const port = served && ports.find((one) => one.container === served.port && one.protocol === 'tcp')
    if (port) return { host: addressOf(port), port: port.host, isBinary: served.isBinary ?? false }
  }
  return undefined
}

const addressOf = ({ address }: AppPort) => EVERY[address] ?? address
