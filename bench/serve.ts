/**
 * serve: what the Open Inference Protocol costs on top of bare onnxruntime-node.
 *
 * For each model, one worker of bare onnxruntime-node, and one instance behind REST JSON, REST binary and gRPC in another
 * process, asked by a client in a third. Runs of all of them alternate; each number is the median over the rounds.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { Worker } from 'node:worker_threads'
import type { ClientTask, Door } from './serve-client.ts'
import { median, type Summary } from './serve-latency.ts'
import { BENCH_MODELS, type BenchModel } from './serve-model.ts'

const DOORS: readonly Door[] = ['restJson', 'restBinary', 'grpc']
const CONCURRENCIES = [1, 32] as const

/** An odd number, so that the median is a measured value. */
const ROUNDS = 5

/** Fifty answers of the slowest model at concurrency 32. */
const RUN_MS = 1_000

type Ports = { restPort: number; grpcPort: number }
type Runs = Record<'raw' | `${Door}${(typeof CONCURRENCIES)[number]}`, Summary[]>

/** Runs the benchmark; takes some two minutes. */
export async function run(): Promise<object> {
  const server = fork(new URL('./serve-server.ts', import.meta.url))
  const ports = await heardFrom<Ports>(server)
  const client = fork(new URL('./serve-client.ts', import.meta.url))
  await heardFrom(client)
  const models: Record<string, object> = {}
  for (const model of BENCH_MODELS) models[model.name] = report(await measure(model, client, ports))
  client.disconnect()
  server.disconnect()
  return { benchmark: 'serve', rounds: ROUNDS, runMs: RUN_MS, models }
}

async function measure(model: BenchModel, client: ChildProcess, { restPort, grpcPort }: Ports): Promise<Runs> {
  const raw = new Worker(new URL('./serve-raw.ts', import.meta.url), { workerData: model })
  await heardFrom(raw)
  const runs: Runs = {
    raw: [],
    restJson1: [],
    restBinary1: [],
    grpc1: [],
    restJson32: [],
    restBinary32: [],
    grpc32: [],
  }
  // The first round warms everything up, and is thrown away.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const concurrency of CONCURRENCIES) {
      for (const door of DOORS) {
        const port = door === 'grpc' ? grpcPort : restPort
        const task: ClientTask = { door, model: model.name, port, concurrency, ms: RUN_MS }
        client.send(task)
        runs[`${door}${concurrency}`].push(await heardFrom<Summary>(client))
      }
    }
    raw.postMessage(RUN_MS)
    runs.raw.push(await heardFrom<Summary>(raw))
  }
  await raw.terminate()
  for (const summaries of Object.values(runs)) summaries.shift()
  return runs
}

/** The next message of a process or worker; rejects when it ends instead. */
function heardFrom<Message>(speaker: ChildProcess | Worker): Promise<Message> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('a part of the benchmark ended early; what it printed says why'))
    speaker.once('exit', ended)
    speaker.once('message', (message) => {
      speaker.off('exit', ended)
      resolve(message as Message)
    })
  })
}

const rate = (summaries: readonly Summary[]) => Math.round(median(summaries.map(({ perSec }) => perSec)) * 10) / 10
const middle = (summaries: readonly Summary[], key: 'p50Ms' | 'p99Ms') => median(summaries.map((it) => it[key]))
const rounded = (ms: number) => Math.round(ms * 1_000) / 1_000

/** The model's own fields are those of its goals: rates at concurrency 32, added latency of REST binary at 1. */
function report(runs: Runs): object {
  const at = (concurrency: 1 | 32) => {
    const { [`restJson${concurrency}` as const]: json, [`restBinary${concurrency}` as const]: binary } = runs
    return {
      rawPerSec: rate(runs.raw),
      restJsonPerSec: rate(json),
      restBinaryPerSec: rate(binary),
      grpcPerSec: rate(runs[`grpc${concurrency}`]),
      ...added(runs.raw, binary, concurrency),
    }
  }
  const [alone, crowded] = [at(1), at(32)]
  const { p50AddedMs, p99AddedMs } = alone
  const binaryToRaw = rounded(crowded.restBinaryPerSec / crowded.rawPerSec)
  return { ...crowded, p50AddedMs, p99AddedMs, binaryToRaw, concurrency: { 1: alone, 32: crowded } }
}

/** One worker cannot answer `concurrency` requests sooner than it runs them all, so only what comes on top was added. */
function added(raw: readonly Summary[], binary: readonly Summary[], concurrency: number) {
  return {
    p50AddedMs: rounded(middle(binary, 'p50Ms') - concurrency * middle(raw, 'p50Ms')),
    p99AddedMs: rounded(middle(binary, 'p99Ms') - concurrency * middle(raw, 'p99Ms')),
  }
}
