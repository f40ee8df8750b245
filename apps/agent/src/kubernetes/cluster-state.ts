/**
 * Cluster state: the facts that the driver keeps about its cluster, and how they are read and corrected. Changes of the
 * cluster are made under the lock, so that a reading never meets a half-applied release.
 */
import type { Cause } from '@skerry/contract/devices/item'
import { driftOf } from '@skerry/core/kubernetes/cluster-drift'
import { type PodFacts, podFacts, type ReleaseStatus, trialEvidence } from '@skerry/core/kubernetes/cluster-judge'
import {
  CLUSTER_LABELS,
  clusterReleaseId,
  FIELD_MANAGER,
  releaseObjectName,
} from '@skerry/core/kubernetes/cluster-names'
import { type ClusterObject, releaseObjects, serviceObject } from '@skerry/core/kubernetes/cluster-objects'
import type { Conditions } from '../conditions.ts'
import type { DriverGround, Stage } from '../kinds/driver.ts'
import { type Cluster, ClusterRefused } from './cluster.ts'
import type { ClusterRelease, ClusterReleases } from './cluster-releases.ts'
import type { SettingsOf } from './settings-file.ts'

/** The release to which the Service of a model sends requests. */
export type ServingRelease = {
  /** The name of its objects. */
  name: string
  /** By a clock that only moves forward. */
  sinceMs: number
  stage: Stage
  /** Restarts of each pod when the trial began. */
  restarts: ReadonlyMap<string, number>
  problem?: Cause
}

export type Corrections = { count: number; last: string }

/** All that exists only with an opened cluster. */
export type ClusterReach = {
  cluster: Cluster
  /** The value of the label of this agent. */
  device: string
  releases: ClusterReleases
  settingsOf: SettingsOf
  /** The content of the Secret of a release, in base64. */
  secretOf(release: ClusterRelease): Readonly<Record<string, string>>
}

export type ClusterState = Omit<DriverGround, 'folder'> & {
  conditions: Pick<Conditions, 'raise' | 'clear'>
  /** The last drift, by a clock that only moves forward. Undefined while the condition is not raised. */
  driftedAtMs?: number
  reach?: ClusterReach
  /** The last answer of the API, by a clock that only moves forward. Undefined before the first. */
  answeredAtMs?: number
  trouble?: Cause
  /** The API has rejected an object at the last reading. */
  refusal?: Cause
  /** By the name of the objects of a release. */
  status: Map<string, ReleaseStatus>
  /** By the name of the model. */
  serving: Map<string, ServingRelease>
  corrections: Map<string, Corrections>
  /** Objects that this process has applied, as `Kind/name`. */
  applied: Set<string>
  /** Calls the work after all earlier work. */
  lock<T>(work: () => Promise<T>): Promise<T>
}

/** The kinds of objects that an agent applies. */
export const OWN_KINDS = [
  { apiVersion: 'v1', kind: 'Secret' },
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
] as const

const POD = { apiVersion: 'v1', kind: 'Pod' } as const

/** In milliseconds. The condition stays for this time after the last drift, so that people and alerts see it. */
const DRIFT_KNOWN_MS = 600_000

/** A report has this many characters for a text. */
const DRIFT_CHARACTERS_MAX = 190

const objectKey = ({ kind, metadata }: ClusterObject): string => `${kind}/${metadata.name}`

/** The objects of a release, as they should be. */
export const objectsOf = ({ device, settingsOf, secretOf }: ClusterReach, release: ClusterRelease): ClusterObject[] =>
  releaseObjects(release.item, { device, settings: settingsOf(release.item.name), secret: secretOf(release) })

/** Applies all objects of the release. Needs the lock. */
export async function applyRelease(
  it: ClusterState,
  reach: ClusterReach,
  release: ClusterRelease,
  signal: AbortSignal,
) {
  for (const object of objectsOf(reach, release)) await applyObject(it, reach, object, signal)
}

/** Sends requests for the model to this release. Needs the lock. */
export const applyService = (it: ClusterState, reach: ClusterReach, { item }: ClusterRelease, signal: AbortSignal) =>
  applyObject(it, reach, serviceOf(reach, item), signal)

