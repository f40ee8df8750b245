/**
 * Reference: the API as a page for people, rendered here from the OpenAPI document. It has no scripts and loads nothing, so its policy can
 * forbid both.
 */
import { createHash } from 'node:crypto'
import { branchesOf, exampleOf, type Resolve, type Schema } from './example.ts'
import type { OpenApiDocument } from './openapi.ts'

export type Reference = { html: string; policy: string }

type Operation = {
  operationId: string
  summary?: string
  parameters?: { name: string; in: string; required?: boolean; schema: unknown }[]
  requestBody?: { content?: Record<string, { schema?: unknown }> }
  responses: Record<
    string,
    { description?: string; 'x-skerry-codes'?: string[]; content?: Record<string, { schema?: unknown }> }
  >
  'x-skerry-permission': string
}

type Entry = { method: string; path: string; operation: Operation }

/** The page, and the content security policy that goes with it. */
export function renderReference(document: OpenApiDocument): Reference {
  const resolve = resolverOf(document)
  const entries = entriesOf(document)
  const groups = [...Map.groupBy(entries, ({ operation }) => operation.operationId.split('.')[0] ?? '')]
  const links = groups.map(([noun]) => `<a href="#${noun}">${noun}</a>`).join(' ')
  const sections = groups.map(
    ([noun, group]) =>
      `<section id="${noun}"><h2>${noun}</h2>${group.map((entry) => article(entry, resolve)).join('')}</section>`,
  )
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Skerry API</title>
<style>${STYLE}</style></head>
<body><header><h1>Skerry API ${escapeHtml(document.info.version)}</h1><p>${escapeHtml(document.info.description ?? '')}
The same as a document for programs: <a href="/openapi.json">/openapi.json</a>.</p><nav>${links}</nav></header>
<main>${sections.join('\n')}</main></body></html>
`
  const hash = createHash('sha256').update(STYLE).digest('base64')
  return {
    html,
    policy: `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  }
}

function entriesOf(document: OpenApiDocument): Entry[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item ?? {}).map(([method, operation]) => ({ method, path, operation: operation as Operation })),
  )
}

function resolverOf(document: OpenApiDocument): Resolve {
  const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>
  return (schema) => {
    if (typeof schema !== 'object' || schema === null) return {}
    const name = '$ref' in schema ? String(schema.$ref).split('/').at(-1) : undefined
    return name === undefined ? (schema as Schema) : (schemas[name] ?? {})
  }
}

function article({ method, path, operation }: Entry, resolve: Resolve): string {
  const { operationId, summary = '', parameters = [], 'x-skerry-permission': permission } = operation
  const body = operation.requestBody?.content?.['application/json']?.schema
  const rows = [
    ...parameters.map((each) =>
      row(`${each.name} <small>${each.in}</small>`, each.schema, each.required === true, resolve),
    ),
    ...(body === undefined ? [] : fieldRows(body, resolve)),
  ]
  return `<article id="${operationId}"><h3><code>${method.toUpperCase()} ${escapeHtml(path)}</code></h3>
<p>${escapeHtml(summary)}. <small>${operationId}, ${permission === 'public' ? 'needs no key' : `needs <b>${permission}</b>`}</small></p>
${table('Takes', rows)}${answers(operation, resolve)}<pre>${escapeHtml(curlOf({ method, path, operation }, resolve))}</pre></article>`
}

function answers({ responses }: Operation, resolve: Resolve): string {
  const ok = Object.values(Object.entries(responses).find(([status]) => status < '300')?.[1].content ?? {})[0]?.schema
  const errors = Object.values(responses).flatMap(({ description = '', 'x-skerry-codes': codes }) =>
    codes ? description.split('\n') : [],
  )
  const items = errors.map((line) => {
    const [code = '', ...words] = line.split(': ')
    return `<li><code>${escapeHtml(code)}</code> ${escapeHtml(words.join(': '))}</li>`
  })
  return `${table('Answers', ok === undefined ? [] : fieldRows(ok, resolve))}<details><summary>Errors</summary><ul>${items.join('')}</ul></details>`
}

const table = (title: string, rows: string[]) =>
  rows.length === 0 ? '' : `<table><caption>${title}</caption><tbody>${rows.join('')}</tbody></table>`

/** Fields of fields are shown so deep; what lies deeper is in the document. */
const FIELDS_DEPTH_MAX = 3

