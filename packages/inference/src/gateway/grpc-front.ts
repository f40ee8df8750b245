/**
 * gRPC front: the Open Inference Protocol over gRPC for routes. Each call goes the way of a REST request: the same keys,
 * places, repeats and counts. Devices get it by REST, because that is how a gateway reaches them.
 */
import { buffer } from 'node:stream/consumers'
import { type GrpcEndpoints, type GrpcFailure, type GrpcReply, unsupported } from '../grpc/grpc-endpoint.ts'
import { grpcAnswerOf, restBodyOf } from '../grpc/grpc-rest.ts'
import { GRPC_STATUS } from '../grpc/grpc-status.ts'
import type { Refusal } from './caller-check.ts'
import type { Forwarded } from './forward.ts'
import { type AdmissionParts, findLive, sequenceOf } from './gateway-admission.ts'
import { answerRequest, isRouteReady } from './pipeline/answer-request.ts'
import { KEPT_BYTES_MAX, type PlaceAnswer, type PlaceClient } from './place-client.ts'
import type { LiveRoute } from './routing.ts'

/** Of a message, which is in memory as a whole. Larger tensors go by REST, which streams them. */
export const GRPC_BYTES_MAX = 16 * 1024 * 1024

/** Calls at the same time: with the largest messages they take 2 GiB, with usual ones some megabytes. */
const CALLS_MAX = 64

type Parts = AdmissionParts & { client: PlaceClient; version: string }

/** The endpoints of the gRPC service. */
export function grpcFront(parts: Parts): GrpcEndpoints {
  const { routing, version: own } = parts
  let active = 0
  const onPlace = async <Message>(
    asked: Asked,
    work: (live: LiveRoute, caller: string) => Promise<GrpcReply<Message>>,
  ): Promise<GrpcReply<Message>> => {
    if (active >= CALLS_MAX) return failed(GRPC_STATUS.RESOURCE_EXHAUSTED, BUSY)
    active += 1
    try {
      const found = await findLive(parts, asked.name, asked.metadata('authorization'))
      return found.ok ? await work(found.live, found.caller) : refused(found)
    } finally {
      active -= 1
    }
  }
  return {
    serverLive: () => ({ ok: true, message: { live: true } }),
    serverReady: () => ({ ok: true, message: { ready: routing.table() !== undefined } }),
    serverMetadata: () => ({ ok: true, message: { name: 'skerry-gateway', version: own, extensions: [] } }),
    modelReady: ({ name }, _signal, metadata) =>
      onPlace({ name, metadata }, async (live) => ({ ok: true, message: { ready: isRouteReady(live) } })),
    modelMetadata: ({ name, version }, signal, metadata) =>
      onPlace({ name, metadata }, async (live) => {
        const path = pathOf(live, version)
        if (path === undefined) return unknownVersion(version)
        const forwarded = { method: 'GET', path, headers: {}, body: undefined, version: numberOf(version) }
        const answered = await askPlaces(parts, { live, forwarded }, signal)
        return answered.ok ? { ok: true, message: metadataOf(answered.body) } : answered
      }),
    modelInfer: (message, signal, metadata) =>
      onPlace({ name: message.modelName, metadata }, async (live, caller) => {
        const path = pathOf(live, message.modelVersion)
        if (path === undefined) return unknownVersion(message.modelVersion)
        const rest = restBodyOf(message)
        if (!rest.ok) return rest
        const { headers, body } = rest.value
        const sequence = sequenceOf(caller, metadata('skerry-sequence'))
        if (!sequence.ok) return refused(sequence)
        const forwarded = {
          method: 'POST',
          path: `${path}/infer`,
          headers: { ...headers, 'content-length': String(body.byteLength) },
          body,
          version: numberOf(message.modelVersion),
          sequence: sequence.value,
        }
        const answered = await askPlaces(parts, { live, forwarded }, signal)
        if (!answered.ok) return answered
        const read = grpcAnswerOf(answered, message)
        return read.ok ? { ok: true, message: read.value } : read
      }),
    repositoryIndex: unsupported,
    repositoryModelLoad: unsupported,
    repositoryModelUnload: unsupported,
    modelStatistics: unsupported,
  }
}

