/** App control: restarts, stops and starts the containers of an app because a person ordered it. */
import type { AppOrder, DriverAnswer } from '../driver.ts'
import { advance, judgeActivation, stopContainers, stopRelease } from './app-activation.ts'
import { type Activation, type AppEngine, factsFor, readEngine } from './app-engine.ts'
import type { Release } from './releases.ts'

const DONE: DriverAnswer = { ok: true }

/** Needs the lock. A repetition does no harm. */
export async function controlApp(it: AppEngine, order: AppOrder, signal: AbortSignal): Promise<DriverAnswer> {
  const activation = it.activations.get(order.app)
  const release = activation && it.releases.get(activation.key)
  if (!release) return refuse('app_unknown', `the device runs no release of ${order.app}`)
  if (activation.stage === 'unproven')
    return refuse('app_on_trial', `a release of ${order.app} is on probation; wait for its end`)
  await readEngine(it, signal)
  switch (order.action) {
    case 'restart':
      return restart(it, { release, activation, service: order.service }, signal)
    case 'stop':
      await it.stopped.add(order.app)
      await stopRelease(it, release, signal)
      return settled(it, { release, activation }, signal)
    case 'start':
      await it.stopped.remove(order.app)
      return begin(it, { release, activation, services: Object.keys(release.app.services) }, signal)
  }
}

type Target = { release: Release; activation: Activation }

async function restart(
  it: AppEngine,
  { release, activation, service }: Target & { service: string | undefined },
  signal: AbortSignal,
): Promise<DriverAnswer> {
  const { name } = release.item
  if (it.stopped.has(name)) return refuse('app_stopped', `${name} is stopped; start it`)
  const known = Object.keys(release.app.services)
  const services = service === undefined ? known : [service]
  if (service !== undefined && !known.includes(service))
    return refuse('app_unknown', `${name} has no service ${service}; it has ${known.join(', ')}`)
  await stopContainers(it, { release, services }, signal)
  await readEngine(it, signal)
  return begin(it, { release, activation, services }, signal)
}

/** Services that wait for the health of others are started later, by the engine loop. */
async function begin(
  it: AppEngine,
  { release, activation, services }: Target & { services: readonly string[] },
  signal: AbortSignal,
): Promise<DriverAnswer> {
  const facts = factsFor(it, release)
  for (const name of services) if (facts[name]?.state !== 'running') activation.started.delete(name)
  // The stop was an order, and no drift.
  delete activation.servingSinceMs
  const refusal = await advance(it, release, activation, signal)
  return refusal ?? settled(it, { release, activation }, signal)
}

async function settled(it: AppEngine, { release, activation }: Target, signal: AbortSignal): Promise<DriverAnswer> {
  await readEngine(it, signal)
  judgeActivation(it, release, activation)
  return DONE
}

const refuse = (code: string, message: string): DriverAnswer => ({ ok: false, code, message })
