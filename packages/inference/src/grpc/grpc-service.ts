/**
 * The gRPC service itself, on connections that others accept. Loaded with the first of them: grpc-js and protobuf cost
 * 17 MB.
 */
import type { Socket } from 'node:net'
import { create, type DescMethod, fromBinary, type Message, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  status,
  type UntypedHandleCall,
} from '@grpc/grpc-js'
import type { ConnectionGuard, Request } from '@skerry/platform/network/connection-guard'
import { GRPCInferenceService as Service } from '../generated/open_inference_grpc_pb.ts'
import { type Failure, type FailureCode, fail } from '../host/failure.ts'
import type { ModelHost } from '../host/model-host.ts'
import type { ServerIdentity } from '../rest/oip-view.ts'
import { type GrpcEndpoints, type GrpcFailure, type GrpcReply, grpcEndpoints } from './grpc-endpoint.ts'

/** The models of a host, or other endpoints. */
export type GrpcAnswering = { host: ModelHost; identity: ServerIdentity } | { endpoints: GrpcEndpoints }

export type GrpcServiceOptions = GrpcAnswering & {
  messageBytesMax: number
  guard: ConnectionGuard
  /** After this time without a call the client gets a notice that its connection ends. */
  idleMs: number
}

export type GrpcService = {
  accept(connection: Socket): void
  /** Takes no more calls, and ends every connection once the calls on its way are answered. */
  close(): void
  /** Answers the calls on their way that the server is stopping. */
  refuse(): void
  /** Cuts the remaining connections. */
  cut(): void
}

/** [notes on the Open Inference Protocol, error table] */
const STATUS_OF: Readonly<Record<FailureCode, status>> = {
  input_invalid: status.INVALID_ARGUMENT,
  model_unknown: status.NOT_FOUND,
  version_unknown: status.NOT_FOUND,
  route_unknown: status.UNIMPLEMENTED,
  method_refused: status.UNIMPLEMENTED,
  body_too_large: status.RESOURCE_EXHAUSTED,
  encoding_unsupported: status.UNIMPLEMENTED,
  queue_full: status.RESOURCE_EXHAUSTED,
  request_cancelled: status.CANCELLED,
  model_failed: status.INTERNAL,
  output_not_finite: status.INTERNAL,
  feature_unsupported: status.UNIMPLEMENTED,
  model_unready: status.UNAVAILABLE,
  deadline_passed: status.DEADLINE_EXCEEDED,
}

/** More than any queue holds; a connection with more calls than that is a mistake or an attack. */
const CALLS_PER_CONNECTION_MAX = 1_024

/**
 * A client that has gone without a word, or reads nothing any more, is found within a minute, while it waits for an
 * answer too.
 */
const KEEPALIVE_MS = 30_000
const KEEPALIVE_TIMEOUT_MS = 20_000

/** Opens the service, with no connection yet. */
export function openGrpcService(options: GrpcServiceOptions): GrpcService {
  const { messageBytesMax, guard, idleMs } = options
  const server = new Server({
    'grpc.max_receive_message_length': messageBytesMax,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': CALLS_PER_CONNECTION_MAX,
    'grpc.max_connection_idle_ms': idleMs,
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    // No client reads gRPC's own statistics of calls; ours are the model's.
    'grpc.enable_channelz': 0,
  })
  const endpoints = 'endpoints' in options ? options.endpoints : grpcEndpoints(options.host, options.identity)
  const stopping = new AbortController()
  const methods = Service.methods.map((method) => [
    method.name,
    handler(method, endpoints[method.localName as keyof typeof endpoints] as Endpoint, {
      stopping: stopping.signal,
      guard,
    }),
  ])
  server.addService(definition, Object.fromEntries(methods))
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  return {
    accept: (connection) => injector.injectConnection(connection),
    // Its word that it is done comes before its connections are: Node closes their sessions by itself, which it
    // overlooks.
    close: () => server.tryShutdown(() => {}),
    refuse: () => stopping.abort(),
    cut: () => server.forceShutdown(),
  }
}

type Endpoint = (
  request: Message,
  signal: AbortSignal,
  metadata: (name: string) => string | undefined,
) => GrpcReply<object> | Promise<GrpcReply<object>>

const asIs = (bytes: Buffer) => bytes

/** Messages pass as bytes: a malformed one is then INVALID_ARGUMENT, while grpc-js would answer INTERNAL. */
const definition: ServiceDefinition = Object.fromEntries(
  Service.methods.map(({ name }) => [
    name,
    {
      path: `/${Service.typeName}/${name}`,
      requestStream: false,
      responseStream: false,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  ]),
)

type Around = { stopping: AbortSignal; guard: ConnectionGuard }

/** A call arrives only when its message is complete, and grpc-js does not report the progress of an answer. */
const atWork = (): Request => ({ isReceiving: () => false, isSending: () => false })

/** Every error of a call ends here. A call is answered once: by its endpoint, or because the server stops. */
const handler =
  (method: DescMethod, endpoint: Endpoint, { stopping, guard }: Around): UntypedHandleCall =>
  (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
    const end = guard.begin(call.getPeer(), atWork())
    const { promise: stopped, resolve: stop } = Promise.withResolvers<Failure>()
    const onStop = () => stop(fail('model_unready', 'the server is stopping: try another one'))
    stopping.addEventListener('abort', onStop)
    void Promise.race([answerCall(method, endpoint, call), stopped])
      .catch(() => fail('model_failed', 'the server failed'))
      .then((reply) => (reply.ok ? answer(null, reply.message) : answer(errorOf(reply))))
      .finally(() => {
        stopping.removeEventListener('abort', onStop)
        end()
      })
  }

async function answerCall(
  method: DescMethod,
  endpoint: Endpoint,
  call: ServerUnaryCall<Buffer, Buffer>,
): Promise<GrpcReply<Buffer>> {
  const gone = new AbortController()
  call.on('cancelled', () => gone.abort())
  const request = parse(method, call.request)
  if (request === undefined) return fail('input_invalid', `the message is not a ${method.input.typeName}`)
  const reply = await endpoint(request, gone.signal, (name) => call.metadata.get(name)[0]?.toString())
  if (!reply.ok) return reply
  const message = create(method.output, reply.message as MessageInitShape<typeof method.output>)
  const { buffer, byteOffset, byteLength } = toBinary(method.output, message)
  return { ok: true, message: Buffer.from(buffer, byteOffset, byteLength) }
}

function parse({ input }: DescMethod, bytes: Buffer): Message | undefined {
  try {
    return fromBinary(input, bytes)
  } catch {
    return undefined
  }
}

const errorOf = (failure: Failure | GrpcFailure) => ({
  code: 'status' in failure ? failure.status : STATUS_OF[failure.code],
  details: failure.message,
})
