/**
 * App activation: brings the containers of one release to run in place of those of another. All that can be done before
 * is done before the old release stops: networks, containers, and the question whether the ports are free. The old
 * containers stay, stopped, until their release is unloaded, so that a return only starts them.
 */
import type { Service } from '@skerry/contract/apps/app'
import { configOf } from '@skerry/core/apps/app-config'
import {
  isAlive,
  isUp,
  type ReleaseFacts,
  startableServices,
  trialProblem,
  waitReason,
} from '@skerry/core/apps/app-watch'
import {
  type ContainerBody,
  containerBody,
  containerKey,
  containerName,
  imageName,
  LABELS,
  networkName,
  ownLabels,
  releaseKey,
  stopSeconds,
  volumeName,
} from '@skerry/core/apps/container-body'
import { EngineRefused } from '@skerry/platform/containers/engine-client'
import type { DriverAnswer } from '../driver.ts'
import { findData } from './app-data.ts'
import { type Activation, type AppEngine, factsFor, factsInActivation, portsOf, readEngine } from './app-engine.ts'
import { takenPort } from './app-ports.ts'
import { laySecrets, secretsFolder } from './app-secrets.ts'
import { laySettings, settingsFolder } from './app-settings.ts'
import type { Release } from './releases.ts'

const DONE: DriverAnswer = { ok: true }

/** [Docker] The grace of a container that does not name one. */
const GRACE_SECONDS = 10

/** Needs the lock. */
export async function activateRelease(
  it: AppEngine,
  release: Release,
  stage: Activation['stage'],
  signal: AbortSignal,
): Promise<DriverAnswer> {
  await readEngine(it, signal)
  const current = it.activations.get(release.item.name)
  const isSame = current?.key === releaseKey(release.item)
  const activation = isSame ? againAt(current, stage) : newActivation(release, stage)
  forgetStopped(activation, factsFor(it, release))
  const obstacle =
    (await laySettings(it, release)) ??
    (await laySecrets(it.device, release, it.secretOf)) ??
    (await makeContainers(it, release, activation, signal)) ??
    (isSame ? undefined : await portObstacle(it, release))
  if (obstacle) return obstacle
  if (!isSame) await stopOthers(it, release, signal)
  it.activations.set(release.item.name, activation)
  if (await staysStopped(it, release, activation, signal)) return DONE
  const refusal = await advance(it, release, activation, signal)
  judgeActivation(it, release, activation)
  if (refusal && activation.stage === 'proven') return refusal
  if (activation.problem || activation.servingSinceMs !== undefined) return DONE
  return {
    ok: false,
    code: 'app_starting',
    message: waitReason(release.app, factsInActivation(it, release, activation)),
  }
}

/** Another release ends the stop, because only a running one can prove itself. */
async function staysStopped(
  it: AppEngine,
  release: Release,
  activation: Activation,
  signal: AbortSignal,
): Promise<boolean> {
  const { name } = release.item
  if (activation.stage === 'unproven') await it.stopped.remove(name)
  if (!it.stopped.has(name)) return false
  await stopRelease(it, release, signal)
  judgeActivation(it, release, activation)
  return true
}

const againAt = (current: Activation, stage: Activation['stage']): Activation => ({ ...current, stage })

const newActivation = ({ item }: Release, stage: Activation['stage']): Activation => ({
  key: releaseKey(item),
  stage,
  started: new Set(),
  base: {},
  corrections: 0,
})

/** A container that somebody stopped has to be started again. */
function forgetStopped(activation: Activation, facts: ReleaseFacts): void {
  for (const [name, { state, restarts }] of Object.entries(facts)) {
    if (state === 'running' || state === 'restarting') {
      if (!activation.started.has(name)) activation.base[name] = restarts
      activation.started.add(name)
    } else if (activation.servingSinceMs === undefined && activation.stage === 'proven') activation.started.delete(name)
  }
}

/** Starts each service whose dependencies are ready, again and again until none is left that could start. */
export async function advance(
  it: AppEngine,
  release: Release,
  activation: Activation,
  signal: AbortSignal,
): Promise<DriverAnswer | undefined> {
  for (;;) {
    const facts = factsInActivation(it, release, activation)
    const names = startableServices(release.app, facts).filter((name) => !activation.started.has(name))
    if (names.length === 0) return undefined
    const refusals = await Promise.all(names.map((name) => startService(it, { activation, name, facts }, signal)))
    await readEngine(it, signal)
    for (const name of names) activation.base[name] = factsFor(it, release)[name]?.restarts ?? 0
    const refusal = refusals.find((answer) => answer !== undefined)
    if (refusal) return refusal
  }
}

