/**
 * flow-latency: the time from a tag's value to a model's answer, for `flow`; source, flow and model in threads of their
 * own.
 */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { valuesOf } from '@skerry/connectors/reading'
import { startSource } from '@skerry/connectors/sources/source-host'
import { Flow } from '@skerry/contract/flows/flow'
import { Serving } from '@skerry/contract/models/serving'
import { MqttSource } from '@skerry/contract/sources/source'
import { type FlowHost, startFlow } from '@skerry/flows/host/flow-host'
import { createModelHost, type ModelHost } from '@skerry/inference/host/model-host'
import { systemClock } from '@skerry/platform/process/clock'
import { startMosquitto } from '@skerry/testkit/peers/mosquitto'

const MODEL = join(import.meta.dirname, '../../examples/sensor-anomaly/model-v1.onnx')
const ANSWERS = 400
const PAUSE_MS = 20
/** How many readings the model looks at. */
const WINDOW = 8

const { signal } = new AbortController()

const scored = Flow.parse({
  name: 'scored',
  inputs: ['humidity', 'temperature'].map((tag) => ({ name: tag, source: 'air', tag })),
  steps: [
    { name: 'reading', kind: 'align', from: ['humidity', 'temperature'], maxAgeMs: 60_000 },
    { name: 'readings', kind: 'window', by: 'count', from: 'reading', samples: WINDOW },
    { name: 'score', kind: 'model', model: 'anomaly', from: ['readings'], inputs: ['window'] },
  ],
  sinks: [{ name: 'out', kind: 'hub', from: 'score' }],
})

type Air = { humidity: number; temperature: number }

/** How values come to the flow, until it is disposed. */
type Way = AsyncDisposable & { say(air: Air): void }

/**
 * Milliseconds, 400 times, until the sink has the score. `reading`: from handing it to the flow's thread. `equipment`:
 * from the moment at which a program of other people gets the order to publish it over MQTT, through broker, source,
 * flow and model.
 */
export async function latenciesOf(from: 'reading' | 'equipment') {
  const models = createModelHost({ clock: systemClock })
  await models.load({ slot: 'v1', modelPath: MODEL, settings: Serving.parse({}), signal })
  models.activate({ name: 'anomaly', version: '1', slot: 'v1' })
  const taken = await measured(models, from === 'reading' ? wayOfReadings : wayOfEquipment)
  await models.close()
  const sorted = taken.toSorted((a, b) => a - b)
  const quantile = (share: number) => Math.round((sorted[Math.ceil(share * sorted.length) - 1] ?? 0) * 1_000) / 1_000
  return { answers: sorted.length, p50: quantile(0.5), p99: quantile(0.99) }
}

async function measured(models: ModelHost, openWay: (flow: FlowHost) => Promise<Way>): Promise<number[]> {
  const taken: number[] = []
  let givenMs = 0
  let heard = Promise.withResolvers<void>()
  await using flow = startFlow(scored, {
    clock: systemClock,
    random: Math.random,
    factsOf: () => undefined,
    onState: () => undefined,
    infer: ({ inputs }, stop) => ask(models, inputs[0], stop),
    async send() {
      taken.push(performance.now() - givenMs)
      heard.resolve()
      return { ok: true }
    },
    write: async () => ({ ok: true }),
  })
  while (flow.figures().state.kind !== 'running') await systemClock.sleep(10, signal)
  await using way = await openWay(flow)
  for (let at = 0; at < ANSWERS + WINDOW; at++) {
    heard = Promise.withResolvers<void>()
    givenMs = performance.now()
    way.say({ humidity: 44 + Math.sin(at / 7) / 10, temperature: 30 + Math.sin(at / 7 + 1) / 10 })
    if (at >= WINDOW - 1) await heard.promise
    await systemClock.sleep(PAUSE_MS, signal)
  }
  return taken.slice(-ANSWERS)
}

async function wayOfReadings(flow: FlowHost): Promise<Way> {
  return {
    say({ humidity, temperature }) {
      const receivedTimeMs = Date.now()
      flow.fill((builder) => {
        builder.addNumber(builder.placesOf('air', 'humidity'), humidity, receivedTimeMs)
        builder.addNumber(builder.placesOf('air', 'temperature'), temperature, receivedTimeMs)
      })
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

async function wayOfEquipment(flow: FlowHost): Promise<Way> {
  const broker = await startMosquitto()
  const source = MqttSource.parse({
    name: 'air',
    protocol: 'mqtt',
    connection: { host: '127.0.0.1', port: broker.port },
    groups: [
      {
        name: 'all',
        everyMs: 1_000,
        tags: ['humidity', 'temperature'].map((name) => ({ name, topic: 'air', path: name })),
      },
    ],
  })
  const [group] = source.groups
  const up = Promise.withResolvers<void>()
  const host = startSource(source, {
    clock: systemClock,
    random: Math.random,
    secrets: {},
    stateFolder: tmpdir(),
    onState: ({ kind }) => (kind === 'up' ? up.resolve() : undefined),
    onReading(reading) {
      const values = group ? valuesOf(reading, group).filter(({ quality }) => quality === 'good') : []
      if (values.length === 0) return
      flow.fill((builder) => {
        for (const value of values) builder.add({ source: 'air', ...value }, undefined)
      })
    },
  })
  await up.promise
  const { say } = broker.publisher('air')
  return {
    say: (air) => say(JSON.stringify(air)),
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]()
      await broker[Symbol.asyncDispose]()
    },
  }
}

type Asked = { shape: number[]; data: ArrayLike<number> } | undefined

async function ask(models: ModelHost, input: Asked, stop: AbortSignal) {
  const data = new Uint8Array(Float32Array.from(input?.data ?? []).buffer)
  const tensor = { name: 'window', datatype: 'FP32' as const, shape: input?.shape ?? [], data }
  const result = await models.infer('anomaly', undefined, { inputs: [tensor] }, stop)
  if (!result.ok) return { ok: false as const, code: result.code, message: result.message }
  const [score] = result.outputs
  const scores = new Float32Array(score?.data.slice().buffer ?? new ArrayBuffer())
  return { ok: true as const, tensors: [{ shape: score?.shape ?? [], data: Float64Array.from(scores) }] }
}
