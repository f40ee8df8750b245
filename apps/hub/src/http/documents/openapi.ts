/**
 * OpenAPI: the document that describes the API, generated from the contract. It is checked in as docs/reference/openapi.json, and
 * a test compares it.
 */
import { OpenAPIGenerator } from '@orpc/openapi'
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import { api, byteRoutes } from '@skerry/contract/api'
import type { ProcedureMeta, ScopeReach } from '@skerry/contract/api/procedure'
import { AuditRecord } from '@skerry/contract/audit/audit'
import { Deployment } from '@skerry/contract/deployments/deployment'
import { Device } from '@skerry/contract/devices/device'
import { type ErrorCode, errors } from '@skerry/contract/errors/errors'
import { JoinToken } from '@skerry/contract/joining/join'
import { Model, Upload, Version, VersionDetail } from '@skerry/contract/models/model'
import { Key } from '@skerry/contract/people/key'
import { Rollout } from '@skerry/contract/rollouts/rollout'
import { Site } from '@skerry/contract/sites/site'
import { HUB_VERSION } from '../../version.ts'

export type OpenApiDocument = Awaited<ReturnType<OpenAPIGenerator['generate']>>

type Operation = Record<string, unknown>

/** The part of a contract procedure that its description needs. */
export type Described = {
  name: string
  noun: string
  method: string
  path: string
  access: string
  scope: ScopeReach
  codes: ErrorCode[]
  /** The object that it shows or changes has a state with a tag. */
  isTagged: boolean
}

/** Schemas that many answers share, so that the document defines them once. */
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

/** The whole document as an object. */
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
  for (const name of Object.keys(byteRoutes) as ByteRouteName[]) addByteRoute(document, name)
  return document
}

/** The text of the document, for the repository and for clients. */
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
        scope: meta.scope,
        codes: Object.keys(errorMap) as ErrorCode[],
        isTagged: meta.entity !== undefined,
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

function describe(operation: Operation, described: Described): void {
  const { name, noun, access, codes, method, isTagged } = described
  operation.operationId = name
  const answers = Object.entries(operation.responses as Record<string, unknown>).filter(([status]) => status < '400')
  operation.responses = { ...Object.fromEntries(answers), ...errorAnswers(codes) }
  if (isTagged) describeTag(operation, method)
  operation.tags = [noun]
  operation['x-skerry-permission'] = access
  operation.security = access === 'public' ? [] : [{ key: [] }]
}

const text = { type: 'string' }
const ETAG = { description: 'The tag of the state that is shown; send it back as If-Match.', schema: text }
const PRECONDITIONS = [
  { name: 'if-match', description: 'Change it only in the state that has this tag; * for any, but there must be one.' },
  { name: 'if-none-match', description: '* to make it only where there is none.' },
].map((header) => ({ ...header, in: 'header', required: false, schema: text }))

function describeTag(operation: Operation, method: string): void {
  const answer = (operation.responses as Record<string, Operation>)['200']
  if (answer) answer.headers = { ETag: ETAG }
  if (method !== 'get') operation.parameters = [...((operation.parameters ?? []) as object[]), ...PRECONDITIONS]
}

type ByteRouteName = keyof typeof byteRoutes

/** The patterns of UploadId, Digest and CommandId. */
const PARAMETER_PATTERNS: Readonly<Record<string, string>> = {
  upload: '^upl_[a-z2-7]{8,32}$',
  digest: '^sha256:[0-9a-f]{64}$',
  catalogue: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
  command: '^cmd_[a-z2-7]{8,32}$',
}

const BYTES = { content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } }
const OFFSET = { name: 'offsetBytes', in: 'query', required: true, schema: { type: 'integer', minimum: 0 } }
const RANGE = { name: 'range', in: 'header', required: false, schema: { type: 'string' } }
const DONE = { description: 'Kept', content: { 'application/json': { schema: { type: 'object' } } } }
const FOR_KEYS: readonly ErrorCode[] = ['key_missing', 'key_invalid', 'permission_denied', 'internal_error']
const FOR_DEVICES: readonly ErrorCode[] = [
  'certificate_missing',
  'certificate_invalid',
  'device_revoked',
  'permission_denied',
  'internal_error',
]

type ByteRouteWords = {
  tag: string
  callers: readonly ('key' | 'certificate')[]
  parameters?: readonly object[]
  codes: readonly ErrorCode[]
  sendsBytes: boolean
  answers(document: OpenApiDocument): Record<string, unknown>
}

/** The descriptions of byte routes that the contract's table does not have. */
const BYTE_ROUTES: Readonly<Record<ByteRouteName, ByteRouteWords>> = {
  uploadBytes: {
    tag: 'upload',
    callers: ['key'],
    parameters: [OFFSET],
    codes: FOR_KEYS,
    sendsBytes: true,
    answers: (document) => ({ 200: uploadAnswer(document) }),
  },
  downloadBlob: {
    tag: 'blob',
    callers: ['key', 'certificate'],
    parameters: [RANGE],
    codes: FOR_KEYS,
    sendsBytes: false,
    answers: () => ({
      200: { description: 'The bytes', ...BYTES },
      206: { description: 'The range of bytes', ...BYTES },
    }),
  },
  catalogueBlob: {
    tag: 'catalogue',
    callers: ['key'],
    codes: FOR_KEYS,
    sendsBytes: false,
    answers: () => ({ 200: { description: 'The bytes', ...BYTES } }),
  },
  connectionSpec: {
    tag: 'source',
    callers: ['certificate'],
    codes: FOR_DEVICES,
    sendsBytes: false,
    answers: () => ({ 200: { description: 'What it says, in canonical JSON', ...BYTES } }),
  },
  commandBody: {
    tag: 'command',
    callers: ['certificate'],
    codes: FOR_DEVICES,
    sendsBytes: false,
    answers: () => ({ 200: { description: 'The bytes', ...BYTES } }),
  },
  commandAnswer: {
    tag: 'command',
    callers: ['certificate'],
    codes: FOR_DEVICES,
    sendsBytes: true,
    answers: () => ({ 200: DONE }),
  },
}

function addByteRoute(document: OpenApiDocument, name: ByteRouteName) {
  const { method, path, access, summary, errors: own } = byteRoutes[name]
  const { tag, callers, parameters = [], codes, sendsBytes, answers } = BYTE_ROUTES[name]
  const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map(([, parameter = '']) => ({
    name: parameter,
    in: 'path',
    required: true,
    schema: { type: 'string', pattern: PARAMETER_PATTERNS[parameter] },
  }))
  const operation = {
    operationId: `${tag}.${name}`,
    tags: [tag],
    summary,
    'x-skerry-permission': access,
    security: callers.map((caller) => ({ [caller]: [] })),
    parameters: [...inPath, ...parameters],
    ...(sendsBytes ? { requestBody: { required: true, ...BYTES } } : {}),
    responses: { ...answers(document), ...errorAnswers([...own, ...codes]) },
  }
  const paths = (document.paths ?? {}) as Record<string, Record<string, unknown>>
  paths[path] = { ...paths[path], [method.toLowerCase()]: operation }
}

/** The answer of `GET` on the same path. */
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

/** Each status once, with its possible codes and their meaning. */
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