type Starting = { activation: Activation; name: string; facts: ReleaseFacts }

/** A release on trial fails by the refusal. A proven one is tried again. */
async function startService(
  it: AppEngine,
  { activation, name, facts }: Starting,
  signal: AbortSignal,
): Promise<DriverAnswer | undefined> {
  const found = facts[name]
  if (!found) return undefined
  try {
    if (found.state === 'paused') await it.engine.unpause(found.id, signal)
    else await it.engine.start(found.id, signal)
    activation.started.add(name)
    return undefined
  } catch (error) {
    if (!(error instanceof EngineRefused)) throw error
    const isPort = /port is already allocated|address already in use/.test(error.message)
    const cause = {
      code: isPort ? 'app_port_taken' : 'app_start_failed',
      message: `${name} cannot start: ${error.message}`.slice(0, 1_000),
    }
    if (activation.stage === 'unproven') activation.problem = cause
    return { ok: false, ...cause }
  }
}

/** Notes since when the release serves, or the evidence against it. */
export function judgeActivation(it: AppEngine, release: Release, activation: Activation): void {
  const facts = factsInActivation(it, release, activation)
  const isTrial = activation.stage === 'unproven'
  const problem = isTrial ? (activation.problem ?? trialProblem(release.app, facts, activation.base)) : undefined
  if (problem) {
    activation.problem = problem
    delete activation.servingSinceMs
    return
  }
  delete activation.problem
  const isServing = activation.servingSinceMs !== undefined
  if (it.stopped.has(release.item.name)) {
    // The release is as a person wants it. Neither its device nor the hub looks for another one.
    activation.servingSinceMs ??= it.clock.monotonicMs()
    return
  }
  // A proven release is not stopped for its health: its engine and its own restart policy look after it.
  const isWell = isTrial && !isServing ? isUp(release.app, facts) : isAlive(release.app, facts)
  if (isWell) {
    delete activation.drifted
    activation.servingSinceMs ??= it.clock.monotonicMs()
  } else if (isServing && release.app.drift === 'report') noteDrift(it, release, activation)
  else if (isServing) {
    delete activation.servingSinceMs
    activation.corrections++
    it.log.warn('app_drifted', {
      name: release.item.name,
      version: release.item.version,
      services: strayed(release, facts),
    })
  }
}

/** The release counts as serving: a person wants its containers as they are now. */
function noteDrift(it: AppEngine, release: Release, activation: Activation): void {
  const services = strayed(release, factsInActivation(it, release, activation))
  // A container with other limits runs.
  const drifted = services.length === 0 ? Object.keys(release.app.services) : services
  if (activation.drifted === undefined)
    it.log.warn('app_drift_kept', { name: release.item.name, version: release.item.version, services: drifted })
  activation.drifted = drifted.length
}

const strayed = ({ app }: Release, facts: ReleaseFacts): string[] =>
  Object.keys(app.services).filter((name) => facts[name]?.state !== 'running')

/** A container with other limits, or none, is made again. */
async function makeContainers(
  it: AppEngine,
  release: Release,
  activation: Activation,
  signal: AbortSignal,
): Promise<DriverAnswer | undefined> {
  const { item, app } = release
  const obstacle = await makeNetwork(it, item.name, signal)
  if (obstacle) return obstacle
  const present = factsInActivation(it, release, activation)
  const all = factsFor(it, release)
  const data = await findData(release, it.dataFolderOf)
  if (!data.ok) return data
  const repositoryFolder = hasRepository(release) ? await it.repositoryFolderOf(item.name) : undefined
  let isNew = false
  for (const [service, spec] of Object.entries(app.services)) {
    if (present[service]) continue
    const stray = all[service]
    if (stray) await it.engine.remove(stray.id, signal)
    activation.started.delete(service)
    const volume = await foreignVolume(it, release, service, signal)
    if (volume !== undefined) return taken('a volume', volume)
    const body = bodyOf(it, { release, service, spec, dataFolders: data.folders, repositoryFolder })
    const made = await createOwn(it, containerName(release, service), body, signal)
    if (made) return made
    isNew = true
  }
  if (isNew) await readEngine(it, signal)
  return undefined
}

const hasRepository = ({ app }: Release): boolean =>
  Object.values(app.services).some(({ repository }) => repository !== undefined)

type BodyOrder = {
  release: Release
  service: string
  spec: Service
  dataFolders: ReadonlyMap<string, string>
  repositoryFolder: string | undefined
}