function fieldRows(schema: unknown, resolve: Resolve, prefix = ''): string[] {
  const resolved = resolve(schema)
  const branches = branchesOf(resolved)
  if (branches.length > 0 && resolved.type !== 'object')
    return branches.flatMap((branch) => fieldRows(branch, resolve, prefix))
  const required = Array.isArray(resolved.required) ? resolved.required : []
  const properties = Object.entries((resolved.properties ?? {}) as Record<string, unknown>)
  return properties.flatMap(([name, field]) => {
    const path = `${prefix}${name}`
    const inner = resolve(field)
    const items = inner.type === 'array' ? resolve(inner.items) : inner
    const isNested = items.properties !== undefined && path.split('.').length < FIELDS_DEPTH_MAX
    const nested = isNested ? fieldRows(items, resolve, `${path}${inner.type === 'array' ? '[]' : ''}.`) : []
    return [row(escapeHtml(path), field, required.includes(name), resolve), ...nested]
  })
}

function row(name: string, schema: unknown, isRequired: boolean, resolve: Resolve): string {
  const resolved = resolve(schema)
  const notes = [isRequired ? 'required' : '', ...limitsOf(resolved)].filter((note) => note !== '')
  return `<tr><td><code>${name}</code></td><td>${escapeHtml(typeOf(resolved, resolve))}</td><td>${escapeHtml(notes.join(', '))}</td></tr>`
}

function typeOf(schema: Schema, resolve: Resolve): string {
  if ('const' in schema) return JSON.stringify(schema.const)
  if (Array.isArray(schema.enum)) return schema.enum.map((each) => JSON.stringify(each)).join(' | ')
  const branches = branchesOf(schema)
  if (branches.length > 0) return [...new Set(branches.map((branch) => typeOf(resolve(branch), resolve)))].join(' | ')
  if (schema.type === 'array') return `${typeOf(resolve(schema.items), resolve)}[]`
  return String(schema.type ?? 'any')
}

const LIMITS = [
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'pattern',
  'format',
  'default',
] as const

function limitsOf(schema: Schema): string[] {
  return LIMITS.flatMap((name) => {
    const limit = schema[name]
    if (limit === undefined || limit === Number.MAX_SAFE_INTEGER) return []
    return [`${name} ${typeof limit === 'string' ? limit : JSON.stringify(limit)}`]
  })
}

function curlOf({ method, path, operation }: Entry, resolve: Resolve): string {
  const { parameters = [], requestBody, 'x-skerry-permission': permission } = operation
  const byName = new Map(parameters.map((each) => [each.name, each]))
  const filled = path.replaceAll(/\{([^}]+)\}/g, (_, name: string) =>
    String(exampleOf(byName.get(name)?.schema, resolve)),
  )
  const query = parameters
    .filter((each) => each.in === 'query' && each.required === true)
    .map((each) => `${each.name}=${String(each.name === 'offsetBytes' ? 0 : exampleOf(each.schema, resolve))}`)
  const json = requestBody?.content?.['application/json']?.schema
  const lines = [
    `curl --cacert ca.pem${method === 'get' ? '' : ` -X ${method.toUpperCase()}`}`,
    `'https://hub.example.com:8443${filled}${query.length === 0 ? '' : `?${query.join('&')}`}'`,
    ...(permission === 'public' ? [] : ["-H 'authorization: Bearer sk_...'"]),
    ...(json === undefined
      ? []
      : ["-H 'content-type: application/json'", `-d '${JSON.stringify(exampleOf(json, resolve))}'`]),
    ...(requestBody?.content?.['application/octet-stream']
      ? ["-H 'content-type: application/octet-stream'", '--data-binary @FILE']
      : []),
  ]
  return lines.join(' \\\n  ')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escapeHtml = (text: string) => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 0 auto; padding: 1rem }
nav a { margin-right: .75rem }
article { border-top: 1px solid #8884; padding: .5rem 0 1rem }
h3 { margin: .5rem 0 } code, pre { font-family: ui-monospace, monospace; font-size: .9em }
pre { overflow-x: auto; background: #8881; padding: .75rem; border-radius: .4rem }
table { border-collapse: collapse; width: 100%; font-size: .9em; margin: .5rem 0 }
caption { text-align: left; font-weight: bold } td { border-top: 1px solid #8883; padding: .15rem .75rem .15rem 0; vertical-align: top; overflow-wrap: anywhere }
small { opacity: .75 } summary { cursor: pointer }
`
