/** Chart tools: Helm, and a strict check of its output (scripts/chart-tools.mjs fetches both). */
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Ajv } from 'ajv'
import type { KubeObject } from './kube-api.ts'

const ROOT = join(import.meta.dirname, '../..')
const HELM = join(ROOT, '.skerry/tools/helm')
const SCHEMAS = join(ROOT, '.skerry/tools/kubernetes')

export const CHART = join(ROOT, 'deploy/helm/skerry')

export const hasChartTools = existsSync(HELM) && existsSync(SCHEMAS)

export const hasKubectl = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0

/** A home of its own: no cluster that this machine knows is met by mistake. */
const envOf = (home: string) => ({ PATH: process.env.PATH, HOME: home, KUBECONFIG: join(home, 'none') })

/** Runs Helm; its output, and whether it was content. */
export function helm(args: readonly string[], home: string): { ok: boolean; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(HELM, args, { encoding: 'utf8', env: envOf(home) })
  return { ok: status === 0, stdout, stderr }
}

/** Runs Helm beside a server of this process; gives its output. Rejects if it fails. */
export async function helmBeside(args: readonly string[], home: string): Promise<string> {
  return (await promisify(execFile)(HELM, args, { env: envOf(home) })).stdout
}

/** The problems of an object, by the schema of its kind; an unknown field is a problem. */
export function problemsOf(object: KubeObject): string[] {
  const { apiVersion, kind } = object
  const validate = validatorOf(apiVersion, kind)
  return validate(object)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

type Schema = Record<string, unknown>
type Document = { components: { schemas: Record<string, Schema> } }

const compiled = new Map<string, ReturnType<Ajv['compile']>>()

function validatorOf(apiVersion: string, kind: string) {
  const key = `${apiVersion}/${kind}`
  const known = compiled.get(key)
  if (known) return known
  const path = join(SCHEMAS, apiVersion === 'v1' ? 'api/v1.json' : `apis/${apiVersion}.json`)
  const schema = existsSync(path) ? publishedSchema(path, apiVersion, kind) : ownSchemas[key]
  if (!schema) throw new Error(`no schema of ${key}`)
  const validate = new Ajv({ strict: false, allErrors: true }).compile(schema)
  compiled.set(key, validate)
  return validate
}

function publishedSchema(path: string, apiVersion: string, kind: string): Schema {
  const { schemas } = (JSON.parse(readFileSync(path, 'utf8')) as Document).components
  const isIt = (schema: Schema) =>
    ((schema['x-kubernetes-group-version-kind'] ?? []) as { group: string; version: string; kind: string }[]).some(
      (gvk) => gvk.kind === kind && (gvk.group ? `${gvk.group}/${gvk.version}` : gvk.version) === apiVersion,
    )
  const name = Object.keys(schemas).find((found) => isIt(schemas[found] ?? {}))
  if (!name) throw new Error(`${path} has no ${kind}`)
  const $defs = Object.fromEntries(Object.entries(schemas).map(([found, schema]) => [found, strict(schema, found)]))
  return { $ref: `#/$defs/${name}`, $defs }
}

/** Go types that accept a string or a number; the schema needs this form for them. */
const OPEN: Record<string, Schema> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: ['string', 'number'] },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: ['string', 'integer'] },
}

/** Makes unknown fields a problem, and drops documentation. */
function strict(schema: unknown, name = ''): unknown {
  if (OPEN[name]) return OPEN[name]
  if (Array.isArray(schema)) return schema.map((item) => strict(item))
  if (typeof schema !== 'object' || schema === null) {
    return typeof schema === 'string' ? schema.replace('#/components/schemas/', '#/$defs/') : schema
  }
  const entries = Object.entries(schema).filter(
    ([key, value]) => !(key.startsWith('x-') || key === 'default' || (key === 'format' && typeof value === 'string')),
  )
  const result = Object.fromEntries(entries.map(([key, value]) => [key, strict(value)]))
  return 'properties' in result && !('additionalProperties' in result)
    ? { ...result, additionalProperties: false }
    : result
}

const closed = (properties: Schema, required: readonly string[] = []): Schema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
})
const list = (items: Schema): Schema => ({ type: 'array', items })
const labels: Schema = { type: 'object', additionalProperties: { type: 'string' } }
const selector = closed({ matchLabels: labels })
const port: Schema = { type: ['string', 'integer'] }
const peer = closed({
  podSelector: selector,
  namespaceSelector: selector,
  ipBlock: closed({ cidr: { type: 'string' }, except: list({ type: 'string' }) }, ['cidr']),
})
const ports = list(closed({ port, protocol: { enum: ['TCP', 'UDP', 'SCTP'] } }))

const objectOf = (apiVersion: string, kind: string, spec: Schema): Schema =>
  closed(
    {
      apiVersion: { const: apiVersion },
      kind: { const: kind },
      metadata,
      spec,
    },
    ['apiVersion', 'kind', 'metadata', 'spec'],
  )

const text: Schema = { type: 'string' }
const texts = list(text)
const metadata = closed({ name: text, namespace: text, labels, annotations: labels }, ['name'])

/** [kubernetes.io, RBAC] These kinds have no spec. */
const rightsOf = (kind: string, properties: Schema): Schema =>
  closed({ apiVersion: { const: 'rbac.authorization.k8s.io/v1' }, kind: { const: kind }, metadata, ...properties }, [
    'apiVersion',
    'kind',
    'metadata',
    ...Object.keys(properties),
  ])

/** [kubernetes.io, API reference 1.32] Of these Debian has no schema; as much of them as the chart and the agent use. */
const ownSchemas: Record<string, Schema> = {
  'rbac.authorization.k8s.io/v1/Role': rightsOf('Role', {
    rules: list(closed({ apiGroups: texts, resources: texts, verbs: texts }, ['apiGroups', 'resources', 'verbs'])),
  }),
  'rbac.authorization.k8s.io/v1/RoleBinding': rightsOf('RoleBinding', {
    roleRef: closed({ apiGroup: text, kind: text, name: text }, ['apiGroup', 'kind', 'name']),
    subjects: list(closed({ kind: text, name: text, namespace: text }, ['kind', 'name'])),
  }),
  'policy/v1/PodDisruptionBudget': objectOf(
    'policy/v1',
    'PodDisruptionBudget',
    closed({ maxUnavailable: port, minAvailable: port, selector }, ['selector']),
  ),
  'networking.k8s.io/v1/NetworkPolicy': objectOf(
    'networking.k8s.io/v1',
    'NetworkPolicy',
    closed(
      {
        podSelector: selector,
        policyTypes: list({ enum: ['Ingress', 'Egress'] }),
        ingress: list(closed({ ports, from: list(peer) })),
        egress: list(closed({ ports, to: list(peer) })),
      },
      ['podSelector'],
    ),
  ),
}
