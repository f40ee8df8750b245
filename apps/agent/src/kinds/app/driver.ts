/**
 * App driver: releases of apps are containers of an engine on this device. The driver never asks a registry: the images
 * are files of the version. It touches only containers, networks and images that it made, which it knows by their
 * labels and names. Volumes hold data of people, so it never removes one.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { App, blobPath } from '@skerry/contract/apps/app'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { APP_PATH } from '@skerry/contract/kinds/app'
import type { Digest } from '@skerry/contract/values/digest'
import { containerKey, imageName, LABELS, releaseKey } from '@skerry/core/apps/container-body'
import type { SourceFile } from '@skerry/inference/runtime/model-source'
import { type Engine, openEngine } from '@skerry/platform/containers/engine'
import { EngineGone, EngineRefused } from '@skerry/platform/containers/engine-client'
import { type BlobReader, imageArchive } from '@skerry/platform/containers/image-tar'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import { readSealedPieces } from '@skerry/platform/sealing/sealed-read'
import type { Loaded } from '../../runner/runner-slot.ts'
import type { AppLogLine, AppLogQuery, Driver, DriverAnswer } from '../driver.ts'
import { type DriverDeps, lackOf } from '../runner-driver.ts'
import { accessRefusal } from './app-access.ts'
import { activateRelease } from './app-activation.ts'
import { controlApp } from './app-control.ts'
import { repositoryServer, runtimeReleases, servedEndpoint } from './app-endpoints.ts'
import { type AppEngine, createLock, factsFor, hasImages, readEngine, sweepRests } from './app-engine.ts'
import { figuresOf } from './app-figures.ts'
import { newestLines, readLines } from './app-logs.ts'
import { laySecrets } from './app-secrets.ts'
import { followEngine } from './engine-loop.ts'
import { noReleases, openReleases, type Release } from './releases.ts'
import { noStoppedApps, openStoppedApps } from './stopped-apps.ts'

const DONE: DriverAnswer = { ok: true }
const GONE: DriverAnswer = { ok: false, code: 'runner_gone', message: 'the container engine does not answer' }

/** Kept for a rollback, besides the loaded releases. */
const SPARES_MAX = 1

export function openAppDriver(deps: DriverDeps): Driver {
  const engine = openEngine(deps.engineSocket)
  const { signal, folder, fileSystem } = deps
  const it = unconnected(deps, engine)
  signal.addEventListener('abort', engine.close, { once: true })
  void followEngine(it, {
    open: async () => {
      it.device = await ownName(deps)
      it.releases = await openReleases(fileSystem, join(folder, 'releases'))
      it.stopped = await openStoppedApps(fileSystem, join(folder, 'stopped.json'))
    },
    onChange: deps.onChange,
    freeBytes: () => fileSystem.freeBytes(folder),
  })
  const ready = () => (it.version ? it : undefined)
  const withEngine = (work: (it: AppEngine) => Promise<DriverAnswer>) => {
    const found = ready()
    return found ? found.lock(() => guarded(() => work(found))) : Promise.resolve(GONE)
  }
  /** The loop tries a removal again that did not succeed, because the release is forgotten by then. */
  const remove = async (work: (it: AppEngine) => Promise<DriverAnswer>) => {
    const answer = await withEngine(work)
    if (!answer.ok) it.isSweepDue = true
    return answer
  }
  return {
    loaded: () => {
      const found = ready()
      return found?.releases
        .list()
        .filter((release) => hasImages(found, release))
        .map((release) => loadedOf(found, release))
    },
    trouble: () => it.trouble,
    isCapable: () => ready() !== undefined,
    load: async (item, _isolation, loading) =>
      lackOf(APP_PATH, item) ??
      withEngine((found) => loadRelease(found, item, deps, AbortSignal.any([loading, signal]))),
    activate: (item, stage) =>
      withEngine(async (found) => {
        const release = found.releases.get(releaseKey(item))
        return release ? activateRelease(found, release, stage, signal) : GONE
      }),
    async settle(item) {
      const release = it.releases.get(releaseKey(item))
      const activation = it.activations.get(item.name)
      if (activation?.key === releaseKey(item)) activation.stage = 'proven'
      if (release) await it.releases.add({ ...release, isProven: true })
    },
    async unload(item) {
      const release = it.releases.get(releaseKey(item))
      await giveUp(it, item)
      return remove((found) => removeRelease(found, release, signal))
    },
    async deactivate(name) {
      for (const { item } of [...it.releases.list(), ...it.releases.spares()]) {
        if (item.name === name) await it.releases.remove(releaseKey(item))
      }
      it.activations.delete(name)
      await it.stopped.remove(name)
      return remove((found) => removeApp(found, name, signal))
    },
    takeSecrets(secretOf) {
      it.secretOf = secretOf
      // A secret that is missing now stays as it was, until its release starts again.
      const lay = () => Promise.all(it.releases.list().map((release) => laySecrets(it.device, release, secretOf)))
      // The device does not wait for it: an engine that hangs may hold the lock for minutes.
      it.lock(lay).then(deps.onChange, (error: unknown) => it.log.warn('app_secrets_kept', { error }))
    },
    control: async (order, asking) => {
      const answer = await withEngine((found) => controlApp(found, order, AbortSignal.any([asking, signal])))
      deps.onChange()
      return answer
    },
    endpoint: (name, query) => {
      const found = ready()
      return found && servedEndpoint(found, name, query)
    },
    repository: (name) => {
      const found = ready()
      return found && repositoryServer(found, name)
    },
    runtimes: () => runtimeReleases(it),
    logs: async (name, query, asking) => {
      const found = ready()
      return found && readAppLines(found, name, query, AbortSignal.any([asking, signal]))
    },
  }
}