const serviceOf = ({ device, settingsOf }: ClusterReach, item: ClusterRelease['item']) =>
  serviceObject(item, { device, settings: settingsOf(item.name) })

async function applyObject(it: ClusterState, reach: ClusterReach, object: ClusterObject, signal: AbortSignal) {
  const key = objectKey(object)
  if (!it.applied.has(key)) await rejectForeign(reach, object, signal)
  await reach.cluster.apply(object, signal)
  it.applied.add(key)
}

/** An object of somebody else under the same name is never taken over. */
async function rejectForeign({ cluster, device }: ClusterReach, object: ClusterObject, signal: AbortSignal) {
  const { apiVersion, kind, metadata } = object
  const found = await cluster.read({ apiVersion, kind, name: metadata.name }, signal)
  if (!found || isOwn(found, device)) return
  const message = `the namespace ${cluster.namespace} has a ${kind} ${metadata.name} that this agent did not make; remove it, or give the agent a namespace of its own`
  throw new ClusterRefused(409, 'NameTaken', message)
}

/** Whether this agent made the object. A person may have removed its label. */
function isOwn({ metadata }: ClusterObject, device: string): boolean {
  const label = metadata.labels?.[CLUSTER_LABELS.device]
  const { managedFields: managers } = metadata
  // [kubernetes.io, "Server-Side Apply"] Each manager of fields has an entry.
  const isManaged = Array.isArray(managers) && managers.some(({ manager }) => manager === FIELD_MANAGER)
  return label === undefined ? isManaged : label === device
}

/** Reads all objects of this agent, corrects those that differ, and removes those that no release needs. Needs the lock. */
export async function readAndCorrect(it: ClusterState, reach: ClusterReach, signal: AbortSignal): Promise<void> {
  delete it.refusal
  const selector = `${CLUSTER_LABELS.device}=${reach.device}`
  const found = new Map<string, ClusterObject>()
  for (const kind of OWN_KINDS) {
    for (const object of await reach.cluster.list(kind, selector, signal)) {
      const whole = { ...object, ...kind }
      found.set(objectKey(whole), whole)
    }
  }
  const pods = await reach.cluster.list(POD, selector, signal)
  it.answeredAtMs = it.clock.monotonicMs()
  if (it.driftedAtMs !== undefined && it.answeredAtMs - it.driftedAtMs > DRIFT_KNOWN_MS) {
    it.conditions.clear('cluster_drifted')
    delete it.driftedAtMs
  }
  if (it.applied.size === 0) adoptServices(it, reach, found)
  await correct(it, reach, found, signal)
  await sweep(it, reach, found, signal)
  noteStatus(it, reach, found, pods)
}

/** The first reading after a start: the cluster knows which release serves. */
function adoptServices(it: ClusterState, { releases }: ClusterReach, found: ReadonlyMap<string, ClusterObject>): void {
  const services = [...found.values()].filter(({ kind }) => kind === 'Service')
  for (const { item } of releases.list()) {
    const isSelected = services.some(({ spec }) => hasRelease((spec as ServiceSpec | undefined)?.selector, item))
    if (isSelected) it.serving.set(item.name, served(it, releaseObjectName(item), 'proven'))
  }
}

type ServiceSpec = { selector?: Readonly<Record<string, string>> }

/** A release that begins to serve now. */
export const served = (it: ClusterState, name: string, stage: Stage): ServingRelease => ({
  name,
  stage,
  sinceMs: it.clock.monotonicMs(),
  restarts: new Map((it.status.get(name)?.pods ?? []).map((pod) => [pod.name, pod.restarts])),
})

const MISSING: readonly string[] = ['missing']

const differences = (object: ClusterObject, actual: ClusterObject | undefined): readonly string[] =>
  actual ? driftOf(object, actual) : MISSING

async function correct(
  it: ClusterState,
  reach: ClusterReach,
  found: ReadonlyMap<string, ClusterObject>,
  signal: AbortSignal,
): Promise<void> {
  for (const release of reach.releases.list()) {
    const name = releaseObjectName(release.item)
    const isServing = it.serving.get(release.item.name)?.name === name
    const wanted = [...objectsOf(reach, release), ...(isServing ? [serviceOf(reach, release.item)] : [])]
    for (const object of wanted) {
      const key = objectKey(object)
      const drift = differences(object, found.get(key))
      if (drift.length === 0) {
        it.applied.add(key)
        continue
      }
      // Other settings of the agent, or an unfinished load, are no drift.
      if (it.applied.has(key)) noteDrift(it, name, `${key}: ${drift.slice(0, 3).join(', ')}`)
      // Somebody else may have the name now.
      if (drift === MISSING) it.applied.delete(key)
      await correctOne(it, reach, object, signal)
    }
  }
}

