/** Runtime: runs models for learning, and keeps the session of the newest one. */
import { InferenceSession, Tensor } from '@skerry/inference/runtime/onnx-runtime'
import type { Feed, RunModel } from '@skerry/onnx/learn/run-model'

let model: Uint8Array | undefined
let session: InferenceSession | undefined

export const runModel: RunModel = async (bytes, feeds) => {
  if (bytes !== model || !session) {
    await session?.release()
    session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 })
    model = bytes
  }
  const outputs = await session.run(
    Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, tensorOf(feed)])),
  )
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data as Float32Array]))
}

const tensorOf = (feed: Feed) =>
  feed.type === 'float32'
    ? new Tensor('float32', feed.data, [...feed.dims])
    : new Tensor('int64', feed.data, [...feed.dims])
