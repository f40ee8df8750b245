/**
 * App sandbox: the containers of one app in one network that has no way out. They start as on a device: in their order,
 * with their limits and health checks. They find each other by name at loopback, because they share the network.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { startOrder } from '@skerry/contract/apps/app'
import { configOf } from '@skerry/core/apps/app-config'
import { isUp, type ReleaseFacts, startableServices, trialProblem, waitReason } from '@skerry/core/apps/app-watch'
import {
  type ContainerBody,
  containerBody,
  containerName,
  imageName,
  volumeName,
} from '@skerry/core/apps/container-body'
import type { PlannedApp } from '@skerry/core/market/checks/container-facts'
import { containerFacts } from '@skerry/platform/containers/container-facts'
import type { Engine } from '@skerry/platform/containers/engine'
import { ownThings } from '../../../apps/running/engine-things.ts'

/** Marks all things of sandboxes in the engine. */
export const THINGS = ownThings('market-sandbox', 'market_sandbox')
const { device, item } = THINGS

/** A database creates its files at the first start, on a busy machine. */
const STARTUP_MS = 60_000

/** A short-lived state is seen, and a busy engine has rest between two looks. */
export const LOOK_MS = 250

/** [RFC 5737] An address for documentation: a lookup is an attempt to reach a network, which the kernel counts. */
const NO_NAME_SERVER = '192.0.2.53'

export const containerOf = (service: string): string => containerName({ item, app: {} }, service)

/** Creates the containers; none of them runs yet. */
export async function createContainers(
  engine: Engine,
  { app, config }: PlannedApp,
  signal: AbortSignal,
): Promise<void> {
  const { engine: kind } = await engine.version(signal)
  const [first, ...others] = startOrder(app.services)
  for (const service of startOrder(app.services)) {
    const spec = app.services[service]
    if (!spec) continue
    const image = imageName(device, item, spec.imageId)
    const facts = { item, service, image, device, engine: kind, config: configOf(app.config, config) }
    const body = containerBody(spec, facts)
    const network =
      service === first ? aloneNetwork([service, ...others]) : { NetworkMode: `container:${containerOf(first ?? '')}` }
    await engine.create(containerOf(service), inSandbox(body, network), signal)
  }
}

const aloneNetwork = (services: readonly string[]) => ({
  NetworkMode: 'none',
  Dns: [NO_NAME_SERVER],
  ExtraHosts: services.map((name) => `${name}:127.0.0.1`),
})

/** Nothing is published, and nothing starts again by itself. */
function inSandbox(
  { ExposedPorts: _, NetworkingConfig: __, HostConfig, ...body }: ContainerBody,
  network: object,
): ContainerBody {
  const { PortBindings: ___, ...host } = HostConfig as Record<string, unknown>
  return { ...body, HostConfig: { ...host, RestartPolicy: { Name: 'no' }, ...network } }
}

/** Starts the services, and waits until the app is up. Returns the reason if it does not come up. */
export async function bringUp(engine: Engine, planned: PlannedApp, signal: AbortSignal): Promise<string | undefined> {
  const { app } = planned
  const started = new Set<string>()
  const untilMs = performance.now() + STARTUP_MS
  for (;;) {
    const facts = await readFacts(engine, planned, started, signal)
    const problem = trialProblem(app, facts, {})
    if (problem) return problem.message
    for (const name of startableServices(app, facts).filter((each) => !started.has(each))) {
      await engine.start(containerOf(name), signal)
      started.add(name)
    }
    const now = await readFacts(engine, planned, started, signal)
    if (isUp(app, now)) return undefined
    if (performance.now() > untilMs) return `not up after ${STARTUP_MS / 1_000} s: ${waitReason(app, now)}`
    await sleep(LOOK_MS, undefined, { signal })
  }
}

/** The reason why a container has ended or is not healthy any more. */
export async function troubleOf(engine: Engine, planned: PlannedApp, signal: AbortSignal): Promise<string | undefined> {
  const facts = await readFacts(engine, planned, new Set(Object.keys(planned.app.services)), signal)
  return trialProblem(planned.app, facts, {})?.message
}

/** A container that has yet to be started is no evidence. Docker calls a killed one unhealthy. */
async function readFacts(
  engine: Engine,
  { app }: PlannedApp,
  started: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ReleaseFacts> {
  const found: [string, ReleaseFacts[string]][] = []
  for (const name of Object.keys(app.services)) {
    const container = await engine.inspect(containerOf(name), signal)
    if (!container) throw new Error(`somebody removed the container of ${name}`)
    const facts = containerFacts(container, undefined)
    const { health: _, ...before } = facts
    found.push([name, started.has(name) ? facts : { ...before, state: 'created' }])
  }
  return Object.fromEntries(found)
}

export async function removeVolumes(engine: Engine, { app }: PlannedApp, signal: AbortSignal): Promise<void> {
  const names = Object.values(app.services).flatMap(({ volumes = [] }) => volumes.map(({ name }) => name))
  for (const name of new Set(names)) await engine.removeVolume(volumeName(item.name, name), signal)
}
