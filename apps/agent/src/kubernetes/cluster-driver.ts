/**
 * Cluster driver: versions of models are Deployments of a Kubernetes cluster. A new version starts beside the one that
 * serves. Its pods are ready when their answers to the golden cases were right. Then the Service of the model selects
 * them. The agent keeps the order of the life of a version, so that rollouts, gates and rollbacks work as on each
 * device.
 */
import { join } from 'node:path'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import { judgeRelease } from '@skerry/core/kubernetes/cluster-judge'
import { releaseObjectName } from '@skerry/core/kubernetes/cluster-names'
import { isAutoscaled } from '@skerry/core/kubernetes/cluster-objects'
import { createLock } from '../kinds/app/app-engine.ts'
import type { Driver, DriverAnswer, Stage } from '../kinds/driver.ts'
import { type DriverDeps, lackOf } from '../kinds/runner-driver.ts'
import type { Loaded } from '../runner/runner-slot.ts'
import { ClusterGone, ClusterRefused, openCluster } from './cluster.ts'
import { openClusterIdentity } from './cluster-identity.ts'
import { followCluster } from './cluster-loop.ts'
import type { ClusterOptions } from './cluster-options.ts'
import { type ClusterRelease, openClusterReleases } from './cluster-releases.ts'
import {
  applyRelease,
  applyService,
  type ClusterReach,
  type ClusterState,
  objectsOf,
  podsOf,
  readAndCorrect,
  removeRelease,
  served,
} from './cluster-state.ts'
import { FILES_PATH, startFileServer } from './file-server.ts'
import { readClusterSettings } from './settings-file.ts'

const DONE: DriverAnswer = { ok: true }

/** In milliseconds, between two looks at pods that are being started, and between tries of an API that is gone. */
const WAIT_MS = 1_000
const GONE_WAIT_MS = 5_000

/** In milliseconds. An API server is replaced within this time. Later the facts would be too old to report. */
const KNOWN_FOR_MS = 60_000

export type ClusterDriverDeps = DriverDeps & Pick<ClusterState, 'conditions'>

/** Opens the driver. It connects in the background, and until then its versions wait. */
export function openClusterDriver(deps: ClusterDriverDeps, options: ClusterOptions): Driver {
  const it = unconnected(deps)
  // While pods are being started, `prove` reads them.
  const isWaiting = () => [...it.serving.values()].some(({ stage }) => stage === 'unproven')
  const loop = followCluster(it, { open: (signal) => openReach(it, { deps, options }, signal), isWaiting })
  const withReach = (work: (reach: ClusterReach) => Promise<DriverAnswer>): Promise<DriverAnswer> => {
    const { reach } = it
    return reach
      ? guarded(() => it.lock(() => work(reach)))
      : Promise.resolve(unreachable('the cluster is not opened yet'))
  }
  return {
    loaded: () => loadedReleases(it),
    trouble: () => it.trouble,
    load: async (item, _isolation, signal) =>
      lackOf(MODEL_PATH, item) ?? withReach((reach) => load(it, reach, item, AbortSignal.any([signal, it.signal]))),
    prove: (item, signal) => withReach((reach) => prove(it, reach, item, AbortSignal.any([signal, it.signal]))),
    mirror: async () => ({
      ok: false,
      code: 'shadow_signature_differs',
      message: 'an agent for a Kubernetes cluster cannot copy requests; deploy without shadow rules',
    }),
    async activate(item, stage) {
      const answer = await withReach((reach) => activate(it, reach, { item, stage }))
      loop.wake()
      return answer
    },
    async settle({ name }) {
      const serving = it.serving.get(name)
      if (serving) serving.stage = 'proven'
    },
    unload: (item) => withReach((reach) => unload(it, reach, item)),
    async deactivate(name) {
      it.serving.delete(name)
      loop.wake()
      return DONE
    },
  }
}

const unconnected = ({ fileSystem, clock, log, signal, onChange, conditions }: ClusterDriverDeps): ClusterState => ({
  conditions,
  fileSystem,
  clock,
  log: log.child({ part: 'cluster' }),
  signal,
  onChange,
  status: new Map(),
  serving: new Map(),
  corrections: new Map(),
  applied: new Set(),
  lock: createLock(),
})

type Opening = { deps: DriverDeps; options: ClusterOptions }

/** Reads credentials, settings and what is on the disk, and starts the server of files. */
async function openReach(it: ClusterState, { deps, options }: Opening, signal: AbortSignal): Promise<ClusterReach> {
  const { folder, fileSystem, clock, files } = deps
  const cluster = await openCluster(options, { clock, random: Math.random })
  const settingsOf = await readClusterSettings(options)
  const version = await cluster.version(signal)
  const origin = options.filesUrl ?? `https://skerry-agent.${cluster.namespace}.svc:${options.files.port}`
  const host = new URL(origin).hostname
  const identity = await openClusterIdentity({ fileSystem, folder, host }, clock.nowMs())
  const releases = await openClusterReleases(fileSystem, join(folder, 'releases'))
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  await startFileServer(
    {
      identity,
      address: options.files,
      fileSystem,
      log: it.log,
      async withFile(digest, work) {
        for (const { item } of releases.list()) {
          const file = item.files.find((one) => one.digest === digest)
          if (!file) continue
          await files.withFile(item, file.path, (found) => work({ ...found, sizeBytes: file.sizeBytes }))
          return true
        }
        return false
      },
    },
    signal,
  )
  it.log.info('cluster_files_served', { origin, version })
  return {
    cluster,
    device: identity.device,
    releases,
    settingsOf,
    secretOf: ({ item }) => ({
      'version.json': base64(JSON.stringify({ files: `${origin}${FILES_PATH}`, item })),
      token: base64(identity.token),
      'ca.pem': base64(identity.authorityPem),
    }),
  }
}

