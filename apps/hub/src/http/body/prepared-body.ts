/**
 * Prepared body: a large body, parsed and checked by a thread, so that the hub answers other requests meanwhile. The
 * thread converts the costly part into its final form. Its place in the input stays empty.
 */
import { api } from '@skerry/contract/api'
import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import type { GoldenInputs } from '@skerry/contract/devices/golden'
import type { ErrorCode } from '@skerry/contract/errors/errors'
import type { InferQuestion } from '@skerry/contract/models/infer'
import type { PushRequest } from '@skerry/contract/models/model'
import * as z from 'zod'
import { type OipFrame, writeRequest } from '../../commands/oip-frame.ts'
import { type CheckedConnection, checkConnection } from '../../connections/checked-connection.ts'
import { issuesIn } from '../input-issues.ts'
import { parseJson } from './json-text.ts'

export type BodyOrder = {
  /** The path of the procedure, such as `['device', 'infer']`. */
  path: readonly string[]
  /** The parameters of its path. */
  params: Readonly<Record<string, string>>
  bytes: Uint8Array<ArrayBuffer>
}

/** The part of an input in its final form. */
export type Prepared = { frame?: OipFrame; connection?: CheckedConnection; golden?: GoldenInputs | undefined }

export type BodyResult =
  | { ok: true; body: unknown; prepared: Prepared }
  | { ok: false; code: ErrorCode; message?: string; data?: unknown }

/** Parses the body, and checks it by the schema of its procedure. */
export function prepareBody({ path, params, bytes }: BodyOrder): BodyResult {
  const parsed = parseJson(bytes)
  if (!parsed.ok) return { ...parsed, code: 'input_invalid' }
  const body = parsed.value
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  const checked = schemaOf(path).safeParse(isObject ? { ...body, ...params } : body)
  if (!checked.success) return { ok: false, code: 'input_invalid', data: { issues: issuesIn(checked.error.issues) } }
  return isObject ? preparedOf(path.join('.'), { ...body }, checked.data) : { ok: true, body, prepared: {} }
}

function schemaOf([noun = '', verb = '']: readonly string[]): z.ZodType {
  const procedures: Readonly<Record<string, Readonly<Record<string, { '~orpc': { inputSchema?: unknown } }>>>> = api
  const schema = procedures[noun]?.[verb]?.['~orpc'].inputSchema
  if (!(schema instanceof z.ZodType)) throw new Error(`${noun}.${verb} has no schema of its input`)
  return schema
}

/** The schema of the procedure made `input`, so its type is that of the procedure. */
function preparedOf(procedure: string, body: Record<string, unknown>, input: unknown): BodyResult {
  switch (procedure) {
    case 'device.infer': {
      const { inputs, outputs } = input as InferQuestion
      const emptied = inputs.map((tensor) => ({ ...tensor, data: [] }))
      return { ok: true, body: { ...body, inputs: emptied }, prepared: { frame: writeRequest(inputs, outputs) } }
    }
    case 'source.set':
    case 'source.plan': {
      const { name, spec } = input as { name: string; spec: ConnectionSpec }
      const connection = checkConnection('source', { name, spec })
      return { ok: true, body: { ...body, spec: { name: spec.name } }, prepared: { connection } }
    }
    case 'model.push': {
      const { golden, ...rest } = body
      return { ok: true, body: rest, prepared: golden === undefined ? {} : { golden: (input as PushRequest).golden } }
    }
    default:
      return { ok: true, body, prepared: {} }
  }
}
