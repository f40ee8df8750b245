/**
 * Kube API: a Kubernetes API server that only remembers, for the real Helm, the real kubectl and the agent to talk to.
 * It proves the sent and returned objects, but no validation, admission, scheduling or status: nothing ever runs.
 */
import { randomUUID } from 'node:crypto'
import { createServer as createPlainServer, type RequestListener, type Server } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { createAuthority, issueServerCertificate } from '@skerry/platform/certificates/certificate-authority'

export type KubeObject = {
  apiVersion: string
  kind: string
  metadata: { name: string; labels?: Record<string, string>; [name: string]: unknown }
  [name: string]: unknown
}

/** One request as it arrived. */
type KubeRequest = { method: string; path: string; query: URLSearchParams }

/** A failure in place of an answer. `cut` ends the connection without one. */
export type KubeFault =
  | { kind: 'status'; code: number; retryAfterSeconds?: number }
  | { kind: 'cut' }
  | { kind: 'wait'; ms: number }

export type KubeApi = AsyncDisposable & {
  url: string
  /** Credentials for it, in the form of kubectl. */
  kubeconfig: string
  objects(kind: string): KubeObject[]
  /** Stores an object as a controller would, in the namespace of its metadata. */
  put(object: KubeObject): void
  drop(object: KubeObject): void
  /** All requests that change something. */
  writes: KubeRequest[]
  /** Decides about each request; undefined lets it pass. */
  fault: ((request: KubeRequest) => KubeFault | undefined) | undefined
}

/** The kinds that the chart and the agent make, and those that Helm itself needs. */
const RESOURCES: Record<string, Record<string, string>> = {
  v1: {
    namespaces: 'Namespace',
    secrets: 'Secret',
    services: 'Service',
    serviceaccounts: 'ServiceAccount',
    pods: 'Pod',
  },
  'apps/v1': { deployments: 'Deployment', statefulsets: 'StatefulSet' },
  'autoscaling/v2': { horizontalpodautoscalers: 'HorizontalPodAutoscaler' },
  'networking.k8s.io/v1': { networkpolicies: 'NetworkPolicy' },
  'policy/v1': { poddisruptionbudgets: 'PodDisruptionBudget' },
  'rbac.authorization.k8s.io/v1': { roles: 'Role', rolebindings: 'RoleBinding' },
}

const pathOf = (groupVersion: string) => (groupVersion === 'v1' ? '/api/v1' : `/apis/${groupVersion}`)

/** The name of the place of all objects, if a client names none. */
const NAMESPACE = 'plant'

/** A server with a certificate accepts only callers with its token. */
export async function startKubeApi({ isSecure = false } = {}): Promise<KubeApi> {
  const store = new Map<string, KubeObject>()
  const keyOf = ({ apiVersion, kind, metadata }: KubeObject) => {
    const plural = Object.entries(RESOURCES[apiVersion] ?? {}).find(([, found]) => found === kind)?.[0]
    return `${pathOf(apiVersion)} ${metadata.namespace} ${plural} ${metadata.name}`
  }
  const token = randomUUID()
  const listener: RequestListener = async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const url = new URL(request.url ?? '/', 'http://kube')
    const asked = { method: request.method ?? '', path: url.pathname, query: url.searchParams }
    const isKnown = !isSecure || request.headers.authorization === `Bearer ${token}`
    const fault: KubeFault | undefined = isKnown ? kube.fault?.(asked) : { kind: 'status', code: 401 }
    if (asked.method !== 'GET') kube.writes.push(asked)
    if (fault?.kind === 'cut') return void request.socket.destroy()
    if (fault?.kind === 'wait') await setTimeout(fault.ms)
    const [status, body] = failureOf(fault) ?? answer(store, { ...asked, url, body: Buffer.concat(chunks) })
    response.writeHead(status, headersOf(fault)).end(JSON.stringify(body))
  }
  const nowMs = Date.now()
  const authority = await createAuthority({ commonName: 'kube', nowMs })
  const own = await issueServerCertificate(authority, { names: ['127.0.0.1'], nowMs })
  const server: Server = isSecure
    ? createServer({ key: own.privateKeyPem, cert: own.certificatePem }, listener)
    : createPlainServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const url = `${isSecure ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`
  const kube: KubeApi = {
    url,
    kubeconfig: kubeconfigText(url, token, authority.certificatePem),
    objects: (kind) => [...store.values()].filter((object) => object.kind === kind),
    put: (object) => void store.set(keyOf(object), object),
    drop: (object) => void store.delete(keyOf(object)),
    writes: [],
    fault: undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return kube
}