/** Nothing is read or written before an engine answers: most devices have none. */
function unconnected(
  { folder, fileSystem, clock, log, signal, onChange, apps }: DriverDeps,
  engine: Engine,
): AppEngine {
  return {
    fileSystem,
    clock,
    log: log.child({ part: 'apps' }),
    signal,
    onChange,
    engine,
    device: '',
    releases: noReleases,
    facts: new Map(),
    images: new Set(),
    activations: new Map(),
    stopped: noStoppedApps,
    isSweepDue: false,
    secretOf: () => undefined,
    dataFolderOf: apps.dataFolderOf,
    repositoryFolderOf: apps.repositoryFolderOf,
    settingsRoot: join(folder, 'settings'),
    usage: new Map(),
    exitCodes: new Map(),
    lock: createLock(),
  }
}

/** Written once, before the first container. Two agents with one engine never touch each other's containers. */
async function ownName({ folder, fileSystem }: DriverDeps): Promise<string> {
  const path = join(folder, 'name')
  const bytes = await fileSystem.readFile(path)
  const known = bytes && Buffer.from(bytes).toString('utf8').trim()
  if (known) return known
  const name = randomBytes(6).toString('hex')
  await fileSystem.makeFolder(folder)
  await writeAtomic(fileSystem, path, `${name}\n`)
  return name
}

function loadedOf(it: AppEngine, release: Release): Loaded {
  const activation = it.activations.get(release.item.name)
  const own = activation?.key === releaseKey(release.item) ? activation : undefined
  return {
    item: release.item,
    stats: { requests: 0, failures: 0 },
    ...(own?.servingSinceMs !== undefined && { servingSinceMs: own.servingSinceMs }),
    ...(own?.problem && { problem: own.problem.message, cause: own.problem }),
    figures: figuresOf(it, release, own),
  }
}

/** An engine that ends is nobody's fault. A refusal of it is reported, with its words. */
async function guarded(work: () => Promise<DriverAnswer>): Promise<DriverAnswer> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof EngineGone) return GONE
    if (!(error instanceof EngineRefused)) throw error
    const code = /no space left on device/i.test(error.message) ? 'storage_full' : 'engine_refused'
    return { ok: false, code, message: `the container engine refuses: ${error.message}`.slice(0, 1_000) }
  }
}

/** Gives the engine the images that it lacks. Nothing of the release that serves changes. */
async function loadRelease(
  it: AppEngine,
  item: DesiredItem,
  { files, appAccess = [] }: DriverDeps,
  signal: AbortSignal,
): Promise<DriverAnswer> {
  return files.withFiles(item, async (sources) => {
    const blob = blobReader(item, sources, it)
    const app = await readApp(sources, it)
    if (!app) return { ok: false, code: 'app_unreadable', message: `${APP_PATH} cannot be read; update the agent` }
    const refused = await accessRefusal(app, appAccess)
    if (refused) return refused
    const refusal = await loadImages(it, { item, app, blob }, signal)
    if (refusal) return refusal
    const known = it.releases.spares().find((spare) => releaseKey(spare.item) === releaseKey(item))
    await it.releases.add({ item, app, isProven: known?.isProven ?? false })
    await readEngine(it, signal)
    return DONE
  })
}

type Loading = { item: DesiredItem; app: App; blob: BlobReader }

async function loadImages(
  it: AppEngine,
  { item, app, blob }: Loading,
  signal: AbortSignal,
): Promise<DriverAnswer | undefined> {
  for (const [service, { platform, image, imageId }] of Object.entries(app.services)) {
    const arch = ARCHITECTURES[it.version?.arch ?? ''] ?? it.version?.arch
    if (arch !== undefined && platform.architecture !== arch) {
      const message = `the image of ${service} is for ${platform.architecture}, and this device is ${arch}`
      return { ok: false, code: 'app_image_refused', message }
    }
    const refusal = await loadImage(it, { image, imageId, name: imageName(it.device, item, imageId), blob }, signal)
    if (refusal) return refusal
  }
  return undefined
}

