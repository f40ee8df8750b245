/** The endpoints of the gRPC door: from a message to its answer, without touching the socket. */
import type { MessageInitShape, MessageShape } from '@bufbuild/protobuf'
import type { GRPCInferenceService } from '../generated/open_inference_grpc_pb.ts'
import { type Failure, fail } from '../host/failure.ts'
import type { ModelHost } from '../host/model-host.ts'
import {
  changeRefusal,
  EXTENSIONS,
  findServed,
  isModelReady,
  isServerReady,
  modelMetadata,
  repositoryIndex,
  type ServerIdentity,
  statisticsOf,
  unservedFailure,
} from '../rest/oip-view.ts'
import { readGrpcRequest, writeGrpcResponse } from './grpc-message.ts'

type Methods = (typeof GRPCInferenceService)['method']

/** A failure with a status of gRPC (grpc-status.ts), where the codes of models do not suffice. */
export type GrpcFailure = { ok: false; status: number; message: string }

export type GrpcReply<Message> = { ok: true; message: Message } | Failure | GrpcFailure

/** One function for each method of the service; a method without a function does not compile. */
export type GrpcEndpoints = {
  [Name in keyof Methods]: (
    request: MessageShape<Methods[Name]['input']>,
    signal: AbortSignal,
    /** The metadata of the call by its name, such as `authorization`. */
    metadata: (name: string) => string | undefined,
  ) =>
    | GrpcReply<MessageInitShape<Methods[Name]['output']>>
    | Promise<GrpcReply<MessageInitShape<Methods[Name]['output']>>>
}

/** For methods that a server does not have. */
export const unsupported = () => fail('feature_unsupported', 'this server does not have the method')

const reply = <Message>(message: Message) => ({ ok: true as const, message })

/** proto3 has no absent values: an empty version means no version. */
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
      const withShapes = (specs: typeof inputs) => specs.map((spec) => ({ ...spec, shape: spec.shape.map(BigInt) }))
      return reply({ ...rest, inputs: withShapes(inputs), outputs: withShapes(outputs) })
    },
    async modelInfer(message, signal) {
      const read = readGrpcRequest(message)
      if (!read.ok) return read
      const result = await host.infer(message.modelName, versionOf(message.modelVersion), read.value, signal)
      return result.ok ? reply(writeGrpcResponse(result, message)) : result
    },
    repositoryIndex: ({ ready }) => reply({ models: repositoryIndex(host, { isReadyOnly: ready }) }),
    repositoryModelLoad: changeRefusal,
    repositoryModelUnload: changeRefusal,
    modelStatistics({ name, version }) {
      const statistics = statisticsOf(host, { model: name === '' ? undefined : name, version: versionOf(version) })
      return statistics.ok ? reply({ modelStats: statistics.value.map(statisticsMessage) }) : statistics
    },
  }
}

type Statistics = Extract<ReturnType<typeof statisticsOf>, { ok: true }>['value'][number]
type Duration = Statistics['inference_stats']['success']

/** 64-bit numbers are BigInts in messages. */
const inWords = ({ count, ns }: Duration) => ({ count: BigInt(count), ns: BigInt(ns) })

function statisticsMessage({ name, version, inference_stats: all, batch_stats: batches, ...counts }: Statistics) {
  return {
    name,
    version,
    lastInference: BigInt(counts.last_inference),
    inferenceCount: BigInt(counts.inference_count),
    executionCount: BigInt(counts.execution_count),
    inferenceStats: {
      success: inWords(all.success),
      fail: inWords(all.fail),
      queue: inWords(all.queue),
      ...computeMessage(all),
      cacheHit: inWords(all.cache_hit),
      cacheMiss: inWords(all.cache_miss),
    },
    batchStats: batches.map((batch) => ({ batchSize: BigInt(batch.batch_size), ...computeMessage(batch) })),
  }
}

type Compute = { compute_input: Duration; compute_infer: Duration; compute_output: Duration }

const computeMessage = (times: Compute) => ({
  computeInput: inWords(times.compute_input),
  computeInfer: inWords(times.compute_infer),
  computeOutput: inWords(times.compute_output),
})
