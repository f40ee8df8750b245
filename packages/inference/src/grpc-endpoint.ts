/** The endpoints of the gRPC door: from a message to its answer, without touching the socket. */
import type { MessageInitShape, MessageShape } from '@bufbuild/protobuf'
import type { Failure } from './failure.ts'
import type { GRPCInferenceService } from './generated/open_inference_grpc_pb.ts'
import { readGrpcRequest, writeGrpcResponse } from './grpc-message.ts'
import type { ModelHost } from './model-host.ts'
import {
  EXTENSIONS,
  findServed,
  isModelReady,
  isServerReady,
  modelMetadata,
  type ServerIdentity,
  unservedFailure,
} from './oip-view.ts'

type Methods = (typeof GRPCInferenceService)['method']

export type GrpcReply<Message> = { ok: true; message: Message } | Failure

/** One function a method of the service; a method that nobody answers does not compile. */
export type GrpcEndpoints = {
  [Name in keyof Methods]: (
    request: MessageShape<Methods[Name]['input']>,
    signal: AbortSignal,
  ) =>
    | GrpcReply<MessageInitShape<Methods[Name]['output']>>
    | Promise<GrpcReply<MessageInitShape<Methods[Name]['output']>>>
}

const reply = <Message>(message: Message) => ({ ok: true as const, message })

/** proto3 has no absence: an empty version is none. */
const versionOf = (version: string) => (version === '' ? undefined : version)

/** The endpoints over one host's models. */
export function grpcEndpoints(host: ModelHost, identity: ServerIdentity): GrpcEndpoints {
  return {
    serverLive: () => reply({ live: true }),
    serverReady: () => reply({ ready: isServerReady(host) }),
    serverMetadata: () => reply({ ...identity, extensions: [...EXTENSIONS] }),
    modelReady({ name, version }) {
      const served = findServed(host, name, versionOf(version))
      if (served === undefined) return unservedFailure(host, name, versionOf(version))
      return reply({ ready: isModelReady(served) })
    },
    modelMetadata({ name, version }) {
      const served = findServed(host, name, versionOf(version))
      if (served === undefined) return unservedFailure(host, name, versionOf(version))
      const { inputs, outputs, ...rest } = modelMetadata(served)
      const inWords = (specs: typeof inputs) => specs.map((spec) => ({ ...spec, shape: spec.shape.map(BigInt) }))
      return reply({ ...rest, inputs: inWords(inputs), outputs: inWords(outputs) })
    },
    async modelInfer(message, signal) {
      const read = readGrpcRequest(message)
      if (!read.ok) return read
      const result = await host.infer(message.modelName, versionOf(message.modelVersion), read.value, signal)
      return result.ok ? reply(writeGrpcResponse(result, message)) : result
    },
  }
}
