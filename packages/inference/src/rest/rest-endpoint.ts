/** The endpoints of the REST door: from a request to its answer, without touching the socket. */
import type { IncomingMessage } from 'node:http'
import { assertNever } from '@skerry/core/values/assert-never'
import { type Failure, fail } from '../host/failure.ts'
import type { ModelHost, ServedModel } from '../host/model-host.ts'
import type { RawTensor } from '../host/raw-tensor.ts'
import type { BodyReader } from './oip-body.ts'
import { metricsText } from './oip-metrics.ts'
import { type OipRequest, readOipRequest } from './oip-request.ts'
import { undeliverableOutput, writeOipResponse } from './oip-response.ts'
import { findRoute, type Route } from './oip-route.ts'
import {
  changeRefusal,
  describedMetadata,
  EXTENSIONS,
  findServed,
  isModelReady,
  isServerReady,
  repositoryIndex,
  type ServerIdentity,
  statisticsOf,
  unservedFailure,
} from './oip-view.ts'
import { readRawBody } from './raw-body.ts'
import { type Answer, failureAnswer, inferAnswer, jsonAnswer } from './rest-answer.ts'

export type RestContext = { host: ModelHost; identity: ServerIdentity; readBody: BodyReader }

/** Answers any request. Rejects only when something is broken. */
export async function answerRequest(
  context: RestContext,
  request: IncomingMessage,
  signal: AbortSignal,
): Promise<Answer> {
  const routed = findRoute(request.method ?? '', request.url ?? '')
  if (routed.ok) return answerRoute(context, routed.route, request, signal)
  const answer = failureAnswer(routed)
  return routed.allow === undefined ? answer : { ...answer, headers: { Allow: routed.allow } }
}

function answerRoute(
  context: RestContext,
  route: Route,
  request: IncomingMessage,
  signal: AbortSignal,
): Answer | Promise<Answer> {
  const { host, identity } = context
  switch (route.kind) {
    case 'live':
      return healthAnswer(host, 200)
    case 'ready':
      return healthAnswer(host, isServerReady(host) ? 200 : 503)
    case 'server':
      return jsonAnswer(200, { ...identity, extensions: EXTENSIONS })
    case 'metrics':
      return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body: metricsText(host.stats()) }
    case 'index':
      return indexAnswer(context, request)
    case 'model':
      return withServed(host, route, (served) => jsonAnswer(200, describedMetadata(served)))
    case 'model_ready':
      return withServed(host, route, readyAnswer)
    case 'stats':
      return statsAnswer(host, route)
    case 'infer':
      return infer(context, route, request, signal)
    case 'repository_change':
      return failureAnswer(changeRefusal())
    default:
      return assertNever(route)
  }
}

const healthAnswer = (host: ModelHost, status: number) => jsonAnswer(status, { live: true, ready: isServerReady(host) })

const readyAnswer = (served: ServedModel) => {
  const isReady = isModelReady(served)
  return jsonAnswer(isReady ? 200 : 503, { name: served.name, ready: isReady })
}

type Target = { model: string; version: string | undefined }

function withServed(host: ModelHost, { model, version }: Target, answer: (served: ServedModel) => Answer): Answer {
  const served = findServed(host, model, version)
  return served === undefined ? failureAnswer(unservedFailure(host, model, version)) : answer(served)
}

function statsAnswer(host: ModelHost, target: { model: string | undefined; version: string | undefined }): Answer {
  const statistics = statisticsOf(host, target)
  if (!statistics.ok) return failureAnswer(statistics)
  // The statistics of all models and the metadata of a model named `stats` share a path: the answer has the members of
  // both.
  const named = target.model === undefined ? findServed(host, 'stats', undefined) : undefined
  return jsonAnswer(200, { ...(named && describedMetadata(named)), model_stats: statistics.value })
}

async function indexAnswer({ host, readBody }: RestContext, request: IncomingMessage): Promise<Answer> {
  const body = await readBody(request, 0)
  if (!body.ok) return failureAnswer(body)
  const isReadyOnly = readyOnly(body.data)
  if (isReadyOnly === undefined)
    return failureAnswer(fail('input_invalid', `the body must be absent, or JSON as {"ready": true}`))
  return jsonAnswer(200, repositoryIndex(host, { isReadyOnly }))
}

function readyOnly(data: Uint8Array): boolean | undefined {
  if (data.byteLength === 0) return false
  try {
    const { ready = false } = JSON.parse(Buffer.from(data).toString())
    return typeof ready === 'boolean' ? ready : undefined
  } catch {
    return undefined
  }
}

async function infer(
  context: RestContext,
  route: Target,
  request: IncomingMessage,
  signal: AbortSignal,
): Promise<Answer> {
  const { host, readBody } = context
  const served = findServed(host, route.model, route.version)
  if (served === undefined) return failureAnswer(unservedFailure(host, route.model, route.version))
  const jsonLength = jsonLengthOf(request)
  if (!jsonLength.ok) return failureAnswer(jsonLength)
  const body = await readBody(request, jsonLength.value ?? 0)
  if (!body.ok) return failureAnswer(body)
  const read = readInference(served, body.data, jsonLength.value)
  if (!read.ok) return failureAnswer(read)
  const undeliverable = (outputs: readonly RawTensor[]) => undeliverableOutput(outputs, read.isBinary)
  const result = await host.infer(route.model, route.version, { ...read.request, undeliverable }, signal)
  if (!result.ok) return failureAnswer(result)
  const response = writeOipResponse(result, read)
  return response.ok ? inferAnswer(response) : failureAnswer(response)
}

/** [Binary tensor data extension] Absent: all is JSON. 0: all is one tensor. Else JSON, then tensors. */
function jsonLengthOf({ headers }: IncomingMessage): { ok: true; value: number | undefined } | Failure {
  const header = headers['inference-header-content-length']
  if (header === undefined) return { ok: true, value: undefined }
  // Fifteen digits stay exact in a double, and are far past any body.
  const isNumber = typeof header === 'string' && /^\d{1,15}$/.test(header)
  return isNumber
    ? { ok: true, value: Number(header) }
    : fail('input_invalid', 'Inference-Header-Content-Length must be the length of the JSON in bytes')
}

function readInference(
  served: ServedModel,
  data: Uint8Array<ArrayBuffer>,
  jsonLength: number | undefined,
): OipRequest | Failure {
  if (jsonLength === 0) return readRawBody(served.signature, data)
  if (jsonLength === undefined) return readOipRequest(data, undefined)
  if (jsonLength > data.byteLength) {
    return fail(
      'input_invalid',
      `Inference-Header-Content-Length is ${jsonLength}, but the body has ${data.byteLength} bytes`,
    )
  }
  return readOipRequest(data.subarray(0, jsonLength), data.subarray(jsonLength))
}
