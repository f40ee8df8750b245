/**
 * App engine: the facts that the driver keeps about its engine, and how they are read. Invariants: `facts`, `images`
 * and `activations` are those of the present connection; without one there are none. Changes of the engine are made
 * under the lock, so that a reading never meets a half-made change.
 */
import type { AppPort } from '@skerry/contract/apps/app'
import type { Cause } from '@skerry/contract/devices/item'
import { type ContainerFacts, hasLimits, type ReleaseFacts } from '@skerry/core/apps/app-watch'
import { containerKey, imageName, imageRepository, LABELS, networkName } from '@skerry/core/apps/container-body'
import { containerFacts } from '@skerry/platform/containers/container-facts'
import type { Engine, EngineVersion } from '@skerry/platform/containers/engine'
import { EngineRefused } from '@skerry/platform/containers/engine-client'
import type { DriverGround } from '../driver.ts'
import type { DataFolderOf } from './app-data.ts'
import { keepSecrets, type SecretValues } from './app-secrets.ts'
import { keepSettings } from './app-settings.ts'
import type { Release, Releases } from './releases.ts'
import type { StoppedApps } from './stopped-apps.ts'

/** The release that should run under a name, since the driver was told so in this connection. */
export type Activation = {
  key: string
  stage: 'proven' | 'unproven'
  /** Services that were started, or found running, in this activation. */
  started: Set<string>
  /** The engine's restart counts at the start of each service. */
  base: Record<string, number>
  /** By a clock that only moves forward: since when all containers run, and are healthy on trial. */
  servingSinceMs?: number
  /** Evidence against a release on trial. */
  problem?: Cause
  /** How often somebody else stopped, removed or changed a container of it. */
  corrections: number
  /** Services that somebody stopped or changed, and that stay so by the policy of the release. */
  drifted?: number
}

export type Usage = { atMs: number; cpuNanos: number; memoryBytes: number; cpuPercent?: number }

export type AppEngine = Omit<DriverGround, 'folder'> & {
  engine: Engine
  /** Names the containers of this data folder in the engine. */
  device: string
  releases: Releases
  /** Absent while there is no connection. */
  version?: EngineVersion
  /** Why there is no connection; absent until the first try. */
  trouble?: Cause
  /** By `containerKey`. */
  facts: Map<string, ReleaseFacts>
  /** Names of images in the engine. */
  images: Set<string>
  activations: Map<string, Activation>
  stopped: StoppedApps
  /** The engine has refused or missed a removal, so that something of a forgotten release may still be there. */
  isSweepDue: boolean
  /** The secrets of the device. None before the device has read them. */
  secretOf: SecretValues
  dataFolderOf: DataFolderOf
  /** The folder of the device with the files of hosted models, for the container of the app. */
  repositoryFolderOf: DataFolderOf
  /** The folder of the files with settings that change while containers run. */
  settingsRoot: string
  usage: Map<string, Usage>
  /** The newest exit code of each container, by its id. */
  exitCodes: Map<string, number>
  /** Calls the work after all earlier work. */
  lock<T>(work: () => Promise<T>): Promise<T>
}

/** One work after the other. */
export function createLock(): AppEngine['lock'] {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>) => {
    const done = last.then(work, work)
    last = done.catch(() => undefined)
    return done
  }
}

/** Reads all containers of this device, and the images. Needs the lock. */
export async function readEngine(it: AppEngine, signal: AbortSignal): Promise<void> {
  const listed = await it.engine.containers({ [LABELS.device]: it.device }, signal)
  const inspected = await Promise.all(listed.map(({ Id }) => it.engine.inspect(Id, signal)))
  const facts = new Map<string, Record<string, ContainerFacts>>()
  for (const container of inspected) {
    const labels = container?.Config.Labels ?? {}
    const [key, service] = [labels[LABELS.release], labels[LABELS.service]]
    if (!container || key === undefined || service === undefined) continue
    const release = facts.get(key) ?? {}
    release[service] = containerFacts(container, it.exitCodes.get(container.Id))
    facts.set(key, release)
  }
  it.facts = facts
  const ids = new Set(listed.map(({ Id }) => Id))
  for (const id of it.exitCodes.keys()) if (!ids.has(id)) it.exitCodes.delete(id)
  const images = await it.engine.images(signal)
  it.images = new Set(images.flatMap(({ RepoTags }) => RepoTags ?? []))
}

