/**
 * flow: how many samples a second a flow of windows, means and thresholds takes on one core, against a bare loop that computes the same and nothing
 * else; and how soon after a tag's value the answer of a model to it is there, through both threads.
 */
import { join } from 'node:path'
import { Flow } from '@skerry/contract/flow'
import { Serving } from '@skerry/contract/serving'
import { createEngine } from '@skerry/flows/engine'
import { startFlow } from '@skerry/flows/flow-host'
import { createBatchBuilder } from '@skerry/flows/sample-batch'
import { createModelHost, type ModelHost } from '@skerry/inference/model-host'
import { systemClock } from '@skerry/platform/clock'

const TAGS = 80
const WINDOW = 60
const MOMENTS = 5_000
const ROUNDS = 3

const MODEL = join(import.meta.dirname, '../examples/sensor-anomaly/model-v1.onnx')
const ANSWERS = 400
const PAUSE_MS = 20

/** Runs the benchmark: half a minute. */
export async function run(): Promise<object> {
  const [bare, engine]: [number[], number[]] = [[], []]
  // In turn, so that what else the machine does falls on both.
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(samplesPerCpuSecond(cpuSecondsOf(() => runBare())))
    engine.push(samplesPerCpuSecond(await cpuSecondsOfEngine()))
  }
  return {
    ...{ tags: TAGS, window: WINDOW, samples: TAGS * MOMENTS },
    bareSamplesPerSec: spread(bare),
    engineSamplesPerSec: spread(engine),
    tagToAnswerMs: await latencies(),
  }
}

const samplesPerCpuSecond = (seconds: number) => Math.round((TAGS * MOMENTS) / seconds)

function spread(values: readonly number[]) {
  const sorted = [...values].sort((a, b) => a - b)
  return { min: sorted[0], median: sorted[Math.floor(sorted.length / 2)], max: sorted.at(-1) }
}

const valueAt = (moment: number, tag: number) => Math.sin(moment / 7 + tag) * 10

function cpuSecondsOf(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

/** The same means of the same windows, and the same thresholds, without anything that makes a flow of them. */
function runBare(): number {
  const rings = Array.from({ length: TAGS }, () => new Float64Array(WINDOW))
  let alarms = 0
  for (let moment = 0; moment < MOMENTS; moment++) {
    for (const [tag, ring] of rings.entries()) {
      ring[moment % WINDOW] = valueAt(moment, tag)
      if (moment + 1 < WINDOW) continue
      let sum = 0
      for (const value of ring) sum += value
      if (sum / WINDOW > 0.3) alarms += 1
    }
  }
  return alarms
}

const numbers = Array.from({ length: TAGS }, (_, tag) => tag)

const wide = Flow.parse({
  name: 'wide',
  inputs: numbers.map((n) => ({ name: `tag${n}`, source: 'plc', tag: `tag${n}` })),
  steps: numbers.flatMap((n) => [
    { name: `window${n}`, kind: 'window', by: 'count', from: `tag${n}`, samples: WINDOW },
    { name: `mean${n}`, kind: 'statistics', from: `window${n}`, of: ['mean'] },
    { name: `high${n}`, kind: 'threshold', from: `mean${n}`, above: 0.3 },
  ]),
  sinks: [{ name: 'alarm', kind: 'hub', from: 'high0', onChange: true }],
})

async function cpuSecondsOfEngine(): Promise<number> {
  const engine = createEngine(wide, {
    ...{
      facts: new Map(),
      monotonicMs: () => systemClock.monotonicMs(),
      signal: new AbortController().signal,
      haste: 'live',
    },
    infer: async () => ({ ok: false, code: 'model_unknown', message: 'no model is asked' }),
    tell: async () => ({ ok: true }),
  })
  const builder = createBatchBuilder(wide)
  const places = numbers.map((n) => builder.placesOf('plc', `tag${n}`))
  const before = process.cpuUsage()
  for (let moment = 0; moment < MOMENTS; moment++) {
    for (const [tag, place] of places.entries()) builder.addNumber(place, valueAt(moment, tag), 1e12 + moment * 1_000)
    await engine.feed(builder.take())
  }
  await engine.idle()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

const scored = Flow.parse({
  name: 'scored',
  inputs: ['humidity', 'temperature'].map((tag) => ({ name: tag, source: 'air', tag })),
  steps: [
    { name: 'reading', kind: 'align', from: ['humidity', 'temperature'], maxAgeMs: 60_000 },
    { name: 'readings', kind: 'window', by: 'count', from: 'reading', samples: 8 },
    { name: 'score', kind: 'model', model: 'anomaly', from: ['readings'], inputs: ['window'] },
  ],
  sinks: [{ name: 'out', kind: 'hub', from: 'score' }],
})

/** From handing a reading to the flow's thread until the sink of the place has the score: model and flow in threads of their own. */
async function latencies() {
  const models = createModelHost({ clock: systemClock })
  const { signal } = new AbortController()
  await models.load({ slot: 'v1', modelPath: MODEL, settings: Serving.parse({}), signal })
  models.activate({ name: 'anomaly', version: '1', slot: 'v1' })
  const taken: number[] = []
  let [givenMs, heard] = [0, Promise.withResolvers<void>()]
  {
    await using flow = startFlow(scored, {
      ...{ clock: systemClock, random: Math.random, factsOf: () => undefined, onState: () => undefined },
      infer: ({ inputs }, stop) => ask(models, inputs[0], stop),
      async send() {
        taken.push(performance.now() - givenMs)
        heard.resolve()
        return { ok: true }
      },
      write: async () => ({ ok: true }),
    })
    while (flow.figures().state.kind !== 'running') await systemClock.sleep(10, signal)
    for (let at = 0; at < ANSWERS + 8; at++) {
      heard = Promise.withResolvers<void>()
      const receivedTimeMs = Date.now()
      givenMs = performance.now()
      flow.fill((builder) => {
        builder.addNumber(builder.placesOf('air', 'humidity'), 44 + valueAt(at, 0) / 100, receivedTimeMs)
        builder.addNumber(builder.placesOf('air', 'temperature'), 30 + valueAt(at, 1) / 100, receivedTimeMs)
      })
      if (at >= 7) await heard.promise
      await systemClock.sleep(PAUSE_MS, signal)
    }
  }
  await models.close()
  const sorted = taken.slice(-ANSWERS).sort((a, b) => a - b)
  const quantile = (share: number) => Math.round((sorted[Math.ceil(share * sorted.length) - 1] ?? 0) * 1_000) / 1_000
  return { answers: sorted.length, p50: quantile(0.5), p99: quantile(0.99) }
}

type Asked = { shape: number[]; data: ArrayLike<number> } | undefined

async function ask(models: ModelHost, input: Asked, signal: AbortSignal) {
  const data = new Uint8Array(Float32Array.from(input?.data ?? []).buffer)
  const tensor = { name: 'window', datatype: 'FP32' as const, shape: input?.shape ?? [], data }
  const result = await models.infer('anomaly', undefined, { inputs: [tensor] }, signal)
  if (!result.ok) return { ok: false as const, code: result.code, message: result.message }
  const [score] = result.outputs
  const scores = new Float32Array(score?.data.slice().buffer ?? new ArrayBuffer())
  return { ok: true as const, tensors: [{ shape: score?.shape ?? [], data: Float64Array.from(scores) }] }
}
