/**
 * The process of a rehearsal: loads the models of a listing, runs its flows over samples in simulated time, and writes
 * its measurements beside the order. Nothing is sent anywhere, and no equipment is written to.
 */
import { createHash } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runSimulators } from '@skerry/connectors/simulator/sample-run'
import type { Flow } from '@skerry/contract/flows/flow'
import type { FlowOutput, FlowSample } from '@skerry/contract/flows/flow-recording'
import { RECORDING_SAMPLES_MAX } from '@skerry/contract/flows/flow-recording'
import type { Rehearsal, RehearsedModel, RehearsedSink } from '@skerry/core/market/checks/check-behaviour'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { replayFlow } from '@skerry/flows/replay/replay'
import { factsOfSteps } from '@skerry/flows/step-facts'
import { systemClock } from '@skerry/platform/process/clock'
import { guardOrphan } from '@skerry/platform/process/orphan-guard'
import { type FlowModels, openFlowModels } from '../../flows/flow-models.ts'
import { answerGolden } from './golden-answers.ts'
import { memoryPeakBytes, networkAttempts, resetMemoryPeak } from './process-facts.ts'
import { ORDER_FILE, RESULT_FILE, type RehearsalOrder, type RehearsalResult, RUNNING } from './rehearsal-order.ts'

/** An arbitrary fixed moment, midnight UTC, because simulators follow the clock. */
const SAMPLE_FROM_MS = Date.UTC(2026, 0, 1)

/** More outputs than a person would look at, of a flow that has no rate. */
const OUTPUTS_MAX = 200_000

/** More different values than a declared result is compared with. */
const VALUES_MAX = 1_000

const [folder = ''] = process.argv.slice(2)
// The certifier ends this process by its id, so no other signal is needed.
const { signal } = new AbortController()

async function rehearse(order: RehearsalOrder): Promise<Rehearsal> {
  const models = order.models.map(({ name, path }) => ({ name, version: undefined, path }))
  // The runtime itself is shared by all models of a device, so it is loaded before the measurement.
  if (models.length > 0) await import('@skerry/inference/host/model-host')
  const beforeBytes = resetMemoryPeak()
  const opened = await openFlowModels({ steps: [] }, models, signal)
  const golden: RehearsedModel[] = []
  for (const model of order.models) golden.push(await answerGolden(model, opened, signal))
  process.stdout.write(`${RUNNING}\n`)
  const usedBefore = process.cpuUsage()
  const runs = []
  for (const flow of order.flows) runs.push(await replayOne(flow, order, opened))
  const { user, system } = process.cpuUsage(usedBefore)
  const memoryBytes = Math.max(0, memoryPeakBytes() - beforeBytes)
  await opened[Symbol.asyncDispose]()
  const attempts = order.isAlone ? networkAttempts() : undefined
  return {
    samples: runs.reduce((sum, { samples }) => sum + samples, 0),
    sinks: runs.flatMap(({ sinks }) => sinks),
    digest: createHash('sha256')
      .update(runs.map(({ text }) => text).join('\n'))
      .digest('hex'),
    read: runs.flatMap(({ read }) => read),
    written: runs.flatMap(({ written }) => written),
    models: golden,
    memoryBytes,
    processorSeconds: (user + system) / 1e6,
    ...(attempts !== undefined && { attempts }),
  }
}

type FlowRun = { samples: number; sinks: RehearsedSink[]; text: string; read: string[]; written: string[] }

async function replayOne(
  { item, flow }: RehearsalOrder['flows'][number],
  { sources, seconds, models: { length: modelCount } }: RehearsalOrder,
  models: FlowModels,
): Promise<FlowRun> {
  const steps = factsOfSteps(flow, models.factsOf)
  if (!steps.ok) throw new Error(`${item}: ${steps.message}`)
  const read = new Set<string>()
  let samples = 0
  const wanted = new Set(flow.inputs.map(({ source, tag }) => `${source}/${tag}`))
  async function* counted(): AsyncGenerator<FlowSample> {
    for await (const sample of runSimulators(sources, { fromMs: SAMPLE_FROM_MS, seconds }, signal)) {
      const tag = `${sample.source}/${sample.tag}`
      if (!wanted.has(tag)) continue
      samples += 1
      if (samples > RECORDING_SAMPLES_MAX)
        throw new Error(`${item}: the sample has over ${RECORDING_SAMPLES_MAX} values`)
      read.add(tag)
      yield sample
    }
  }
  const deps = {
    infer: models.infer,
    facts: steps.facts,
    monotonicMs: () => systemClock.monotonicMs(),
    outputsMax: OUTPUTS_MAX,
  }
  const { outputs } = await replayFlow(flow, counted(), deps, signal)
  return {
    samples,
    sinks: flow.sinks.map(({ name }) => sinkOf(item, name, outputs)),
    // A model differs in its last digits between processors.
    text: modelCount > 0 ? '' : canonicalJson(outputs),
    read: [...read],
    written: writtenTags(flow, outputs),
  }
}

function sinkOf(item: string, sink: string, outputs: readonly FlowOutput[]): RehearsedSink {
  const own = outputs.filter((output) => output.sink === sink && output.quality !== 'bad')
  const values = own.flatMap((output) => ('value' in output && typeof output.value === 'number' ? [output.value] : []))
  return { item, sink, outputs: own.length, values: [...new Set(values)].slice(0, VALUES_MAX) }
}

/** A bad value is never written. */
function writtenTags({ sinks }: Flow, outputs: readonly FlowOutput[]): string[] {
  const spoke = new Set(outputs.flatMap(({ sink, quality }) => (quality === 'bad' ? [] : [sink])))
  const tags = sinks.flatMap((sink) => ('tag' in sink && spoke.has(sink.name) ? [`${sink.source}/${sink.tag}`] : []))
  return [...new Set(tags)]
}

function write(result: RehearsalResult): void {
  const fresh = join(folder, `${RESULT_FILE}.new`)
  writeFileSync(fresh, JSON.stringify(result))
  renameSync(fresh, join(folder, RESULT_FILE))
}

guardOrphan()
const order: RehearsalOrder = JSON.parse(readFileSync(join(folder, ORDER_FILE), 'utf8'))
try {
  write({ ok: true, rehearsal: await rehearse(order) })
} catch (error) {
  write({ ok: false, message: error instanceof Error ? error.message : String(error) })
}
