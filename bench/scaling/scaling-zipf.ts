/** Zipf: a hundred models with memory for ten, and requests of which few models get most; against all of them loaded. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { floats, openHost, quantileOf, rounded, serveModel, timeOf } from './scaling-host.ts'
import { writeTinyModel } from './scaling-model.ts'

const MODELS = 100
const ROOM_FOR = 10
const REQUESTS = 2_000

/** [issue 24] The median of a request, against all models loaded. */
const GOAL_RATIO = 1.2

/** The classical exponent: the tenth model gets a tenth of the requests of the first. */
const EXPONENT = 1

const WORKER_BYTES = 24 * 1024 * 1024

const SCALING = {
  min: 0,
  max: 1,
  target: { metric: 'concurrency', value: 8 },
  windowSeconds: 600,
  cooldownSeconds: 600,
}

export async function measureZipf(): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-scaling-'))
  try {
    const paths = await modelFiles(folder)
    const resident = await timesWith(paths, undefined)
    const limited = await timesWith(paths, ROOM_FOR * WORKER_BYTES)
    const ratio = quantileOf(limited.times, 0.5) / quantileOf(resident.times, 0.5)
    return {
      models: MODELS,
      roomFor: ROOM_FOR,
      requests: REQUESTS,
      resident: figuresOf(resident.times),
      limited: { ...figuresOf(limited.times), evictions: limited.evictions, hits: limited.hits },
      p50Ratio: rounded(ratio),
      goalRatio: GOAL_RATIO,
      isReached: ratio <= GOAL_RATIO,
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function modelFiles(folder: string): Promise<string[]> {
  const first = join(folder, 'model-0.onnx')
  await writeTinyModel(first)
  const paths = Array.from({ length: MODELS }, (_, at) => join(folder, `model-${at}.onnx`))
  for (const path of paths.slice(1)) await copyFile(first, path)
  return paths
}

async function timesWith(paths: readonly string[], limitBytes: number | undefined) {
  const { host, residency } = openHost(limitBytes)
  for (const [at, modelPath] of paths.entries()) {
    await serveModel(host, { name: `model-${at}`, modelPath, scaling: SCALING, workerBytes: WORKER_BYTES })
  }
  const pick = zipf()
  const before = residency.view().evictions
  const times: number[] = []
  let hits = 0
  for (let turn = 0; turn < REQUESTS; turn++) {
    const name = `model-${pick()}`
    if (residency.view().residents.some((one) => one.name === name)) hits++
    times.push(await timeOf(host, name, [floats('x', [1, WIDTH], new Float32Array(WIDTH))]))
  }
  const evictions = residency.view().evictions - before
  await host.close()
  return { times, evictions, hits: rounded(hits / REQUESTS) }
}

const WIDTH = 256

const figuresOf = (times: readonly number[]) => ({
  p50Ms: rounded(quantileOf(times, 0.5)),
  p95Ms: rounded(quantileOf(times, 0.95)),
  p99Ms: rounded(quantileOf(times, 0.99)),
})

/** The same picks in each run: a linear congruence instead of chance. */
function zipf(): () => number {
  const weights = Array.from({ length: MODELS }, (_, at) => 1 / (at + 1) ** EXPONENT)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let seed = 1
  return () => {
    // [Numerical Recipes] The constants of a quick generator.
    seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32
    let left = (seed / 2 ** 32) * total
    const at = weights.findIndex((weight) => {
      left -= weight
      return left <= 0
    })
    return Math.max(0, at)
  }
}
