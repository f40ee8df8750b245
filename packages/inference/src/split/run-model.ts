/** Run model: sessions for the measurement of a split, on the thread that calls. They block it while the model runs. */
import { performance } from 'node:perf_hooks'
import type { InferenceSession as RuntimeSession } from 'onnxruntime-node'
import type { RawTensor } from '../host/raw-tensor.ts'
import { InferenceSession } from '../runtime/onnx-runtime.ts'
import { fromOrt, toOrt } from '../runtime/ort-tensor.ts'

/** Tensors by name: the caller's inputs, and the results of the stages so far. */
export type Bag = ReadonlyMap<string, RawTensor>

type SessionOptions = RuntimeSession.SessionOptions

/** One thread, as for a model that is served without other settings. Fatal messages only: errors come as values. */
const OPTIONS = {
  graphOptimizationLevel: 'all',
  executionMode: 'sequential',
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 4,
} as const satisfies SessionOptions

/** Opens the model, and releases it when the work is over. */
export async function withSession<Value>(
  bytes: Uint8Array,
  options: SessionOptions,
  work: (session: InferenceSession) => Promise<Value>,
): Promise<Value> {
  const session = await InferenceSession.create(bytes, { ...OPTIONS, ...options })
  try {
    return await work(session)
  } finally {
    await session.release()
  }
}

/** The results of one run, with the inputs that the session takes from the bag. */
export async function runOnce(session: InferenceSession, bag: Bag, names: readonly string[]): Promise<RawTensor[]> {
  const values = await session.run(feedsOf(session, bag), [...names])
  return names.flatMap((name) => {
    const value = values[name]
    return value === undefined ? [] : fromOrt(name, value)
  })
}

/** Runs in which a slow model takes a second, and a quick one as long as a person waits for nothing. */
const RUNS = { least: 3, most: 15, ms: 1_000 }

/** The shortest of some runs in microseconds, after one that warms up: other load of the computer only adds time. */
export async function timeRuns(session: InferenceSession, bag: Bag): Promise<number> {
  const feeds = feedsOf(session, bag)
  await session.run(feeds)
  let leastMs = Number.POSITIVE_INFINITY
  const endMs = performance.now() + RUNS.ms
  for (let run = 0; run < RUNS.least || (run < RUNS.most && performance.now() < endMs); run++) {
    const startMs = performance.now()
    await session.run(feeds)
    leastMs = Math.min(leastMs, performance.now() - startMs)
  }
  return leastMs * 1_000
}

function feedsOf({ inputNames }: InferenceSession, bag: Bag) {
  return Object.fromEntries(
    inputNames.map((name) => {
      const tensor = bag.get(name)
      if (!tensor) throw new Error(`the input ${JSON.stringify(name)} is missing`)
      return [name, toOrt(tensor)]
    }),
  )
}
