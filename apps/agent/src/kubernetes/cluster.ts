/**
 * Cluster: the API of Kubernetes, as far as the agent needs it. Credentials, trust and the HTTP client are those of
 * `@kubernetes/client-node`. The objects stay plain JSON, so that a field of a newer server is not lost. Passing
 * failures are tried again here; callers get a `ClusterGone` or a `ClusterRefused`.
 */
import { readFile } from 'node:fs/promises'
import { HttpMethod, IsomorphicFetchHttpLibrary, KubeConfig, RequestContext } from '@kubernetes/client-node'
import { FIELD_MANAGER } from '@skerry/core/kubernetes/cluster-names'
import type { ClusterObject } from '@skerry/core/kubernetes/cluster-objects'
import { backoffMs } from '@skerry/core/values/backoff'
import { systemCode } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import * as z from 'zod'

/** The API does not answer, or fails. It is nobody's fault, and may pass. */
export class ClusterGone extends Error {}

/** The API rejects the request. `status` and `reason` are those of its answer. */
export class ClusterRefused extends Error {
  readonly status: number
  readonly reason: string
  constructor(status: number, reason: string, message: string) {
    super(message)
    this.status = status
    this.reason = reason
  }
}

export type ObjectReference = Pick<ClusterObject, 'apiVersion' | 'kind'> & { name: string }

export type Cluster = {
  namespace: string
  /** The version of the server, such as `v1.32.3`. */
  version(signal: AbortSignal): Promise<string>
  /** Undefined if there is none. */
  read(reference: ObjectReference, signal: AbortSignal): Promise<ClusterObject | undefined>
  /** Server-side apply. The agent takes fields back that others have changed. */
  apply(object: ClusterObject, signal: AbortSignal): Promise<ClusterObject>
  /** The objects of a kind in the namespace. The selector has the form `name=value,...`. */
  list(
    kind: Pick<ClusterObject, 'apiVersion' | 'kind'>,
    selector: string,
    signal: AbortSignal,
  ): Promise<ClusterObject[]>
  /** An object that does not exist is removed already. */
  remove(reference: ObjectReference, signal: AbortSignal): Promise<void>
}

export type ClusterAccess = {
  /** The credentials of the pod if absent. */
  kubeconfig: string | undefined
  namespace: string | undefined
}

/** The names of the kinds in addresses. */
const PLURALS: Readonly<Record<string, string>> = {
  Secret: 'secrets',
  Service: 'services',
  Pod: 'pods',
  Deployment: 'deployments',
  HorizontalPodAutoscaler: 'horizontalpodautoscalers',
  PodDisruptionBudget: 'poddisruptionbudgets',
}

/** [kubernetes.io, "Accessing the Kubernetes API from a Pod"] */
const NAMESPACE_PATH = '/var/run/secrets/kubernetes.io/serviceaccount/namespace'

/** In milliseconds. A server that is overloaded answers late; the API server itself ends a request after 60 s. */
const TIMEOUT_MS = 20_000

/** Passing failures of one call. The loop of the driver has longer waits. */
const TRIES_MAX = 4
const BACKOFF = { baseMs: 250, maxMs: 4_000 }

/** In milliseconds. [RFC 9110, Retry-After] A longer wait belongs to the loop of the driver. */
const RETRY_AFTER_MAX_MS = 10_000

const NO_CLUSTER = 'this agent does not run in a pod of a cluster; give it credentials with --kubeconfig FILE'
const NO_SERVER = 'the kubeconfig names no server for its current context'

/** [kubernetes.io, API concepts] Entries of one page of a list. */
const PAGE = 500

type Json = Record<string, unknown>
type Call = { method: HttpMethod; path: string; query?: Readonly<Record<string, string>>; body?: unknown }
type Parts = { config: KubeConfig; origin: string; clock: Clock; random: () => number }

/** Reads the credentials. Throws an error with words for people if they cannot be used. */
export async function openCluster(
  { kubeconfig, namespace }: ClusterAccess,
  { clock, random }: Pick<Parts, 'clock' | 'random'>,
): Promise<Cluster> {
  const config = new KubeConfig()
  if (kubeconfig === undefined) config.loadFromCluster()
  else readKubeconfig(config, kubeconfig)
  const server = config.getCurrentCluster()?.server
  if (server === undefined || !URL.canParse(server)) throw new Error(kubeconfig === undefined ? NO_CLUSTER : NO_SERVER)
  const parts: Parts = { config, origin: server.replace(/\/+$/, ''), clock, random }
  const place = namespace ?? config.getContextObject(config.getCurrentContext())?.namespace ?? (await ownNamespace())
  return {
    namespace: place,
    async version(signal) {
      const { gitVersion } = await insist(parts, { method: HttpMethod.GET, path: '/version' }, signal)
      return String(gitVersion ?? 'unknown').slice(0, 64)
    },
    async apply(object, signal) {
      const path = pathOf(place, { ...object, name: object.metadata.name })
      const query = { fieldManager: FIELD_MANAGER, force: 'true' }
      return objectOf(await insist(parts, { method: HttpMethod.PATCH, path, query, body: object }, signal))
    },
    list: (kind, selector, signal) => listAll(parts, { path: pathOf(place, kind), selector }, signal),
    read: (reference, signal) =>
      unlessMissing(async () =>
        objectOf(await insist(parts, { method: HttpMethod.GET, path: pathOf(place, reference) }, signal)),
      ),
    async remove(reference, signal) {
      // The server removes the pods of a Deployment after it.
      const query = { propagationPolicy: 'Background' }
      const call = { method: HttpMethod.DELETE, path: pathOf(place, reference), query }
      await unlessMissing(() => insist(parts, call, signal))
    },
  }
}

