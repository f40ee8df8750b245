/** Runtime: runs models for learning, and keeps the session of the newest one. */
import type { RunModel } from '@skerry/onnx/learn/run-model'
import { InferenceSession, Tensor } from '@skerry/inference/runtime/onnx-runtime'

let model: Uint8Array | undefined
let session: InferenceSession | undefined

export const runModel: RunModel = async (bytes, feeds) => {
  if (bytes !== model || !session) {
    await session?.release()
    session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 })
    model = bytes
  }
  const inputs = Object.entries(feeds).map(([name, { type, data, dims }]) => [name, new Tensor(type, data, dims)])
  const outputs = await session.run(Object.fromEntries(inputs))
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data as Float32Array]))
}