/** One rejected object must not keep the others from being corrected. */
async function correctOne(it: ClusterState, reach: ClusterReach, object: ClusterObject, signal: AbortSignal) {
  try {
    await applyObject(it, reach, object, signal)
  } catch (error) {
    if (!(error instanceof ClusterRefused)) throw error
    it.refusal = { code: 'cluster_refused', message: error.message.slice(0, 1_000) }
  }
}

function noteDrift(it: ClusterState, name: string, words: string): void {
  const count = (it.corrections.get(name)?.count ?? 0) + 1
  it.corrections.set(name, { count, last: words.slice(0, DRIFT_CHARACTERS_MAX) })
  it.log.warn('cluster_drifted', { release: name, drift: words })
  it.driftedAtMs = it.clock.monotonicMs()
  it.conditions.raise({ code: 'cluster_drifted', message: `corrected ${words}`.slice(0, 1_000) })
}

/** Removes objects of this agent that no release has. A Service stays while its model has a release. */
async function sweep(
  it: ClusterState,
  reach: ClusterReach,
  found: ReadonlyMap<string, ClusterObject>,
  signal: AbortSignal,
): Promise<void> {
  const releases = reach.releases.list()
  const kept = new Set(
    releases.flatMap((release) => [...objectsOf(reach, release), serviceOf(reach, release.item)].map(objectKey)),
  )
  for (const [key, object] of found) {
    if (kept.has(key)) continue
    it.log.info('cluster_rests_removed', { object: key })
    await removeObject(it, reach, object, signal)
  }
}

/** Removes the release and its objects. Needs the lock. */
export async function removeRelease(it: ClusterState, reach: ClusterReach, release: ClusterRelease): Promise<void> {
  const { item } = release
  const name = releaseObjectName(item)
  if (it.serving.get(item.name)?.name === name) it.serving.delete(item.name)
  // An object of somebody else under one of the names was never applied, so it stays.
  const objects = objectsOf(reach, release).filter((object) => it.applied.has(objectKey(object)))
  // From now on these objects are rests. The loop removes those that cannot be removed now.
  await reach.releases.remove(item)
  it.status.delete(name)
  it.corrections.delete(name)
  for (const object of objects) it.applied.delete(objectKey(object))
  for (const object of objects.toReversed()) await removeObject(it, reach, object, it.signal)
}

/** An object that is gone already is removed. */
async function removeObject(it: ClusterState, { cluster }: ClusterReach, object: ClusterObject, signal: AbortSignal) {
  const { apiVersion, kind, metadata } = object
  await cluster.remove({ apiVersion, kind, name: metadata.name }, signal)
  it.applied.delete(objectKey(object))
}

function noteStatus(
  it: ClusterState,
  { releases }: ClusterReach,
  found: ReadonlyMap<string, ClusterObject>,
  pods: readonly ClusterObject[],
): void {
  it.status.clear()
  for (const { item } of releases.list()) {
    const name = releaseObjectName(item)
    const deployment = found.get(`Deployment/${name}`)
    const own = pods.filter(({ metadata }) => hasRelease(metadata.labels, item))
    it.status.set(name, { ...(deployment && { deployment }), pods: own.map(podFacts) })
  }
  for (const serving of it.serving.values()) {
    const evidence =
      serving.stage === 'unproven' ? trialEvidence(podsOf(it, serving.name), serving.restarts) : undefined
    if (evidence) serving.problem = evidence
  }
}

const hasRelease = (labels: Readonly<Record<string, string>> | undefined, item: ClusterRelease['item']): boolean =>
  labels?.[CLUSTER_LABELS.model] === item.name && labels[CLUSTER_LABELS.release] === clusterReleaseId(item)

export const podsOf = (it: ClusterState, name: string): readonly PodFacts[] => it.status.get(name)?.pods ?? []
