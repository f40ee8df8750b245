/** Sandbox engine: the container engine of this machine, with the app of a listing in it. */
import type { Service } from '@skerry/contract/apps/app'
import type { Digest } from '@skerry/contract/values/digest'
import { accessWords } from '@skerry/core/apps/app-access'
import { hasHotSettings } from '@skerry/core/apps/app-environment'
import type { PlannedApp } from '@skerry/core/market/checks/container-facts'
import { type ContainerObserver, openContainerObserver } from '@skerry/platform/containers/container-observer'
import { type Engine, openEngine } from '@skerry/platform/containers/engine'
import { EngineGone, EngineRefused } from '@skerry/platform/containers/engine-client'
import { loadAppImages, removeThings } from '../../../apps/running/engine-things.ts'
import { bringUp, containerOf, createContainers, removeVolumes, THINGS } from './app-sandbox.ts'

/** Stopping and removing containers of each grace; after it, the engine hangs. */
const CLEAN_MS = 120_000

/** [OCI image, config] By the names of Node. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

export type AppsTask = {
  apps: readonly PlannedApp[]
  contentOf: (digest: Digest) => AsyncIterable<Uint8Array>
  /** The Unix socket of the container engine. */
  socket: string
}

type OpenedEngine = { engine: Engine; observer: ContainerObserver }

/** One app in the engine. */
export type Sandbox = OpenedEngine & Pick<AppsTask, 'contentOf'> & { planned: PlannedApp }

type NotRun = { ok: false; reason: string }

/** The result of the work, or the reason why this machine cannot run the apps. */
export async function inEngine<T>(
  { apps, socket }: AppsTask,
  work: (opened: OpenedEngine) => Promise<T>,
  signal: AbortSignal,
): Promise<T | NotRun> {
  const missing = apps.flatMap(({ app }) => [
    ...hotSettings(app),
    ...Object.entries(app.services).flatMap(neededThing),
  ])[0]
  if (missing !== undefined) return { ok: false, reason: missing }
  const engine = openEngine(socket)
  const observer = openContainerObserver(socket)
  try {
    await engine.version(signal)
    return await work({ engine, observer })
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof EngineGone || error instanceof EngineRefused)
      return { ok: false, reason: `${error.message}; its socket is ${socket}` }
    throw error
  } finally {
    observer.close()
    engine.close()
  }
}

/** The device keeps hot settings in a file that it changes while the app runs. */
const hotSettings = ({ config }: PlannedApp['app']): string[] =>
  hasHotSettings(config) ? ['it has hot settings, whose file a sandbox does not have'] : []

/** A sandbox has neither the secrets and data of a device, nor another processor. */
function neededThing([name, { secrets = [], data = [], access, platform }]: [string, Service]): string[] {
  // Strangers make the images: an image gets none of the machine that tries it, whatever a device would give it.
  const [word] = accessWords(access)
  if (word !== undefined) return [`${name} asks for ${word} of the device, which a sandbox does not give`]
  const [secret] = secrets
  if (secret !== undefined) return [`${name} needs the secret ${secret}, which a sandbox does not have`]
  if (data[0] !== undefined) return [`${name} needs the data ${data[0]}, which a sandbox does not have`]
  if (platform.architecture === ARCHITECTURES[process.arch]) return []
  return [`the image of ${name} is for ${platform.architecture}, and this machine is ${process.arch}`]
}

/** Loads the images, and starts the app. Returns the reason if it does not come up. */
export async function setUp(sandbox: Sandbox, signal: AbortSignal): Promise<string | undefined> {
  const { engine, planned } = sandbox
  await loadAppImages(engine, { app: planned.app, blob: blobsOf(sandbox), things: THINGS }, signal)
  await createContainers(engine, planned, signal)
  return bringUp(engine, planned, signal)
}

function blobsOf({ planned: { files }, contentOf }: Sandbox) {
  const sizes = new Map(files.map(({ digest, sizeBytes }) => [digest, sizeBytes]))
  return (digest: Digest) => {
    const sizeBytes = sizes.get(digest)
    return sizeBytes === undefined ? undefined : { sizeBytes, read: () => contentOf(digest) }
  }
}

export const servicesOf = ({ planned }: Pick<Sandbox, 'planned'>): [string, Service][] =>
  Object.entries(planned.app.services)

/** A service that ended as it should has no processes. */
export async function running(sandbox: Sandbox, signal: AbortSignal): Promise<string[]> {
  const found = []
  for (const [service] of servicesOf(sandbox)) {
    const container = await sandbox.engine.inspect(containerOf(service), signal)
    if (container?.State.Status === 'running') found.push(service)
  }
  return found
}

/** Kills all processes at once, without a word to them. */
export async function killAll(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  for (const service of await running(sandbox, signal)) await sandbox.observer.kill(containerOf(service), signal)
  // A kill ends at once, and the engine takes a moment to see it.
  for (const [service] of servicesOf(sandbox)) await sandbox.engine.stop(containerOf(service), 0, signal)
}

/** Removes the containers and images. Volumes stay for the next version. */
export const removeContainers = ({ engine }: Pick<Sandbox, 'engine'>): Promise<void> =>
  // A run that was cancelled leaves nothing behind either.
  removeThings(engine, THINGS, AbortSignal.timeout(CLEAN_MS))

/** Removes everything of the app. */
export async function removeSandbox(sandbox: Pick<Sandbox, 'engine' | 'planned'>): Promise<void> {
  await removeContainers(sandbox)
  await removeVolumes(sandbox.engine, sandbox.planned, AbortSignal.timeout(CLEAN_MS))
}
