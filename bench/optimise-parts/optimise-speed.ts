/** Answers and speed of the forms of a model, each on one thread; their runs are interleaved, so that noise hits all alike. */
import { InferenceSession, Tensor } from '@skerry/inference/runtime/onnx-runtime'
import { median } from '../serve-parts/serve-latency.ts'
import { CALIBRATION, type OptimiseModel } from './optimise-models.ts'

/** An odd number, so that the median is a measured value. */
const RUNS = 25

type Answer = { shape: number[]; values: Float32Array }
export type Run = { p50Ms: number; answers: Answer[] }

/** The p50 of each form, and its answers to the inputs of the comparison. */
export async function runForms(
  model: OptimiseModel,
  forms: ReadonlyMap<string, Uint8Array>,
  runs = RUNS,
): Promise<Map<string, Run>> {
  const sessions = new Map<string, InferenceSession>()
  for (const [name, bytes] of forms)
    sessions.set(name, await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 4 }))
  const answers = new Map<string, Answer[]>()
  for (const [name, session] of sessions) {
    const given: Answer[] = []
    for (const values of model.inputs.slice(CALIBRATION)) given.push(await answerOf(session, model, values))
    answers.set(name, given)
  }
  const times = new Map<string, number[]>([...sessions.keys()].map((name) => [name, []]))
  const [first = new Float32Array()] = model.inputs
  for (let run = 0; run < runs; run++) {
    for (const [name, session] of sessions) {
      const startedMs = performance.now()
      await session.run(feedsOf(model, first))
      times.get(name)?.push(performance.now() - startedMs)
    }
  }
  for (const session of sessions.values()) await session.release()
  return new Map([...times].map(([name, ms]) => [name, { p50Ms: median(ms), answers: answers.get(name) ?? [] }]))
}

async function answerOf(session: InferenceSession, model: OptimiseModel, values: Float32Array): Promise<Answer> {
  const results = await session.run(feedsOf(model, values))
  const { dims, data } = results[session.outputNames[0] ?? ''] as InstanceType<typeof Tensor>
  return { shape: [...dims], values: data as Float32Array }
}

const feedsOf = ({ input, shape }: OptimiseModel, data: Float32Array): Record<string, InstanceType<typeof Tensor>> => ({
  [input]: new Tensor('float32', data, shape),
})