/** Undefined before the first answer of the API, and when the last one is too old. */
function loadedReleases(it: ClusterState): Loaded[] | undefined {
  const { reach, answeredAtMs } = it
  if (!reach || answeredAtMs === undefined || it.clock.monotonicMs() - answeredAtMs > KNOWN_FOR_MS) return undefined
  return reach.releases.list().map((release) => loadedOf(it, reach, release))
}

function loadedOf(it: ClusterState, reach: ClusterReach, release: ClusterRelease): Loaded {
  const { item } = release
  const name = releaseObjectName(item)
  const found = it.serving.get(item.name)
  const serving = found?.name === name ? found : undefined
  const pods = podsOf(it, name)
  const corrections = it.corrections.get(name)
  const { minReplicas, maxReplicas } = reach.settingsOf(item.name)
  const objects = objectsOf(reach, release).map(({ kind }) => kind)
  return {
    item,
    stats: { requests: 0, failures: 0 },
    ...(serving && { servingSinceMs: serving.sinceMs }),
    ...(serving?.problem && { problem: serving.problem.message, cause: serving.problem }),
    figures: {
      pods: pods.length,
      ready: pods.filter(({ isReady }) => isReady).length,
      replicas: isAutoscaled(reach.settingsOf(item.name)) ? `${minReplicas} to ${maxReplicas}` : String(minReplicas),
      restarts: pods.reduce((sum, { restarts }) => sum + restarts, 0),
      corrections: corrections?.count ?? 0,
      ...(corrections && { drift: corrections.last }),
      namespace: reach.cluster.namespace,
      objects: `Service, ${objects.join(', ')}: ${name}`.slice(0, 200),
    },
  }
}

/** A cluster that does not answer is nobody's fault. A refusal of it is reported, with its words. */
async function guarded(work: () => Promise<DriverAnswer>): Promise<DriverAnswer> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ClusterGone) return unreachable(error.message)
    if (!(error instanceof ClusterRefused)) throw error
    const answer: DriverAnswer = { ok: false, code: 'cluster_refused', message: error.message.slice(0, 1_000) }
    // [kubernetes.io, API conventions] The cluster rejects the object itself. All else is a matter of rights.
    return error.status === 422 || error.status === 400 ? answer : { ...answer, waitMs: GONE_WAIT_MS }
  }
}

const unreachable = (message: string): DriverAnswer => ({
  ok: false,
  code: 'cluster_unreachable',
  message: message.slice(0, 1_000),
  waitMs: GONE_WAIT_MS,
})

async function load(
  it: ClusterState,
  reach: ClusterReach,
  item: DesiredItem,
  signal: AbortSignal,
): Promise<DriverAnswer> {
  const known = reach.releases.get(item)
  const release = { item, sinceMs: known?.sinceMs ?? it.clock.nowMs() }
  await reach.releases.add(release)
  await applyRelease(it, reach, release, signal)
  return DONE
}

async function prove(
  it: ClusterState,
  reach: ClusterReach,
  item: DesiredItem,
  signal: AbortSignal,
): Promise<DriverAnswer> {
  const release = reach.releases.get(item)
  if (!release) return { ok: false, code: 'runner_gone', message: 'the version is not applied any more' }
  await readAndCorrect(it, reach, signal)
  const settings = reach.settingsOf(item.name)
  const times = { sinceMs: release.sinceMs, nowMs: it.clock.nowMs() }
  const verdict = judgeRelease(it.status.get(releaseObjectName(item)) ?? { pods: [] }, { ...settings, ...times })
  if (verdict.kind === 'ready') return DONE
  if (verdict.kind === 'failed') return { ok: false, ...verdict.cause }
  return { ok: false, code: 'cluster_starting', message: verdict.message, waitMs: WAIT_MS }
}

async function activate(
  it: ClusterState,
  reach: ClusterReach,
  { item, stage }: { item: DesiredItem; stage: Stage },
): Promise<DriverAnswer> {
  const release = reach.releases.get(item)
  if (!release) return { ok: false, code: 'runner_gone', message: 'the version is not applied any more' }
  await applyService(it, reach, release, it.signal)
  it.serving.set(item.name, served(it, releaseObjectName(item), stage))
  return DONE
}

async function unload(it: ClusterState, reach: ClusterReach, item: DesiredItem): Promise<DriverAnswer> {
  const release = reach.releases.get(item)
  if (release) await removeRelease(it, reach, release)
  return DONE
}
