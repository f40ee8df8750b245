/** OpenAPI: the document that describes the API, generated from the contract. Checked in as docs/openapi.json, and compared by a test. */
import { OpenAPIGenerator } from '@orpc/openapi'
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import { api, byteRoutes } from '@skerry/contract/api'
import type { ProcedureMeta } from '@skerry/contract/api/procedure'
import { AuditRecord } from '@skerry/contract/audit'
import { Deployment } from '@skerry/contract/deployment'
import { Device } from '@skerry/contract/device'
import { type ErrorCode, errors } from '@skerry/contract/errors'
import { JoinToken } from '@skerry/contract/join'
import { Key } from '@skerry/contract/key'
import { Model, Upload, Version, VersionDetail } from '@skerry/contract/model'
import { Rollout } from '@skerry/contract/rollout'
import { Site } from '@skerry/contract/site'
import { HUB_VERSION } from '../version.ts'

export type OpenApiDocument = Awaited<ReturnType<OpenAPIGenerator['generate']>>

type Operation = Record<string, unknown>

/** One procedure of the contract, as far as its description goes. */
export type Described = {
  name: string
  noun: string
  method: string
  path: string
  access: string
  codes: ErrorCode[]
}

/** Schemas that many answers share, so that the document names them once. */
const COMMON = {
  AuditRecord: { schema: AuditRecord },
  Deployment: { schema: Deployment },
  Device: { schema: Device },
  JoinToken: { schema: JoinToken },
  Key: { schema: Key },
  Model: { schema: Model },
  Rollout: { schema: Rollout },
  Site: { schema: Site },
  Upload: { schema: Upload },
  Version: { schema: Version },
  VersionDetail: { schema: VersionDetail },
}

/** The document. */
export async function openApiDocument(): Promise<OpenApiDocument> {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] })
  const document = await generator.generate(api, {
    info: {
      title: 'Skerry',
      version: HUB_VERSION,
      description:
        'The API of a Skerry hub. Send an API key as "Authorization: Bearer sk_...". Every error has { defined, code, status, message, data }; ' +
        'codes are stable, messages are for people.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    commonSchemas: COMMON,
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'An API key, sk_<id>_<secret>' },
      },
    },
  })
  const components = document.components as {
    securitySchemes: Record<string, Record<string, unknown>>
    schemas: Record<string, unknown>
  }
  components.securitySchemes.certificate = {
    type: 'mutualTLS',
    description: 'The certificate that a device got when it joined',
  }
  components.schemas.Error = ERROR_SCHEMA
  for (const described of procedures()) describe(operationOf(document, described), described)
  for (const [name, route] of Object.entries(byteRoutes)) addByteRoute(document, name, route)
  return document
}

/** The document as it is checked in and served. */
export const openApiText = async (): Promise<string> => `${JSON.stringify(await openApiDocument(), undefined, 2)}\n`

type Definition = {
  route: { method?: string; path?: string }
  meta: ProcedureMeta
  errorMap: Partial<Record<ErrorCode, unknown>>
}

/** All procedures of the contract. */
export function procedures(): Described[] {
  return Object.entries(api).flatMap(([noun, group]) =>
    Object.entries(group).map(([verb, procedure]) => {
      const { route, meta, errorMap } = procedure['~orpc'] as Definition
      return {
        name: `${noun}.${verb}`,
        noun,
        method: route.method?.toLowerCase() ?? 'post',
        path: route.path ?? '',
        access: meta.access,
        codes: Object.keys(errorMap) as ErrorCode[],
      }
    }),
  )
}

function operationOf(document: OpenApiDocument, { method, path, name }: Described): Operation {
  const item = document.paths?.[path] as Record<string, Operation> | undefined
  const operation = item?.[method]
  if (!operation) throw new Error(`the document has no ${method} ${path} for ${name}`)
  return operation
}

function describe(operation: Operation, { name, noun, access, codes }: Described): void {
  operation.operationId = name
  const answers = Object.entries(operation.responses as Record<string, unknown>).filter(([status]) => status < '400')
  operation.responses = { ...Object.fromEntries(answers), ...errorAnswers(codes) }
  operation.tags = [noun]
  operation['x-skerry-permission'] = access
  operation.security = access === 'public' ? [] : [{ key: [] }]
}

type ByteRoute = (typeof byteRoutes)[keyof typeof byteRoutes]

/** What UploadId and Digest allow. */
const PARAMETER_PATTERNS: Readonly<Record<string, string>> = {
  upload: '^upl_[a-z2-7]{8,32}$',
  digest: '^sha256:[0-9a-f]{64}$',
}

function addByteRoute(
  document: OpenApiDocument,
  name: string,
  { method, path, access, summary, errors: codes }: ByteRoute,
) {
  const isUpload = method === 'PATCH'
  const parameters = [...path.matchAll(/\{([^}]+)\}/g)].map(([, parameter = '']) => ({
    name: parameter,
    in: 'path',
    required: true,
    schema: { type: 'string', pattern: PARAMETER_PATTERNS[parameter] },
  }))
  const bytes = { content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } }
  const offset = { name: 'offsetBytes', in: 'query', required: true, schema: { type: 'integer', minimum: 0 } }
  const range = { name: 'range', in: 'header', required: false, schema: { type: 'string' } }
  const operation = {
    operationId: `${isUpload ? 'upload' : 'blob'}.${name}`,
    tags: [isUpload ? 'upload' : 'blob'],
    summary,
    'x-skerry-permission': access,
    security: isUpload ? [{ key: [] }] : [{ key: [] }, { certificate: [] }],
    parameters: [...parameters, isUpload ? offset : range],
    ...(isUpload ? { requestBody: { required: true, ...bytes } } : {}),
    responses: {
      200: isUpload ? uploadAnswer(document) : { description: 'The bytes', ...bytes },
      ...(isUpload ? {} : { 206: { description: 'The range of bytes', ...bytes } }),
      ...errorAnswers([...codes, 'key_missing', 'key_invalid', 'permission_denied', 'internal_error']),
    },
  }
  const paths = (document.paths ?? {}) as Record<string, Record<string, unknown>>
  paths[path] = { ...paths[path], [method.toLowerCase()]: operation }
}

/** What `GET` on the same path answers. */
function uploadAnswer(document: OpenApiDocument): unknown {
  const get = procedures().find(({ name }) => name === 'upload.get')
  if (!get) throw new Error('the contract has no upload.get')
  return (operationOf(document, get).responses as Record<string, unknown>)['200']
}

const ERROR_SCHEMA = {
  type: 'object',
  properties: {
    defined: { type: 'boolean' },
    code: { type: 'string', enum: Object.keys(errors) },
    status: { type: 'integer' },
    message: { type: 'string' },
    data: {},
  },
  required: ['defined', 'code', 'status', 'message'],
}

/** Each status once, with the codes that it may have and what they mean. */
function errorAnswers(codes: readonly ErrorCode[]): Record<string, unknown> {
  const byStatus = Map.groupBy(codes, (code) => errors[code].status)
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, group]) => [
        String(status),
        {
          description: group.map((code) => `${code}: ${errors[code].message}`).join('\n'),
          'x-skerry-codes': group,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
        },
      ]),
  )
}