/** The parser quotes the lines of a mistake. Its words go to logs and to the hub, and the lines may be credentials. */
function readKubeconfig(config: KubeConfig, path: string): void {
  try {
    config.loadFromFile(path)
  } catch (error) {
    if (systemCode(error) !== undefined) throw error
    throw new Error(`${path} cannot be read as a kubeconfig; check it with "kubectl --kubeconfig ${path} config view"`)
  }
}

async function unlessMissing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ClusterRefused && error.status === 404) return undefined
    throw error
  }
}

const ownNamespace = async () => (await readFile(NAMESPACE_PATH, 'utf8').catch(() => '')).trim() || 'default'

function pathOf(
  namespace: string,
  { apiVersion, kind, name }: Omit<ObjectReference, 'name'> & { name?: string },
): string {
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`
  const list = `${root}/namespaces/${encodeURIComponent(namespace)}/${PLURALS[kind]}`
  return name === undefined ? list : `${list}/${encodeURIComponent(name)}`
}

async function listAll(parts: Parts, { path, selector }: { path: string; selector: string }, signal: AbortSignal) {
  const found: ClusterObject[] = []
  for (let next = ''; ; ) {
    const query = { labelSelector: selector, limit: String(PAGE), ...(next !== '' && { continue: next }) }
    const page = Page.parse(await insist(parts, { method: HttpMethod.GET, path, query }, signal))
    found.push(...page.items.map(objectOf))
    next = page.metadata?.continue ?? ''
    if (next === '') return found
  }
}

const Page = z.object({
  items: z.array(z.record(z.string(), z.unknown())).default([]),
  metadata: z.object({ continue: z.string().optional() }).optional(),
})

/** Items of a list have no kind of their own. */
const Found = z.looseObject({
  apiVersion: z.string().default(''),
  kind: z.string().default(''),
  metadata: z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()).optional() }),
})

const objectOf = (json: Json): ClusterObject => Found.parse(json) as ClusterObject

/** Repeats a call that failed by the server or by the network. All calls here may be repeated. */
async function insist(parts: Parts, call: Call, signal: AbortSignal): Promise<Json> {
  for (let failures = 1; ; failures++) {
    const outcome = await callOnce(parts, call, signal)
    if (outcome.kind === 'answer') return outcome.body
    if (outcome.kind === 'refused') throw outcome.error
    if (failures >= TRIES_MAX) throw new ClusterGone(outcome.message)
    const waitMs = outcome.waitMs ?? backoffMs(failures - 1, BACKOFF, 0.5 + parts.random() / 2)
    await parts.clock.sleep(waitMs, signal)
  }
}

type Outcome =
  | { kind: 'answer'; body: Json }
  | { kind: 'refused'; error: ClusterRefused }
  | { kind: 'again'; message: string; waitMs?: number }

async function callOnce(parts: Parts, call: Call, signal: AbortSignal): Promise<Outcome> {
  signal.throwIfAborted()
  try {
    const { status, headers, text } = await send(
      parts,
      call,
      AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    )
    const body = jsonOf(text)
    if (status >= 200 && status < 300 && body) return { kind: 'answer', body }
    const message = wordsOf(status, body, text)
    // A conflict of an apply is one of two writes at the same time: the agent forces the ownership of its fields.
    const isPassing = status === 409 || status === 429 || status >= 500 || status < 400
    if (!isPassing) return { kind: 'refused', error: new ClusterRefused(status, String(body?.reason ?? ''), message) }
    const seconds = Number(headers['retry-after'])
    const waitMs = Math.min(seconds * 1_000, RETRY_AFTER_MAX_MS)
    return { kind: 'again', message, ...(seconds > 0 && { waitMs }) }
  } catch (error) {
    signal.throwIfAborted()
    return { kind: 'again', message: `the Kubernetes API does not answer: ${reasonOf(error)}` }
  }
}

async function send({ config, origin }: Parts, { method, path, query = {}, body }: Call, signal: AbortSignal) {
  const context = new RequestContext(`${origin}${path}`, method)
  for (const [name, value] of Object.entries(query)) context.setQueryParam(name, value)
  context.setHeaderParam('accept', 'application/json')
  if (body !== undefined) {
    // [kubernetes.io, "Server-Side Apply"] JSON is YAML.
    context.setHeaderParam('content-type', 'application/apply-patch+yaml')
    context.setBody(JSON.stringify(body))
  }
  context.setSignal(signal)
  await config.applySecurityAuthentication(context)
  const response = await new IsomorphicFetchHttpLibrary().send(context).toPromise()
  return { status: response.httpStatusCode, headers: response.headers, text: await response.body.text() }
}

function jsonOf(text: string): Json | undefined {
  try {
    return z.record(z.string(), z.unknown()).safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

function wordsOf(status: number, body: Json | undefined, text: string): string {
  const words = typeof body?.message === 'string' ? body.message : text
  return `the Kubernetes API answers ${status}: ${words}`.slice(0, 800)
}

/** The client wraps the failure of the network. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message || error.message : error.message
}
