/**
 * deploy: from a model file of 10 MB to the first prediction on a device, over a real hub and a real agent: upload, signature, rollout,
 * download, verification, golden inputs, switch. And the same file again, which changes nothing.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../examples/stage/push.ts'
import { median } from './serve-parts/serve-latency.ts'

const RUNS = 20

/** 1,024 × 2,560 weights of four bytes are 10.5 MB. */
const ROWS = 1_024
const COLUMNS = 2_560

/** How often the device is asked whether the new version answers: finer than what is measured. */
const ASK_EVERY_MS = 5

/** Runs the benchmark; takes a minute or less. */
export async function run(): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-deploy-'))
  try {
    await using hub = await startHub(await newHubHome(folder))
    const site = { name: 'bench', kind: 'edge' as const }
    await using agent = await startAgent(hub, { site, device: 'bench', folder })
    const deployMs: number[] = []
    const againMs: number[] = []
    // The first run pays for what is loaded once, and is thrown away.
    for (let count = 0; count <= RUNS; count++) {
      const bytes = largeModel(count)
      const first = await deploy(hub, agent, bytes)
      const again = await deploy(hub, agent, bytes)
      if (count === 0) continue
      deployMs.push(first)
      againMs.push(again)
    }
    const sizeBytes = largeModel(0).length
    return {
      benchmark: 'deploy',
      runs: RUNS,
      sizeBytes,
      ...spread('deploy', deployMs),
      ...spread('unchanged', againMs),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const spread = (name: string, samples: readonly number[]) => ({
  [`${name}P50Ms`]: Math.round(median(samples)),
  [`${name}P95Ms`]: Math.round(samples.toSorted((a, b) => a - b)[Math.ceil(samples.length * 0.95) - 1] ?? Number.NaN),
})

/** y = x · W, with other weights for each seed. */
export function largeModel(seed: number): Uint8Array<ArrayBuffer> {
  const weights = Float32Array.from({ length: ROWS * COLUMNS }, (_, at) => Math.sin(at + seed))
  const built = buildModel({
    nodes: [{ operator: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, ROWS] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, COLUMNS] }],
    initialisers: [float32Tensor('w', [ROWS, COLUMNS], weights)],
  })
  return new Uint8Array(writeModel(built))
}

const ONES = new Array<number>(ROWS).fill(1)
const GOLDEN = { cases: [{ inputs: { x: floatTensor([1, ROWS], ONES) } }] }
const QUESTION = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, ROWS], data: ONES }] })

/** Milliseconds from the push until the device answers with the version that was pushed. */
export async function deploy(
  hub: HubProgram,
  agent: AgentProgram,
  bytes: Uint8Array<ArrayBuffer>,
  { model, selector }: { model: string; selector: string } = { model: 'bench', selector: 'true' },
): Promise<number> {
  const startedMs = performance.now()
  const { version } = await pushModel(hub, { model, bytes, golden: GOLDEN })
  await hub.client.deployment.apply({
    name: model,
    model,
    selector,
    version: String(version.version),
    probation: { seconds: 0 },
  })
  while ((await answeringVersion(agent, model)) !== version.version)
    await new Promise((done) => setTimeout(done, ASK_EVERY_MS))
  return performance.now() - startedMs
}

export async function answeringVersion(
  { restUrl }: Pick<AgentProgram, 'restUrl'>,
  model: string,
): Promise<number | undefined> {
  const response = await fetch(`${restUrl}/v2/models/${model}/infer`, { method: 'POST', body: QUESTION })
  const reply = (await response.json()) as { model_version?: string }
  return response.ok ? Number(reply.model_version) : undefined
}
