/**
 * serve: what the Open Inference Protocol costs on top of bare onnxruntime-node.
 *
 * For each model, one worker of bare onnxruntime-node, and one instance behind REST JSON, REST binary and gRPC in another
 * process, asked by a client in a third. Runs of all of them alternate; each number is the median over the rounds.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { Worker } from 'node:worker_threads'
import { turnTelemetryOff } from '@skerry/inference/runtime/runtime-telemetry'
import type { ClientTask, Door } from './serve-parts/serve-client.ts'
import { median, type Summary } from './serve-parts/serve-latency.ts'
import { BENCH_MODELS, type BenchModel } from './serve-parts/serve-model.ts'

const KINDS = ['raw', 'restBinary', 'restJson', 'grpc'] as const
const CONCURRENCIES = [1, 32] as const

/** An odd number, so that the median is a measured value. */
const ROUNDS = 3

/** A run at concurrency 32 ends when the last of its requests is answered, however short it is. */
const RUN_MS = 700

type Kind = (typeof KINDS)[number]
type Concurrency = (typeof CONCURRENCIES)[number]
type Ports = { restPort: number; grpcPort: number }
type Round = Record<Kind, Summary>

/** Runs the benchmark; takes some two minutes. */
export async function run(): Promise<object> {
  const server = fork(new URL('./serve-parts/serve-server.ts', import.meta.url))
  const ports = await heardFrom<Ports>(server)
  const client = fork(new URL('./serve-parts/serve-client.ts', import.meta.url))
  await heardFrom(client)
  const models: Record<string, object> = {}
  for (const model of BENCH_MODELS) models[model.name] = report(await measure(model, client, ports))
  client.disconnect()
  server.disconnect()
  return { benchmark: 'serve', rounds: ROUNDS, runMs: RUN_MS, models }
}

async function measure(model: BenchModel, client: ChildProcess, ports: Ports): Promise<Record<Concurrency, Round[]>> {
  turnTelemetryOff()
  const raw = new Worker(new URL('./serve-parts/serve-raw.ts', import.meta.url), { workerData: model })
  await heardFrom(raw)
  const runOne = (kind: Kind, concurrency: Concurrency) => {
    if (kind === 'raw') raw.postMessage(RUN_MS)
    else client.send(taskFor(kind, model, concurrency, ports))
    return heardFrom<Summary>(kind === 'raw' ? raw : client)
  }
  const rounds: Record<Concurrency, Round[]> = { 1: [], 32: [] }
  // The first round warms everything up, and is thrown away.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const concurrency of CONCURRENCIES) {
      const summaries: Partial<Round> = {}
      // Each round begins with another kind, so that none always follows the same neighbour.
      const kinds = [...KINDS.slice(round % KINDS.length), ...KINDS.slice(0, round % KINDS.length)]
      for (const kind of kinds) summaries[kind] = await runOne(kind, concurrency)
      if (round > 0) rounds[concurrency].push(summaries as Round)
    }
  }
  await raw.terminate()
  return rounds
}

const taskFor = (door: Door, { name }: BenchModel, concurrency: number, { restPort, grpcPort }: Ports): ClientTask => {
  return { door, model: name, port: door === 'grpc' ? grpcPort : restPort, concurrency, ms: RUN_MS }
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

/** The model's own fields are those of its goals: rates at concurrency 32, added latency of REST binary at 1. */
function report(rounds: Record<Concurrency, Round[]>): object {
  const alone = reportAt(rounds[1], 1)
  const crowded = reportAt(rounds[32], 32)
  const { p50AddedMs, p99AddedMs } = alone
  return { ...crowded, p50AddedMs, p99AddedMs, concurrency: { 1: alone, 32: crowded } }
}

function reportAt(rounds: readonly Round[], concurrency: Concurrency) {
  const middle = (value: (round: Round) => number) => Math.round(median(rounds.map(value)) * 1_000) / 1_000
  // One worker cannot answer `concurrency` requests sooner than it runs them all, so only what comes on top was added.
  const waitMs = ({ raw }: Round) => (concurrency - 1) * (1_000 / raw.perSec)
  return {
    rawPerSec: middle(({ raw }) => raw.perSec),
    restJsonPerSec: middle(({ restJson }) => restJson.perSec),
    restBinaryPerSec: middle(({ restBinary }) => restBinary.perSec),
    grpcPerSec: middle(({ grpc }) => grpc.perSec),
    binaryToRaw: middle(({ raw, restBinary }) => restBinary.perSec / raw.perSec),
    p50AddedMs: middle((round) => round.restBinary.p50Ms - round.raw.p50Ms - waitMs(round)),
    p99AddedMs: middle((round) => round.restBinary.p99Ms - round.raw.p99Ms - waitMs(round)),
  }
}
