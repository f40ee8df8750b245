/** What the Open Inference Protocol tells about the server, its models and their statistics, as plain data for REST and gRPC. */
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { type Failure, fail } from '../host/failure.ts'
import type { ModelHost, ServedModel, SlotStatistics } from '../host/model-host.ts'
import type { Duration } from '../host/statistics.ts'

/** What this server calls itself. */
export type ServerIdentity = { name: string; version: string }

export const EXTENSIONS = ['binary_tensor_data', 'model_repository', 'statistics'] as const

const PLATFORM = 'onnx_onnxv1'

/** The served model of this name, in this version if one is named. */
export function findServed(host: ModelHost, model: string, version: string | undefined): ServedModel | undefined {
  const served = host.find(model)
  return version === undefined || served?.version === version ? served : undefined
}

/** Why `findServed` found nothing. */
export function unservedFailure(host: ModelHost, model: string, version: string | undefined): Failure {
  const other = findServed(host, model, undefined)
  if (other === undefined) return fail('model_unknown', `model '${model}' is not served here`)
  return fail('version_unknown', `model '${model}' is served in version ${other.version}, not ${version}`)
}

/** [Model metadata response] */
export const modelMetadata = ({ name, version, signature: { inputs, outputs } }: ServedModel) => ({
  name,
  versions: [version],
  platform: PLATFORM,
  inputs,
  outputs,
})

/**
 * [Model metadata response, parameters] The same for REST, which can say more of a tensor. onnxruntime-node takes and gives strings as
 * JavaScript's, so its BYTES are UTF-8 text, where the protocol allows any bytes. gRPC's message has no place for it.
 */
export function describedMetadata(served: ServedModel) {
  const { inputs, outputs, ...rest } = modelMetadata(served)
  return { ...rest, inputs: inputs.map(describeTensor), outputs: outputs.map(describeTensor) }
}

/** [MLServer, content types] `str` is UTF-8 text. */
const describeTensor = (spec: TensorSpec) =>
  spec.datatype === 'BYTES' ? { ...spec, parameters: { content_type: 'str' } } : spec

/** Ready as the protocol means it: every model that should answer does. */
export const isServerReady = (host: ModelHost): boolean => host.served().every(isModelReady)

/** Whether a served model answers. */
export const isModelReady = ({ state }: ServedModel): boolean => state.status === 'ready'

/** [Model repository extension, index] */
export function repositoryIndex(host: ModelHost, { isReadyOnly }: { isReadyOnly: boolean }) {
  return host
    .served()
    .filter((served) => !isReadyOnly || isModelReady(served))
    .map(({ name, version, state }) => ({
      name,
      version,
      state: state.status === 'ready' ? 'READY' : 'UNAVAILABLE',
      reason: state.status === 'failed' ? state.reason : '',
    }))
}

/** [Statistics extension] Durations in nanoseconds, as Triton's. */
function modelStatistics({ name = '', version = '', statistics }: SlotStatistics) {
  const nothing = { count: 0, ns: 0 }
  return {
    name,
    version,
    last_inference: statistics.lastInferenceMs,
    inference_count: statistics.inferenceCount,
    execution_count: statistics.executionCount,
    inference_stats: {
      success: inNs(statistics.success),
      fail: inNs(statistics.fail),
      queue: inNs(statistics.queue),
      compute_input: inNs(statistics.computeInput),
      compute_infer: inNs(statistics.computeInfer),
      compute_output: inNs(statistics.computeOutput),
      cache_hit: nothing,
      cache_miss: nothing,
    },
    batch_stats: [...statistics.batches].map(([size, batch]) => ({
      batch_size: size,
      compute_input: inNs(batch.computeInput),
      compute_infer: inNs(batch.computeInfer),
      compute_output: inNs(batch.computeOutput),
    })),
  }
}

export type StatisticsReply = { ok: true; value: ReturnType<typeof modelStatistics>[] } | Failure

/** [Statistics extension] Those of one model, or of all when none is named. */
export function statisticsOf(
  host: ModelHost,
  { model, version }: { model: string | undefined; version: string | undefined },
): StatisticsReply {
  if (model !== undefined && findServed(host, model, version) === undefined)
    return unservedFailure(host, model, version)
  const slots = host.stats().filter(({ name }) => (model === undefined ? name !== undefined : name === model))
  return { ok: true, value: slots.map(modelStatistics) }
}

/** Only the hub changes the models of a device. */
export const changeRefusal = (): Failure =>
  fail('feature_unsupported', 'models are loaded by the hub: deploy a version to this device instead')

const inNs = ({ count, us }: Duration) => ({ count, ns: Math.round(us * 1_000) })
