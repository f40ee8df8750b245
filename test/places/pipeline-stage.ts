/** Pipeline stage: a hub with a model that is split into two stages, agents that serve them, a gateway and its callers. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeModel } from '@skerry/onnx/write'
import { freePort } from '@skerry/testkit/free-port'
import { until } from '@skerry/testkit/until'
import { commandLine } from '../../examples/stage/command-line.ts'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { startProgram } from '../../examples/stage/program.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'
import { transformer } from '../../packages/onnx/test/split/random-graph.ts'

export const NAME = 'reader'
const SIZE = { layers: 2, width: 32, heads: 4 }
const TOKENS = 4

/** A result of the whole model, and of the route. */
export type Values = { status: number; place: string | null; pooled: number[]; error: string | undefined }

export type PipelineStage = AsyncDisposable & {
  hub: HubProgram
  agents: AgentProgram[]
  /** The stages, as the command line printed them. */
  pushed: { name: string; version: number; digest: string; created: boolean }[]
  cli(...words: readonly string[]): Promise<string>
  /** Sends a request to the route at the gateway. */
  ask(seed: number): Promise<Values>
  /** Sends it to the whole model on the first device. */
  askWhole(seed: number): Promise<Values>
}

/** Starts a device for each entry of `places`, which is the number of its stage, such as `['1', '2']`. */
export async function openPipelineStage(places: readonly string[]): Promise<PipelineStage> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-pipeline-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const hub = stack.use(await startHub(await newHubHome(folder)))
  const agents = await Promise.all(places.map((stage, at) => startPlace(hub, `stage-${stage}-${at}`, folder)))
  stack.defer(async () => void (await Promise.all(agents.map((agent) => agent.stop()))))
  const golden = {
    cases: [1, 2].map((seed) => ({ inputs: { tokens: floatTensor([1, TOKENS, SIZE.width], tokensOf(seed)) } })),
  }
  await pushModel(hub, { name: NAME, bytes: writeModel(transformer(SIZE)), golden })
  const cli = commandLine(hub, folder)
  const pushed = JSON.parse(await cli('model', 'split', NAME, '--stages', '2', '--json')).pushed
  await deploy(hub, NAME, 'device.name == "stage-1-0"')
  for (const [at, { name }] of pushed.entries()) await deploy(hub, name, `device.name.startsWith("stage-${at + 1}-")`)
  const words = pushed.flatMap(({ name, version }: { name: string; version: number }) => [
    '--stage',
    `${name}:${version}`,
  ])
  await cli('route', 'create', NAME, '--model', NAME, ...words, '--output', 'layer1_out', '--output', 'pooled')
  const gateway = stack.use(startGateway(hub, folder))
  const url = String((await gateway.waitFor('gateway_ready')).url)
  const owner = hub.connection.key ?? ''
  const ask = (seed: number) => infer(`${url}/v2/models/${NAME}/infer`, seed, owner)
  const askWhole = (seed: number) => infer(`${agents[0]?.restUrl}/v2/models/${NAME}/infer`, seed, owner)
  await until(async () => (await ask(1)).status === 200)
  const moved = stack.move()
  return { hub, agents, pushed, cli, ask, askWhole, [Symbol.asyncDispose]: () => moved.disposeAsync() }
}

async function startPlace(hub: HubProgram, device: string, folder: string): Promise<AgentProgram> {
  const address = `127.0.0.1:${await freePort()}`
  const options = ['--listen', address, '--serve-address', `http://${address}`]
  return startAgent(hub, { site: { name: 'lyon', kind: 'edge' }, device, folder, options })
}

async function deploy({ client }: HubProgram, name: string, selector: string): Promise<void> {
  await client.deployment.apply({ name, deployable: name, selector, probation: { seconds: 0 } })
  await until(async () => (await client.deployment.get({ deployment: name })).rolloutStatus === 'done')
}

const startGateway = (hub: HubProgram, folder: string) =>
  startProgram({
    name: 'gateway',
    entry: 'apps/cli/src/main.ts',
    args: ['gateway', '--listen', '127.0.0.1:0', '--data', join(folder, 'gateway')],
    logFolder: folder,
    env: {
      SKERRY_HUB: hub.url,
      SKERRY_KEY: hub.connection.key ?? '',
      SKERRY_CA_FILE: hub.authorityPath,
      SKERRY_HOME: folder,
    },
  })

const tokensOf = (seed: number) =>
  Float32Array.from({ length: TOKENS * SIZE.width }, (_, at) => Math.sin(seed + at * 0.31))

async function infer(url: string, seed: number, key: string): Promise<Values> {
  const data = [...tokensOf(seed)]
  const body = JSON.stringify({ inputs: [{ name: 'tokens', datatype: 'FP32', shape: [1, TOKENS, SIZE.width], data }] })
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', body, headers })
  const read = (await response.json()) as { outputs?: { name: string; data: number[] }[]; error?: string }
  const pooled = read.outputs?.find(({ name }) => name === 'pooled')?.data ?? []
  return { status: response.status, place: response.headers.get('skerry-place'), pooled, error: read.error }
}
