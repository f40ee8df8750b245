/**
 * The pipeline part: the throughput of a model that is split over two devices, against one worker with the whole model.
 * Both are behind the same gateway. Agents, gateway and client are processes of one machine, so its cores are the limit.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { freePort } from '@skerry/testkit/free-port'
import { until } from '@skerry/testkit/until'
import { type CommandLine, commandLine } from '../../examples/stage/command-line.ts'
import { type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { processesIn, processorMs } from '../../examples/stage/processes.ts'
import { startProgram } from '../../examples/stage/program.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'
import type { PlacesTask } from '../places/places-client.ts'
import { WIDTH } from '../places/places-model.ts'
import { median, type Summary } from '../serve-parts/serve-latency.ts'

/** [issue: scaling, numbers] If the stages balance, and take 10 ms or more. */
const GOAL = { ratio: 1.6, stageMs: 10 }

const NAME = 'chain'

/** The same model on both devices: two workers side by side are the most that two stages can reach on this machine. */
const TWIN = 'twin'

/** Products of 64 rows with a matrix: some milliseconds each, so that two halves take 10 ms or more. */
const ROWS = 64
const LAYERS = 72

/** Enough requests that no worker waits for one. */
const CONCURRENCY = 8

/** Both ways are measured in turn, because other load comes and goes. The first round warms everything up. */
const ROUNDS = 5
const RUN_MS = 4_000

