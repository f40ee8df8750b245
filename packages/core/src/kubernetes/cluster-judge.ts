/** Cluster judge: whether the pods of a release can serve, by the status that the cluster reports about them. */
import type { Cause } from '@skerry/contract/devices/item'
import type { ClusterObject } from './cluster-objects.ts'

/** [serve-pod.ts] The pod's program ends with this code if the version itself is wrong. */
export const VERSION_FAILED = 65

export type PodFacts = {
  name: string
  isReady: boolean
  restarts: number
  /** The words of the cluster about a pod that is not ready. */
  trouble?: string
  /** The words of the pod's program about a version that can never serve. */
  refusal?: string
}

export type ReleaseStatus = {
  /** Absent before the Deployment exists. */
  deployment?: ClusterObject
  pods: readonly PodFacts[]
}

export type Readiness = { kind: 'ready' } | { kind: 'waiting'; message: string } | { kind: 'failed'; cause: Cause }

export type ReadinessRules = {
  minReplicas: number
  deadlineSeconds: number
  /** Since when the release is being started, and now, by the same clock. */
  sinceMs: number
  nowMs: number
}

/** Judges a release that does not serve yet. */
export function judgeRelease({ deployment, pods }: ReleaseStatus, rules: ReadinessRules): Readiness {
  const refusal = pods.find((pod) => pod.refusal !== undefined)?.refusal
  if (refusal !== undefined) return { kind: 'failed', cause: causeOfRefusal(refusal) }
  const { minReplicas, deadlineSeconds, sinceMs, nowMs } = rules
  const status = statusOf(deployment)
  if (status.isObserved && Math.min(status.ready, status.updated) >= minReplicas) return { kind: 'ready' }
  const trouble = pods.find((pod) => pod.trouble !== undefined)?.trouble ?? status.trouble
  const words = `${status.ready} of ${minReplicas} pods are ready${trouble === undefined ? '' : `: ${trouble}`}`
  if (status.isOverdue || nowMs - sinceMs > deadlineSeconds * 1_000) {
    const message = `after ${deadlineSeconds} s, ${words}`.slice(0, 1_000)
    return { kind: 'failed', cause: { code: 'cluster_not_ready', message } }
  }
  return { kind: 'waiting', message: words.slice(0, 1_000) }
}

/**
 * Evidence against a release that serves on trial. An evicted pod is no evidence: the cluster ended it. `restarts` are
 * those at the begin of the trial, by the name of the pod.
 */
export function trialEvidence(pods: readonly PodFacts[], restarts: ReadonlyMap<string, number>): Cause | undefined {
  const broken = pods.find((pod) => pod.restarts > (restarts.get(pod.name) ?? 0))
  if (!broken) return undefined
  const words = broken.refusal ?? broken.trouble
  const message = `the pod ${broken.name} ended and was started again${words === undefined ? '' : `: ${words}`}`
  return { code: 'cluster_pod_ended', message: message.slice(0, 1_000) }
}

/** The first line of the words is the code, if the pod's program wrote them. */
function causeOfRefusal(words: string): Cause {
  const [, code, message] = /^([a-z][a-z0-9_]{2,63}): (.*)$/s.exec(words.trim()) ?? []
  return code === undefined || message === undefined
    ? { code: 'cluster_not_ready', message: words.slice(0, 1_000) }
    : { code, message: message.slice(0, 1_000) }
}

type Json = Readonly<Record<string, unknown>>

const record = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})
const records = (value: unknown): Json[] => (Array.isArray(value) ? value.map(record) : [])
const count = (value: unknown): number => (typeof value === 'number' ? value : 0)
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** [kubernetes.io, DeploymentStatus] A status of an older generation says nothing about this one. */
function statusOf(deployment: ClusterObject | undefined) {
  const status = record(deployment?.status)
  const isObserved = count(status.observedGeneration) >= count(record(deployment?.metadata).generation)
  const conditions = isObserved ? records(status.conditions) : []
  const progressing = conditions.find(({ type }) => type === 'Progressing')
  const failure = conditions.find((condition) => condition.type === 'ReplicaFailure' && condition.status === 'True')
  const trouble = text(failure?.message)
  return {
    isObserved: isObserved && deployment !== undefined,
    ready: isObserved ? count(status.readyReplicas) : 0,
    updated: count(status.updatedReplicas),
    isOverdue: progressing?.status === 'False' && progressing.reason === 'ProgressDeadlineExceeded',
    ...(trouble !== undefined && { trouble }),
  }
}

/** [kubernetes.io, PodStatus] */
export function podFacts(pod: ClusterObject): PodFacts {
  const status = record(pod.status)
  const conditions = records(status.conditions)
  const containers = [...records(status.initContainerStatuses), ...records(status.containerStatuses)]
  const ended = containers.map(endOf).find((end) => end !== undefined)
  const refusal = ended?.exitCode === VERSION_FAILED ? (ended.message ?? 'the pod rejects the version') : undefined
  const trouble = containers.map(waitOf).find((wait) => wait !== undefined) ?? schedulingTrouble(conditions)
  const words = trouble !== undefined && ended?.message !== undefined ? `${trouble}, ${ended.message}` : trouble
  return {
    name: pod.metadata.name,
    isReady: conditions.some(({ type, status: state }) => type === 'Ready' && state === 'True'),
    restarts: containers.reduce((sum, { restartCount }) => sum + count(restartCount), 0),
    ...(words !== undefined && { trouble: words }),
    ...(refusal !== undefined && { refusal }),
  }
}

/** The newest end of a container: it has not been started again, or it has. */
function endOf({ state, lastState }: Json): { exitCode: number; message?: string } | undefined {
  const ended = record(state).terminated ?? record(lastState).terminated
  if (ended === undefined) return undefined
  const { exitCode, message, reason } = record(ended)
  const words = text(message)?.trim() ?? text(reason)
  return { exitCode: count(exitCode), ...(words !== undefined && { message: words }) }
}

function waitOf({ name, state }: Json): string | undefined {
  const { reason, message } = record(record(state).waiting)
  const why = text(reason)
  // Each pod passes these two.
  if (why === undefined || why === 'ContainerCreating' || why === 'PodInitializing') return undefined
  const words = text(message)
  return `${String(name)} waits: ${why}${words === undefined ? '' : ` (${words})`}`
}

function schedulingTrouble(conditions: readonly Json[]): string | undefined {
  const scheduled = conditions.find(({ type }) => type === 'PodScheduled')
  return scheduled?.status === 'False' ? text(scheduled.message) : undefined
}