type Asked = { name: string; metadata: (name: string) => string | undefined }

const BUSY = `the gateway works on ${CALLS_MAX} calls: try again later`

const numberOf = (version: string) => (version === '' ? undefined : Number(version))

/** Undefined if the version is no number. */
function pathOf({ row }: LiveRoute, version: string): string | undefined {
  if (version !== '' && !/^[1-9]\d{0,8}$/.test(version)) return undefined
  return `/v2/models/${row.spec.model}${version === '' ? '' : `/versions/${version}`}`
}

const unknownVersion = (version: string) =>
  failed(GRPC_STATUS.NOT_FOUND, `there is no version ${JSON.stringify(version.slice(0, 20))}`)

type Asking = { live: LiveRoute; forwarded: Forwarded }
type Answered = { ok: true; headers: PlaceAnswer['headers']; body: Buffer } | GrpcFailure

async function askPlaces({ client }: Parts, { live, forwarded }: Asking, signal: AbortSignal): Promise<Answered> {
  const deps = { client, random: Math.random, monotonicMs: () => performance.now() }
  const delivered = await answerRequest(deps, live, forwarded, signal)
  if (!delivered.ok) return refused(delivered)
  const { status, headers, start, rest } = delivered.answer
  const length = Number(headers['content-length'] ?? 0)
  if (rest && length > GRPC_BYTES_MAX) {
    rest.destroy()
    const message = `the answer has ${length} bytes, and gRPC carries ${GRPC_BYTES_MAX}: use REST`
    return failed(GRPC_STATUS.RESOURCE_EXHAUSTED, message)
  }
  const body = rest ? Buffer.concat([start, await buffer(rest)]) : start
  if (status === 200) return { ok: true, headers, body }
  return failed(statusOf(status), errorIn(body) ?? `the place answered ${status}`)
}

/** The words of an error of the Open Inference Protocol. */
function errorIn(body: Buffer): string | undefined {
  if (body.byteLength > KEPT_BYTES_MAX) return undefined
  const [, text] = /"error"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(body.toString('utf8')) ?? []
  return text === undefined ? undefined : String(JSON.parse(text))
}

/** [Open Inference Protocol, metadata of a model] The device has written it. */
function metadataOf(body: Buffer) {
  const { name, versions = [], platform, inputs, outputs } = JSON.parse(body.toString('utf8'))
  const shaped = (specs: { name: string; datatype: string; shape: number[] }[]) =>
    specs.map((spec) => ({ ...spec, shape: spec.shape.map(BigInt) }))
  return { name, versions, platform, inputs: shaped(inputs), outputs: shaped(outputs) }
}

const refused = ({ status, message }: Refusal): GrpcFailure => failed(statusOf(status), message)

const failed = (status: number, message: string): GrpcFailure => ({ ok: false, status, message })

/** [notes on the Open Inference Protocol, error table] */
const STATUSES: Readonly<Record<number, number>> = {
  400: GRPC_STATUS.INVALID_ARGUMENT,
  401: GRPC_STATUS.UNAUTHENTICATED,
  403: GRPC_STATUS.PERMISSION_DENIED,
  404: GRPC_STATUS.NOT_FOUND,
  409: GRPC_STATUS.ABORTED,
  413: GRPC_STATUS.RESOURCE_EXHAUSTED,
  429: GRPC_STATUS.RESOURCE_EXHAUSTED,
  501: GRPC_STATUS.UNIMPLEMENTED,
  502: GRPC_STATUS.UNAVAILABLE,
  503: GRPC_STATUS.UNAVAILABLE,
  504: GRPC_STATUS.DEADLINE_EXCEEDED,
}

const statusOf = (status: number): number => STATUSES[status] ?? GRPC_STATUS.INTERNAL