/** The throughput of both ways, and the cut. */
export async function measurePipeline(): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-pipeline-'))
  try {
    await using hub = await startHub(await newHubHome(folder))
    await using _north = await startPlace(hub, 'north', folder)
    await using _south = await startPlace(hub, 'south', folder)
    const cut = await declare(hub, commandLine(hub, folder))
    await using gateway = startProgram({
      name: 'gateway',
      entry: 'apps/cli/src/main.ts',
      args: ['gateway', '--listen', '127.0.0.1:0', '--data', join(folder, 'gateway')],
      logFolder: folder,
      env: { SKERRY_HUB: hub.url, SKERRY_KEY: hub.connection.key, SKERRY_CA_FILE: hub.authorityPath },
    })
    const { url } = await gateway.waitFor('gateway_ready')
    const client = fork(new URL('../places/places-client.ts', import.meta.url))
    await once(client, 'message')
    const programs = {
      gateway: processesIn(join(folder, 'gateway')),
      north: processesIn(join(folder, 'north-1')),
      south: processesIn(join(folder, 'south-1')),
      client: [client.pid ?? 0],
    }
    const ways = { client, port: Number(new URL(String(url)).port), key: hub.connection.key ?? '', programs }
    const rates = await measureRates(ways)
    client.disconnect()
    return { goal: GOAL, cores: availableParallelism(), ...cut, ...rates }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function startPlace(hub: HubProgram, site: string, folder: string) {
  const address = `127.0.0.1:${await freePort()}`
  const options = ['--listen', address, '--serve-address', `http://${address}`]
  return startAgent(hub, { site: { name: site, kind: 'edge' }, device: `${site}-1`, folder, options })
}

/** The whole model and the first stage are on one device, the second stage is on the other one. */
async function declare(hub: HubProgram, cli: CommandLine): Promise<object> {
  const golden = { cases: [{ inputs: { x: floatTensor([1, WIDTH], new Float32Array(WIDTH).fill(1)) } }] }
  for (const name of [NAME, TWIN]) await pushModel(hub, { name, bytes: chain(), golden })
  const split = JSON.parse(await cli('model', 'split', NAME, '--stages', '2', '--json'))
  await deploy(hub, NAME, 'north')
  await deploy(hub, `${NAME}-1`, 'north')
  await deploy(hub, `${NAME}-2`, 'south')
  await deploy(hub, TWIN, 'north', 'south')
  const pipeline = { stages: [1, 2].map((stage) => ({ model: `${NAME}-${stage}`, version: 1 })) }
  await hub.client.route.set({ name: 'whole', spec: { model: NAME } })
  await hub.client.route.set({ name: TWIN, spec: { model: TWIN } })
  await hub.client.route.set({ name: 'stages', spec: { model: NAME, pipeline, concurrency: 4 } })
  const stages: { computeMs: number; costPercent: number }[] = split.stages
  return { wholeMs: split.wholeMs, stages: stages.map(({ computeMs, costPercent }) => ({ computeMs, costPercent })) }
}

async function deploy({ client }: HubProgram, name: string, ...sites: string[]): Promise<void> {
  const serving = { instances: 1, threads: 1 }
  const selector = `site.name in ${JSON.stringify(sites)}`
  await client.deployment.apply({ name, deployable: name, selector, serving, probation: { seconds: 0 } })
  await until(async () => (await client.deployment.get({ deployment: name })).rolloutStatus === 'done')
}

type Ways = { client: ChildProcess; port: number; key: string; programs: Record<string, number[]> }

/** `processor`: the milliseconds of each program for one request. */
type Run = Summary & { processor: Record<string, number> }

async function measureRates({ client, port, key, programs }: Ways): Promise<object> {
  const times = () => Object.entries(programs).map(([name, pids]) => [name, processorMs(pids)] as const)
  const ask = async (path: string): Promise<Run> => {
    const before = new Map(times())
    client.send({ port, path, key, concurrency: CONCURRENCY, ms: RUN_MS } satisfies PlacesTask)
    const [summary]: Summary[] = await once(client, 'message')
    if (!summary) throw new Error('the client gave no summary')
    const requests = (summary.perSec * RUN_MS) / 1_000
    const processor = times().map(([name, ms]) => [name, (ms - (before.get(name) ?? 0)) / requests])
    return { ...summary, processor: Object.fromEntries(processor) }
  }
  const rounds: { whole: Run; stages: Run; twin: Run }[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const now = { whole: await ask('whole'), stages: await ask('stages'), twin: await ask(TWIN) }
    if (round > 0) rounds.push(now)
  }
  const ratios = rounds.map(({ whole, stages }) => stages.perSec / whole.perSec)
  const processor = (way: 'whole' | 'stages' | 'twin') =>
    Object.fromEntries(
      Object.keys(programs).map((name) => [name, median(rounds.map((round) => round[way].processor[name] ?? 0))]),
    )
  return {
    processorMs: { whole: processor('whole'), stages: processor('stages'), twin: processor('twin') },
    wholePerSecond: median(rounds.map(({ whole }) => whole.perSec)),
    pipelinePerSecond: median(rounds.map(({ stages }) => stages.perSec)),
    ratio: median(ratios),
    ratios: { least: Math.min(...ratios), most: Math.max(...ratios) },
    twoWorkersPerSecond: median(rounds.map(({ twin }) => twin.perSec)),
    twoWorkersRatio: median(rounds.map(({ whole, twin }) => twin.perSec / whole.perSec)),
    pipelineP50Ms: median(rounds.map(({ stages }) => stages.p50Ms)),
    wholeP50Ms: median(rounds.map(({ whole }) => whole.p50Ms)),
  }
}

/** A row is repeated, goes through products with matrices of their own, and comes back as one row. */
function chain(): Uint8Array<ArrayBuffer> {
  const shape = [1, WIDTH]
  const weights = Array.from({ length: LAYERS }, (_, at) => {
    const values = Float32Array.from({ length: WIDTH * WIDTH }, (_, place) => Math.sin(at + place) / WIDTH)
    return float32Tensor(`w${at}`, [WIDTH, WIDTH], values)
  })
  const rows = float32Tensor('rows', [ROWS, 1], new Float32Array(ROWS).fill(1))
  const nodes = weights.map((_, at) => ({ operator: 'MatMul', inputs: [`h${at}`, `w${at}`], outputs: [`h${at + 1}`] }))
  return writeModel(
    buildModel({
      opsets: { 'ai.onnx': 13 },
      inputs: [{ name: 'x', datatype: 'FP32', shape }],
      outputs: [{ name: 'y', datatype: 'FP32', shape }],
      initialisers: [rows, ...weights],
      nodes: [
        { operator: 'Mul', inputs: ['x', 'rows'], outputs: ['h0'] },
        ...nodes,
        {
          operator: 'ReduceMean',
          inputs: [`h${LAYERS}`],
          outputs: ['y'],
          attributes: { axes: { ints: [0] }, keepdims: { int: 1 } },
        },
      ],
    }),
  )
}