/** [uname(2)] Podman reports names of the kernel. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' }

type ImageOrder = { image: Digest; imageId: Digest; name: string; blob: BlobReader }

/** An engine names an image by its configuration, and containerd by its manifest. */
async function loadImage(
  it: AppEngine,
  { image, imageId, name, blob }: ImageOrder,
  signal: AbortSignal,
): Promise<DriverAnswer | undefined> {
  const isOwn = async () => [imageId, image].includes(((await it.engine.imageId(name, signal)) ?? '') as Digest)
  if (await isOwn()) return undefined
  const archive = await imageArchive(image, name, blob)
  if (!archive.ok) return { ok: false, code: 'app_image_refused', message: archive.message }
  try {
    await it.engine.loadImages(archive.stream, signal)
  } catch (error) {
    if (!(error instanceof EngineRefused) || /no space left/i.test(error.message)) throw error
    return { ok: false, code: 'app_image_refused', message: `the engine cannot load the image: ${error.message}` }
  }
  if (await isOwn()) return undefined
  const message =
    'the engine has another image under this name after loading; its files do not make the image that app.json names'
  return { ok: false, code: 'app_image_refused', message }
}

async function readApp(sources: readonly SourceFile[], it: AppEngine): Promise<App | undefined> {
  const source = sources.find(({ name }) => name === APP_PATH)
  if (!source) return undefined
  const pieces: Buffer[] = []
  for await (const piece of piecesOf(source, it)) pieces.push(Buffer.from(piece))
  try {
    return App.safeParse(JSON.parse(Buffer.concat(pieces).toString('utf8'))).data
  } catch {
    return undefined
  }
}

function blobReader({ files }: DesiredItem, sources: readonly SourceFile[], it: AppEngine): BlobReader {
  const byPath = new Map(sources.map((source) => [source.name, source]))
  const sizes = new Map(files.map(({ path, sizeBytes }) => [path, sizeBytes]))
  return (digest) => {
    const path = blobPath(digest)
    const [source, sizeBytes] = [byPath.get(path), sizes.get(path)]
    return source && sizeBytes !== undefined ? { sizeBytes, read: () => piecesOf(source, it) } : undefined
  }
}

const piecesOf = ({ path, seal }: SourceFile, { fileSystem }: AppEngine): AsyncIterable<Uint8Array> =>
  seal ? readSealedPieces(path, seal) : fileSystem.createReadStream(path)

/** Unloads the release. A proven release keeps its images, for a rollback. */
async function giveUp({ releases, activations, clock }: AppEngine, item: DesiredItem): Promise<void> {
  const { name } = item
  const key = releaseKey(item)
  const release = releases.get(key)
  if (activations.get(name)?.key === key) activations.delete(name)
  if (!release) return
  if (!release.isProven) return releases.remove(key)
  await releases.add({ ...release, spareSinceMs: clock.nowMs() })
  const spares = releases.spares().filter((spare) => spare.item.name === name)
  for (const spare of spares.slice(SPARES_MAX)) await releases.remove(releaseKey(spare.item))
}

/** Containers that another loaded release has, too, go on: it differs only in hot settings. */
async function removeRelease(it: AppEngine, release: Release | undefined, signal: AbortSignal): Promise<DriverAnswer> {
  await readEngine(it, signal)
  const key = release && containerKey(release)
  if (key !== undefined && !it.releases.list().some((other) => containerKey(other) === key)) {
    await endContainers(it, Object.values(it.facts.get(key) ?? {}), signal)
    it.facts.delete(key)
  }
  await sweepRests(it, signal)
  return DONE
}

/** A running container ends in its own way first: it may have to write something down. */
async function endContainers(it: AppEngine, found: readonly { id: string; state: string }[], signal: AbortSignal) {
  await Promise.all(
    found.map(async ({ id, state }) => {
      if (state === 'running' || state === 'restarting') await it.engine.stop(id, undefined, signal)
      await it.engine.remove(id, signal)
    }),
  )
}

async function removeApp(it: AppEngine, name: string, signal: AbortSignal): Promise<DriverAnswer> {
  const listed = await it.engine.containers({ [LABELS.device]: it.device, [LABELS.app]: name }, signal)
  await Promise.all(listed.map(({ Id }) => it.engine.remove(Id, signal)))
  await readEngine(it, signal)
  await sweepRests(it, signal)
  return DONE
}

/** Undefined if no release of the app has a container here. */
async function readAppLines(
  it: AppEngine,
  name: string,
  { service, tail, sinceMs }: AppLogQuery,
  signal: AbortSignal,
): Promise<AppLogLine[] | undefined> {
  const activation = it.activations.get(name)
  const loaded = it.releases.list().filter(({ item }) => item.name === name)
  const release = loaded.find(({ item }) => releaseKey(item) === activation?.key) ?? loaded[0]
  if (!release) return undefined
  const services = Object.entries(factsFor(it, release)).filter(([known]) => service === undefined || known === service)
  if (services.length === 0) return undefined
  const since = sinceMs === undefined ? 0 : sinceMs / 1_000
  const parts = await Promise.all(
    services.map(async ([known, { id }]) => readLines(known, await it.engine.logs(id, { tail, since }, signal))),
  )
  const lines = parts.flat().toSorted((a, b) => a.atMs - b.atMs)
  return newestLines(lines.slice(-tail))
}