/** [kubernetes.io, "Organizing Cluster Access Using kubeconfig Files"] */
function kubeconfigText(server: string, token: string, authorityPem: string): string {
  const data = Buffer.from(authorityPem).toString('base64')
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'stub',
    clusters: [{ name: 'stub', cluster: { server, 'certificate-authority-data': data } }],
    users: [{ name: 'stub', user: { token } }],
    contexts: [{ name: 'stub', context: { cluster: 'stub', user: 'stub', namespace: NAMESPACE } }],
  })
}

const failureOf = (fault: KubeFault | undefined): Answer | undefined =>
  fault?.kind === 'status' ? failure(fault.code, 'Fault', 'a fault of the test') : undefined

function headersOf(fault: KubeFault | undefined): Record<string, string> {
  const type = { 'content-type': 'application/json' }
  const isLate = fault?.kind === 'status' && fault.retryAfterSeconds !== undefined
  return isLate ? { ...type, 'retry-after': String(fault.retryAfterSeconds) } : type
}

type Asked = { method: string; url: URL; body: Buffer }
type Answer = [number, unknown]

function answer(store: Map<string, KubeObject>, asked: Asked): Answer {
  return discovery(asked.url.pathname) ?? onObjects(store, asked)
}

/** [kubernetes.io, "The Kubernetes API"] The list of resources, in the form that clients fetch first. */
function discovery(path: string): Answer | undefined {
  if (path === '/version') return [200, { major: '1', minor: '32', gitVersion: 'v1.32.3' }]
  if (path === '/api') return [200, { kind: 'APIVersions', versions: ['v1'] }]
  if (path === '/openapi/v3') return [200, { paths: {} }]
  const named = Object.keys(RESOURCES).filter((groupVersion) => groupVersion !== 'v1')
  if (path === '/apis') {
    const groups = named.map((groupVersion) => {
      const [name, version] = groupVersion.split('/')
      return { name, versions: [{ groupVersion, version }], preferredVersion: { groupVersion, version } }
    })
    return [200, { kind: 'APIGroupList', apiVersion: 'v1', groups }]
  }
  const found = Object.entries(RESOURCES).find(([groupVersion]) => pathOf(groupVersion) === path)
  if (!found) return undefined
  const [groupVersion, kinds] = found
  const resources = Object.entries(kinds).map(([name, kind]) => ({
    name,
    kind,
    singularName: kind.toLowerCase(),
    namespaced: kind !== 'Namespace',
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'update'],
  }))
  return [200, { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources }]
}

const OBJECT =
  /^(?<root>\/api\/v1|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/(?<namespace>[^/]+)(?=\/))?\/(?<plural>[a-z]+)(?:\/(?<name>[^/]+))?$/

