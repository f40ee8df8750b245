/** The yardstick, in a worker of its own: bare onnxruntime-node, one request after the other, and nothing around it. */
import { parentPort, workerData } from 'node:worker_threads'
import { InferenceSession, Tensor } from '@skerry/inference/runtime/onnx-runtime'
import { summary } from './serve-latency.ts'
import { type BenchModel, inputValues } from './serve-model.ts'

const model: BenchModel = workerData
const session = await InferenceSession.create(model.path, {
  intraOpNumThreads: 1,
  graphOptimizationLevel: 'all',
  extra: { session: { intra_op: { allow_spinning: '0' } } },
})
const values = inputValues(model)

async function measure(ms: number) {
  const latencies: number[] = []
  const startMs = performance.now()
  for (let nowMs = startMs; nowMs < startMs + ms; ) {
    await session.run({ [model.input]: new Tensor('float32', values, model.shape) })
    const endMs = performance.now()
    latencies.push(endMs - nowMs)
    nowMs = endMs
  }
  return summary(latencies, performance.now() - startMs)
}

parentPort?.on('message', (ms: number) => {
  void measure(ms).then((result) => parentPort?.postMessage(result))
})
parentPort?.postMessage('ready')
