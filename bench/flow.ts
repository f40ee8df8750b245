/**
 * flow: how many samples a second a flow of windows, means and thresholds takes on one core, against a bare loop that
 * computes the same and nothing else. It also measures the time from a tag's value to a model's answer: from the
 * reading through both threads, and from the equipment.
 */
import { Flow } from '@skerry/contract/flows/flow'
import { createEngine } from '@skerry/flows/engine'
import { createBatchBuilder } from '@skerry/flows/sample-batch'
import { systemClock } from '@skerry/platform/process/clock'
import { latenciesOf } from './flow-parts/flow-latency.ts'
import { latenciesUnderLoad } from './flow-parts/flow-load.ts'

const TAGS = 80
const WINDOW = 60
const MOMENTS = 5_000
const ROUNDS = 3

/** Runs the benchmark: half a minute. The part `load` takes five minutes, on a whole device that does other work too. */
export async function run({ part }: { part: string }): Promise<object> {
  if (part === 'load') return { equipmentToEquipmentMs: await latenciesUnderLoad() }
  const [bare, engine]: [number[], number[]] = [[], []]
  // In turn, so that other work of the machine affects both.
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(samplesPerCpuSecond(cpuSecondsOf(() => runBare())))
    engine.push(samplesPerCpuSecond(await cpuSecondsOfEngine()))
  }
  return {
    tags: TAGS,
    window: WINDOW,
    samples: TAGS * MOMENTS,
    bareSamplesPerSec: spread(bare),
    engineSamplesPerSec: spread(engine),
    tagToAnswerMs: await latenciesOf('reading'),
    equipmentToAnswerMs: await latenciesOf('equipment'),
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
    facts: new Map(),
    monotonicMs: () => systemClock.monotonicMs(),
    signal: new AbortController().signal,
    haste: 'live',
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