/** The containers of a release; none if it has none yet. */
export const factsFor = (it: Pick<AppEngine, 'facts'>, release: Pick<Release, 'item' | 'app'>): ReleaseFacts =>
  it.facts.get(containerKey(release)) ?? {}

/**
 * The same in the present activation: a container that ended before it has yet to be started, whatever its exit code.
 * One without the limits of the release has to be made again.
 */
export function factsInActivation(it: AppEngine, release: Release, { started }: Activation): ReleaseFacts {
  const known = Object.entries(factsFor(it, release)).flatMap(([name, found]) => {
    const spec = release.app.services[name]
    if (!spec || !hasLimits(spec, found)) return []
    const isOver = found.state === 'exited' || found.state === 'dead'
    return [[name, isOver && !started.has(name) ? { ...found, state: 'created' as const } : found] as const]
  })
  return Object.fromEntries(known)
}

/** The names of its images in the engine. */
export const imagesOf = ({ item, app }: Release, device: string): string[] => [
  ...new Set(Object.values(app.services).map(({ imageId }) => imageName(device, item, imageId))),
]

export const hasImages = (it: AppEngine, release: Release): boolean =>
  imagesOf(release, it.device).every((name) => it.images.has(name))

export const portsOf = ({ app }: Release): AppPort[] => Object.values(app.services).flatMap(({ ports }) => ports ?? [])

/**
 * Removes containers, images and networks that no release of this device names. Needs the lock. A network that a foreign
 * container uses stays until that container has left it.
 */
export async function sweepRests(it: AppEngine, signal: AbortSignal): Promise<void> {
  const { releases, engine, device, log } = it
  const loaded = new Set(releases.list().map(containerKey))
  for (const [key, services] of it.facts) {
    if (loaded.has(key)) continue
    log.info('app_rests_removed', { release: key, services: Object.keys(services) })
    for (const { id } of Object.values(services)) await engine.remove(id, signal)
    it.facts.delete(key)
  }
  const known = [...releases.list(), ...releases.spares()]
  await sweepNetworks(it, new Set(known.map(({ item }) => networkName(item.name))), signal)
  await keepSecrets(device, releases.list())
  await keepSettings(it, loaded)
  const kept = known.flatMap((release) => imagesOf(release, device))
  for (const name of it.images) {
    if (!name.startsWith(imageRepository(device)) || kept.includes(name)) continue
    await engine.removeImage(name, signal)
    it.images.delete(name)
  }
}

async function sweepNetworks(it: AppEngine, kept: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
  for (const name of await it.engine.networkNames({ [LABELS.device]: it.device }, signal)) {
    if (kept.has(name)) continue
    try {
      await it.engine.removeNetwork(name, signal)
    } catch (error) {
      if (!(error instanceof EngineRefused)) throw error
      it.isSweepDue = true
      it.log.warn('app_network_kept', { network: name, error })
    }
  }
}

/**
 * Tries again to remove the rests of releases that the driver has forgotten. A refusal of the engine changes nothing for
 * the other apps. Needs the lock.
 */
export async function sweepAgain(it: AppEngine, signal: AbortSignal): Promise<void> {
  if (!it.isSweepDue) return
  it.isSweepDue = false
  try {
    await sweepRests(it, signal)
  } catch (error) {
    it.isSweepDue = true
    if (!(error instanceof EngineRefused)) throw error
    it.log.warn('app_rests_kept', { error })
  }
}
