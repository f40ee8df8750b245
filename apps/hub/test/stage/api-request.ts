/** API requests for tests, made from the OpenAPI document: so that no procedure is left out of what must hold for all. */
import { byteRoutes } from '@skerry/contract/api'
import { exampleOf, type Resolve, type Schema } from '../../src/http/documents/example.ts'
import { type Described, type OpenApiDocument, openApiDocument, procedures } from '../../src/http/documents/openapi.ts'

type Parameter = { name: string; in: string; required?: boolean; schema: Schema }

export type ApiOperation = Described & { parameters: Parameter[]; body: Schema | undefined; isBytes?: true }

export type ApiRequest = {
  method: string
  path: string
  body?: unknown
  raw?: Uint8Array
  headers?: Record<string, string>
}

/** Every procedure, with what it takes. */
export async function apiOperations(): Promise<{ operations: ApiOperation[]; resolve: Resolve }> {
  const document = await openApiDocument()
  const operations = procedures().map((described) => {
    const operation = (document.paths as Record<string, Record<string, OperationObject>>)[described.path]?.[
      described.method
    ]
    if (!operation) throw new Error(`${described.name} is not described`)
    const body = operation.requestBody?.content?.['application/json']?.schema
    return { ...described, parameters: operation.parameters ?? [], body }
  })
  return { operations, resolve: resolverOf(document) }
}

/** The routes of raw bytes that people may take. */
export const byteOperations: (ApiOperation & { isBytes: true })[] = Object.entries(byteRoutes)
  .filter(([, { access }]) => access !== 'device')
  .map(([name, { method, path, access, scope, errors }]) => ({
    name,
    noun: name,
    method: method.toLowerCase(),
    path,
    access,
    scope,
    codes: [...errors],
    isTagged: false,
    parameters: [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter = '']) => ({
      name: parameter,
      in: 'path',
      schema: { pattern: parameter === 'digest' ? '^sha256' : '^upl_' },
    })),
    body: undefined,
    isBytes: true,
  }))

type OperationObject = {
  parameters?: Parameter[]
  requestBody?: { content?: Record<string, { schema?: Schema }> }
}

function resolverOf(document: OpenApiDocument): Resolve {
  const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>
  return (schema) => {
    if (typeof schema !== 'object' || schema === null) return {}
    const name = '$ref' in schema ? String(schema.$ref).split('/').at(-1) : undefined
    return name === undefined ? (schema as Schema) : (schemas[name] ?? {})
  }
}

/** A request with example values, and with `values` where a parameter of the path has one. */
export function exampleRequest(
  operation: ApiOperation,
  resolve: Resolve,
  values: Readonly<Record<string, string>> = {},
): ApiRequest {
  const filled = fillPath(operation, (name, schema) => values[name] ?? String(exampleOf(schema, resolve)))
  const { method, body } = operation
  if (operation.isBytes && method !== 'get') {
    const headers = { 'content-type': 'application/octet-stream' }
    return { method: method.toUpperCase(), path: `${filled}?offsetBytes=0`, raw: Uint8Array.of(1), headers }
  }
  return { method: method.toUpperCase(), path: filled, ...(body ? { body: exampleOf(body, resolve) } : {}) }
}

/** The path with each of its parameters. */
export function fillPath(
  { path, parameters }: ApiOperation,
  valueFor: (name: string, schema: Schema) => string,
): string {
  return path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => {
    const schema = parameters.find((each) => each.name === name)?.schema ?? {}
    return encodeURIComponent(valueFor(name, schema))
  })
}