function bodyOf(it: AppEngine, { release, service, spec, dataFolders, repositoryFolder }: BodyOrder): ContainerBody {
  const { item, app } = release
  return containerBody(spec, {
    item,
    service,
    image: imageName(it.device, item, spec.imageId),
    engine: it.version?.engine ?? 'docker',
    device: it.device,
    secretsFolder: secretsFolder(it.device, release, service),
    dataFolders,
    ...(repositoryFolder !== undefined && { repositoryFolder }),
    settingsFolder: settingsFolder(it, release),
    config: configOf(app.config, 'config' in item.spec ? (item.spec.config ?? {}) : {}),
    ...(app.config && { schema: app.config }),
  })
}

async function createOwn(
  it: AppEngine,
  name: string,
  body: ContainerBody,
  signal: AbortSignal,
): Promise<DriverAnswer | undefined> {
  try {
    await it.engine.create(name, body, signal)
    return undefined
  } catch (error) {
    if (!(error instanceof EngineRefused)) throw error
    if (error.status === 409) return taken('a container', name)
    return {
      ok: false,
      code: 'app_start_failed',
      message: `${name} cannot be created: ${error.message}`.slice(0, 1_000),
    }
  }
}

const taken = (what: string, name: string): DriverAnswer => ({
  ok: false,
  code: 'app_name_taken',
  message: `the container engine has ${what} ${name} that this agent did not make; rename or remove it`,
})

async function makeNetwork(it: AppEngine, app: string, signal: AbortSignal): Promise<DriverAnswer | undefined> {
  const name = networkName(app)
  const labels = await it.engine.labelsOf('networks', name, signal)
  if (labels) return labels[LABELS.device] === it.device ? undefined : taken('a network', name)
  await it.engine.makeNetwork(name, ownLabels(it.device, app), signal)
  return undefined
}

/** The engine makes a volume that does not exist, with our labels. One of somebody else has other people's data. */
async function foreignVolume(
  it: AppEngine,
  { item, app }: Release,
  service: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const { name } of app.services[service]?.volumes ?? []) {
    const full = volumeName(item.name, name)
    const labels = await it.engine.labelsOf('volumes', full, signal)
    if (labels && labels[LABELS.device] !== it.device) return full
  }
  return undefined
}

/** Ports of the releases of the same app are free as soon as those stop. */
async function portObstacle(it: AppEngine, release: Release): Promise<DriverAnswer | undefined> {
  const running = othersOf(it, release).filter(({ facts }) => Object.values(facts).some(isRunning))
  const own = running.flatMap((other) => portsOf(other.release))
  const isOwn = ({ host, protocol }: (typeof own)[number]) =>
    own.some((port) => port.host === host && port.protocol === protocol)
  if (Object.values(factsFor(it, release)).some(isRunning)) return undefined
  const port = await takenPort(portsOf(release).filter((wanted) => !isOwn(wanted)))
  if (!port) return undefined
  const message = `another program on this device listens on ${port.address}:${port.host} (${port.protocol}); stop it, or use another port`
  return { ok: false, code: 'app_port_taken', message }
}

const isRunning = ({ state }: ReleaseFacts[string]) =>
  state === 'running' || state === 'restarting' || state === 'paused'

/** The other loaded releases of the app, except those with the same containers. */
const othersOf = (it: AppEngine, mine: Release) =>
  it.releases
    .list()
    .filter((other) => other.item.name === mine.item.name && containerKey(other) !== containerKey(mine))
    .map((release) => ({ release, facts: factsFor(it, release) }))

/** All at once, for the shortest gap. */
async function stopOthers(it: AppEngine, release: Release, signal: AbortSignal): Promise<void> {
  await Promise.all(othersOf(it, release).map(({ release: other }) => stopRelease(it, other, signal)))
}

/** Stops the running containers of a release. */
export const stopRelease = (it: AppEngine, release: Release, signal: AbortSignal): Promise<void> =>
  stopContainers(it, { release, services: Object.keys(factsFor(it, release)) }, signal)

/** Stops the running containers of these services. */
export async function stopContainers(
  it: AppEngine,
  { release, services }: { release: Release; services: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  const running = Object.entries(factsFor(it, release)).filter(
    ([service, found]) => services.includes(service) && isRunning(found),
  )
  await Promise.all(
    running.map(([service, { id }]) => {
      const spec = release.app.services[service]
      return it.engine.stop(id, spec ? stopSeconds(spec) : GRACE_SECONDS, signal)
    }),
  )
}
