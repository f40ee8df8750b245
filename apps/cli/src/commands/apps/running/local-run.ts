/**
 * Local run: an app on the machine of a person, by the same decisions as on a device. Its things in the engine have
 * names of their own, so that an agent beside it keeps its containers, its network and its volumes.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type App, type Service, startOrder } from '@skerry/contract/apps/app'
import type { AppConfig } from '@skerry/contract/apps/config-schema'
import { configOf } from '@skerry/core/apps/app-config'
import { isUp, type ReleaseFacts, startableServices, trialProblem, waitReason } from '@skerry/core/apps/app-watch'
import {
  containerBody,
  containerName,
  imageName,
  networkName,
  ownLabels,
  volumeName,
} from '@skerry/core/apps/container-body'
import { containerFacts } from '@skerry/platform/containers/container-facts'
import { type Engine, type EngineVersion, openEngine } from '@skerry/platform/containers/engine'
import type { BlobReader } from '@skerry/platform/containers/image-tar'
import { fail } from '../../../program/failure.ts'
import type { Session } from '../../../program/session.ts'
import { engineFailure } from '../archives/engine-images.ts'
import type { ArchivedBlob } from '../archives/image-archive.ts'
import { loadAppImages, ownThings, removeThings } from './engine-things.ts'
import { type LocalFiles, openLocalFiles } from './local-files.ts'
import { type LinePrinter, printLines } from './local-lines.ts'

export type LocalApp = {
  app: App
  blobs: readonly ArchivedBlob[]
  config: AppConfig
  /** Files of values, and folders of data, by name. */
  secrets: ReadonlyMap<string, string>
  data: ReadonlyMap<string, string>
  socket: string
  isUntilUp: boolean
  isFresh: boolean
}

/** Marks all things of local runs in the engine. */
const THINGS = ownThings('local-run', 'local_run')
const { device: DEVICE, item: ITEM } = THINGS

/** A person sees a change at once, and a busy engine has rest between two looks. */
const LOOK_MS = 250

/** Stopping and removing containers of any grace; after it, the engine hangs. */
const CLEAN_MS = 120_000

type Running = {
  engine: Engine
  kind: EngineVersion['engine']
  local: LocalApp
  files: LocalFiles
  started: Set<string>
}

/** Runs until the signal, until the app is up if that is wanted, or until a device would return the release. */
export async function runLocally(local: LocalApp, session: Session): Promise<void> {
  const engine = openEngine(local.socket)
  await using files = await openLocalFiles(local)
  const running: Running = { engine, kind: 'docker', local, files, started: new Set() }
  try {
    running.kind = (await engine.version(session.signal)).engine
    await removeThings(engine, THINGS, AbortSignal.timeout(CLEAN_MS))
    if (local.isFresh) await removeVolumes(running, session.signal)
    await loadImages(running, session)
    await makeContainers(running, session.signal)
    await watch(running, session)
  } catch (error) {
    throw engineFailure(error, local.socket)
  } finally {
    // The engine may be the reason of the end; the first failure counts.
    await removeThings(engine, THINGS, AbortSignal.timeout(CLEAN_MS)).catch(() => undefined)
    engine.close()
  }
}

function loadImages({ engine, local: { app, blobs } }: Running, session: Session): Promise<void> {
  const byDigest = new Map(blobs.map((blob) => [blob.digest, blob]))
  const blob: BlobReader = (digest) => {
    const found = byDigest.get(digest)
    return found && { sizeBytes: found.sizeBytes, read: () => found.read(0) }
  }
  return loadAppImages(engine, { app, blob, things: THINGS }, session.signal)
}

async function makeContainers({ engine, kind, local, files }: Running, signal: AbortSignal): Promise<void> {
  const { app } = local
  const config = configOf(app.config, local.config)
  await engine.makeNetwork(networkName(ITEM.name), ownLabels(DEVICE, ITEM.name), signal)
  for (const service of startOrder(app.services)) {
    const spec = app.services[service]
    if (!spec) continue
    const body = containerBody(spec, {
      item: ITEM,
      service,
      image: imageName(DEVICE, ITEM, spec.imageId),
      device: DEVICE,
      engine: kind,
      secretsFolder: files.secretsOf(service),
      dataFolders: files.data,
      settingsFolder: files.settings,
      config,
      ...(app.config && { schema: app.config }),
    })
    await engine.create(containerName({ item: ITEM, app: {} }, service), body, signal)
  }
}

async function watch(running: Running, session: Session): Promise<void> {
  const { app, isUntilUp } = running.local
  const { signal } = session
  using lines = printLines(running.engine, session)
  let state = ''
  while (!signal.aborted) {
    const facts = await readFacts(running, signal)
    const problem = trialProblem(app, facts, {})
    if (problem) {
      await lines.rest()
      throw fail('app_run_failed', `a device would return this release: ${problem.message}`)
    }
    const isQuiet = await startReady(running, { facts, lines }, signal)
    const isRunning = isUp(app, facts)
    const now = isRunning ? `all services run${placesOf(app)}; stop them with Ctrl-C` : waitReason(app, facts)
    if (isQuiet && now !== state) session.note(now)
    if (isQuiet) state = now
    if (isRunning && isUntilUp) return lines.rest()
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined)
  }
}

type Look = { facts: ReleaseFacts; lines: LinePrinter }

/** Starts the services whose dependencies are ready. Answers whether there were none. */
async function startReady(
  { engine, local: { app }, started }: Running,
  { facts, lines }: Look,
  signal: AbortSignal,
): Promise<boolean> {
  const ready = startableServices(app, facts).filter((name) => !started.has(name))
  for (const name of ready) {
    const id = facts[name]?.id
    if (id === undefined) continue
    await engine.start(id, signal)
    started.add(name)
    lines.follow(name, id)
  }
  return ready.length === 0
}

/** A container that has yet to be started is no evidence. */
async function readFacts({ engine, local: { app }, started }: Running, signal: AbortSignal): Promise<ReleaseFacts> {
  const found = await Promise.all(
    Object.keys(app.services).map(async (name) => {
      const container = await engine.inspect(containerName({ item: ITEM, app: {} }, name), signal)
      if (!container) throw fail('app_run_failed', `somebody removed the container of ${name}`)
      const facts = containerFacts(container, undefined)
      return [name, started.has(name) ? facts : { ...facts, state: 'created' as const }] as const
    }),
  )
  return Object.fromEntries(found)
}

/** The addresses at which a person reaches the app. */
function placesOf({ services }: App): string {
  const ports = Object.values(services).flatMap((service: Service) => service.ports ?? [])
  const places = ports.map(({ address, host, protocol }) => `${address}:${host}${protocol === 'udp' ? '/udp' : ''}`)
  return places.length === 0 ? '' : `, at ${places.join(', ')}`
}

async function removeVolumes({ engine, local: { app } }: Running, signal: AbortSignal): Promise<void> {
  const names = Object.values(app.services).flatMap(({ volumes = [] }) => volumes.map(({ name }) => name))
  for (const name of new Set(names)) await engine.removeVolume(volumeName(ITEM.name, name), signal)
}