function onObjects(store: Map<string, KubeObject>, { method, url, body }: Asked): Answer {
  const { root = '', namespace = '', plural = '', name } = OBJECT.exec(url.pathname)?.groups ?? {}
  const group = Object.entries(RESOURCES).find(([groupVersion]) => pathOf(groupVersion) === root)
  const kind = group?.[1][plural]
  if (!kind) return failure(404, 'NotFound', `no ${url.pathname}`)
  const prefix = `${root} ${namespace} ${plural} `
  const key = `${prefix}${name}`
  const current = store.get(key)
  const save = (status: number, object: KubeObject): Answer => {
    const kept = stamp(object, namespace, current)
    if (!url.searchParams.has('dryRun')) store.set(`${prefix}${object.metadata.name}`, kept)
    return [status, kept]
  }
  if (method === 'GET' && name === undefined) {
    const wanted = url.searchParams.get('labelSelector') ?? ''
    const items = [...store].filter(([at, { metadata }]) => at.startsWith(prefix) && selects(wanted, metadata.labels))
    return [200, { kind: `${kind}List`, apiVersion: group?.[0], metadata: {}, items: items.map(([, item]) => item) }]
  }
  if (method === 'POST') return save(201, parse(body))
  if (method === 'PATCH' && !current) return save(201, parse(body))
  if (!current) return failure(404, 'NotFound', `${plural} "${name}" not found`)
  if (method === 'PUT') return save(200, parse(body))
  if (method === 'PATCH') return save(200, merge(current, parse(body)) as KubeObject)
  if (method === 'DELETE') store.delete(key)
  return [200, current]
}

const failure = (code: number, reason: string, message: string): Answer => [
  code,
  { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message },
]

function stamp(object: KubeObject, namespace: string, before: KubeObject | undefined): KubeObject {
  const uid = before?.metadata.uid ?? randomUUID()
  // [kubernetes.io, ObjectMeta] It rises when the wanted state changes.
  const last = Number(before?.metadata.generation ?? 0)
  const isSame = before !== undefined && JSON.stringify(before.spec) === JSON.stringify(object.spec)
  const generation = object.spec === undefined ? {} : { generation: isSame ? last : last + 1 }
  const about = { uid, creationTimestamp: '2026-11-01T00:00:00Z', resourceVersion: String(Date.now()), ...generation }
  return { ...object, metadata: { ...object.metadata, ...(namespace && { namespace }), ...about } }
}

/** Only equality in label selectors. */
const selects = (selector: string, labels: Record<string, string> = {}) =>
  selector.split(',').every((term) => {
    const [, name = '', operator, value] = /^([^!=]+)(==|!=|=)(.*)$/.exec(term) ?? []
    return name === '' || (operator === '!=') !== (labels[name] === value)
  })

/** [RFC 7396] Helm applies whole objects, so nothing finer is needed. */
function merge(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch
  const result: Record<string, unknown> = isRecord(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name]
    else result[name] = merge(result[name], value)
  }
  return result
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const parse = (body: Buffer): KubeObject =>
  body.subarray(0, 4).toString('latin1') === 'k8s\0' ? secretOf(body) : (JSON.parse(body.toString()) as KubeObject)

/** [kubernetes.io, "Protobuf encoding"] Helm keeps its releases in Secrets, which its client sends as protobuf. */
function secretOf(body: Buffer): KubeObject {
  const object = fieldsOf(field(fieldsOf(body.subarray(4)), 2))
  const metadata = fieldsOf(field(object, 1))
  const textOf = (fields: Field[], number: number) => field(fields, number).toString('utf8')
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: textOf(metadata, 1), labels: mapOf(metadata, 11, 'utf8') },
    data: mapOf(object, 2, 'base64'),
    type: textOf(object, 3),
  }
}

type Field = [number, Buffer]

const field = (fields: Field[], number: number) => fields.find(([found]) => found === number)?.[1] ?? Buffer.alloc(0)

const mapOf = (fields: Field[], number: number, encoding: BufferEncoding) =>
  Object.fromEntries(
    fields
      .filter(([found]) => found === number)
      .map(([, entry]) => fieldsOf(entry))
      .map((entry) => [field(entry, 1).toString('utf8'), field(entry, 2).toString(encoding)]),
  )

/** The fields that have a length; numbers are left out. */
function fieldsOf(buffer: Buffer): Field[] {
  const fields: Field[] = []
  let at = 0
  const varint = () => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = buffer[at++] ?? 0
      value += (byte % 128) * factor
      if (byte < 128) return value
    }
  }
  while (at < buffer.length) {
    const tag = varint()
    const length = varint()
    if (tag % 8 !== 2) continue
    fields.push([Math.floor(tag / 8), buffer.subarray(at, at + length)])
    at += length
  }
  return fields
}
