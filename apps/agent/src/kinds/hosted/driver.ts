/**
 * Hosted driver: models with files of another engine. The agent lays the files of a version where the server of the
 * runtime app finds them, and makes the server load them. From then on the version is a model that an app answers for.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { HOSTED_PATH } from '@skerry/contract/kinds/hosted'
import { HostedModel } from '@skerry/contract/models/hosted-model'
import { servingOf } from '@skerry/core/kinds/kinds'
import { systemCode } from '@skerry/platform/files/file-system'
import { appModelDriver, type Refusal, waiting } from '../app-model-driver.ts'
import type { Driver, RepositoryServer } from '../driver.ts'
import type { DriverDeps } from '../runner-driver.ts'
import { hasModel, isServerReady, loadModel, unloadModel } from './repository-calls.ts'
import { type LaidModel, openRepositoryFolders, type RepositoryFolders, serverModelName } from './repository-folders.ts'

/** In milliseconds. A server that reads its folder at its start has loaded large models by then. */
const RESTART_MS = 300_000

type HostedDeps = Pick<DriverDeps, 'runner' | 'files' | 'apps' | 'fileSystem' | 'folder' | 'clock' | 'log' | 'signal'>

type Hosting = Pick<HostedDeps, 'files' | 'apps' | 'clock' | 'log' | 'signal'> & {
  folders: RepositoryFolders
  /** When a restart was ordered, so that the server finds this model. */
  restarts: Map<string, number>
  /** The models that this process has brought into a server. */
  held: Set<string>
}

export const openHostedDriver = (deps: HostedDeps): Driver => {
  const { runner, files, apps, fileSystem, folder, clock, log, signal } = deps
  const folders = openRepositoryFolders(fileSystem, folder, (sizeBytes) => files.hasRoomFor(sizeBytes))
  const it: Hosting = { files, apps, clock, log, signal, folders, restarts: new Map(), held: new Set() }
  const base = appModelDriver(deps, {
    kind: 'hosted',
    path: HOSTED_PATH,
    schema: HostedModel,
    endpointOf: ({ runtime: { app, version } }) => {
      const server = apps.repositoryOf(app)
      return server && (version === undefined || server.release === version) ? server : undefined
    },
    absence: ({ runtime: { app, version } }) =>
      `no running release${version === undefined ? '' : ` ${version}`} of the app ${app} has a model repository`,
    bring: ({ model: { runtime }, endpoint, item }, loading) =>
      bringModel(it, { app: runtime.app, endpoint, item }, loading),
    loadOf: ({ inputs, outputs }, { host, port, isBinary }, item) => ({
      kind: 'served',
      files: {
        host,
        port,
        isBinary,
        model: serverModelName(item),
        signature: { inputs, outputs },
        timeoutMs: servingOf(item).deadlineMs,
      },
    }),
  })
  return {
    ...base,
    mirror: (item, rules) => files.withGolden(item, (golden) => runner.mirror(item, rules, golden?.golden)),
    announce: runner.expect,
    async activate(item) {
      const answer = await base.activate(item, 'unproven')
      if (answer.ok) await removeUnknown(it, item.name)
      return answer
    },
    async unload(item) {
      const answer = await base.unload(item)
      const model = serverModelName(item)
      for (const laid of await folders.modelsOf(item.name)) if (laid.model === model) await takeAway(it, laid)
      return answer
    },
    async deactivate(name) {
      const answer = await base.deactivate(name)
      for (const laid of await folders.modelsOf(name)) await takeAway(it, laid)
      return answer
    },
    folderOf: folders.folderOf,
  }
}

type Bringing = { app: string; endpoint: RepositoryServer; item: DesiredItem }

async function bringModel(it: Hosting, bringing: Bringing, loading: AbortSignal): Promise<Refusal | undefined> {
  const { app, endpoint, item } = bringing
  const model = serverModelName(item)
  const refusal = await layVersion(it, bringing)
  if (refusal) return refusal
  it.held.add(model)
  const signal = AbortSignal.any([loading, it.signal])
  try {
    if (!(await isServerReady(endpoint, signal))) return waiting(`the server of the app ${app} is not ready yet`)
    if (!(await hasModel(endpoint, model, signal))) return await loadInto(it, bringing, signal)
  } catch (error) {
    if (signal.aborted) throw error
    return waiting(`the server of the app ${app} does not answer: ${messageOf(error)}`)
  }
  it.restarts.delete(model)
  return undefined
}

async function layVersion({ files, folders }: Hosting, { app, item }: Bringing): Promise<Refusal | undefined> {
  try {
    await files.withFiles(item, (sources) => folders.lay(app, item, sources))
    return undefined
  } catch (error) {
    const isFull = ['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '')
    // Other trouble of the machine says nothing about the version.
    return isFull
      ? { ok: false, code: 'storage_full', message: `the files cannot be laid: ${messageOf(error)}` }
      : waiting(`the files cannot be laid: ${messageOf(error)}`)
  }
}

async function loadInto(it: Hosting, bringing: Bringing, signal: AbortSignal): Promise<Refusal | undefined> {
  const { endpoint, item } = bringing
  switch (endpoint.load) {
    case 'request': {
      const { status, reason } = await loadModel(endpoint, serverModelName(item), signal)
      if (status === 200) return undefined
      // [RFC 9110, 15.6.4] The server is busy, and has not judged the files.
      return status === 503 ? waiting(`the server is busy: ${reason}`) : refused(bringing, `${status}: ${reason}`)
    }
    case 'restart':
      return restartFor(it, bringing, signal)
  }
}

/** One restart for each model: a server that does not find its files then never will. */
async function restartFor(
  { apps, restarts, clock }: Hosting,
  bringing: Bringing,
  signal: AbortSignal,
): Promise<Refusal> {
  const { app, endpoint, item } = bringing
  const model = serverModelName(item)
  const orderedMs = restarts.get(model)
  if (orderedMs === undefined) {
    const answer = await apps.control({ action: 'restart', app, service: endpoint.service }, signal)
    if (!answer.ok) return waiting(`the app ${app} must restart to find the model: ${answer.message}`)
    restarts.set(model, clock.monotonicMs())
  } else if (clock.monotonicMs() - orderedMs > RESTART_MS) {
    restarts.delete(model)
    return refused(bringing, `it does not have the model ${RESTART_MS / 60_000} minutes after a restart`)
  }
  return waiting(`the app ${app} restarts, and its server finds the model then`)
}

const refused = ({ app }: Bringing, reason: string): Refusal => ({
  ok: false,
  code: 'model_load_failed',
  message: `the server of the app ${app} cannot load the files: ${reason}; read its log with "skerry app logs DEVICE ${app}"`,
})

/** The server first: it may read a file again while it has the model. A server that is away has no model. */
async function takeAway({ apps, folders, restarts, held, log, signal }: Hosting, laid: LaidModel): Promise<void> {
  const server = apps.repositoryOf(laid.app)
  if (server?.load === 'request') {
    await unloadModel(server, laid.model, signal).catch((error: unknown) =>
      log.warn('model_not_unloaded', { ...laid, error }),
    )
  }
  restarts.delete(laid.model)
  held.delete(laid.model)
  await folders.remove(laid)
}

/** Versions that a process before this one left, and that nobody wants any more. */
async function removeUnknown(it: Hosting, name: string): Promise<void> {
  for (const laid of await it.folders.modelsOf(name)) if (!it.held.has(laid.model)) await takeAway(it, laid)
}

const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
