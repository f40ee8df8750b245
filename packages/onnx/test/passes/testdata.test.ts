/**
 * Passes on ONNX's own test cases, 1,437 models of one operator each: Debian's package libonnx-testdata. A pass either
 * returns a model that loads and answers as before, within the bound of the pass, or says why it cannot.
 * @module-tag deep runs 1,437 models up to six times; passes.test.ts runs real models
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { InferenceSession } from '@skerry/inference/runtime/onnx-runtime'
import type { Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { dynamicInt8 } from '../../src/passes/dynamic-int8.ts'
import { float16 } from '../../src/passes/float16.ts'
import { foldConvolution } from '../../src/passes/fold-convolution.ts'
import { matMul4Bit } from '../../src/passes/matmul-4bit.ts'
import { normalise } from '../../src/passes/normalise.ts'
import { raiseOpset } from '../../src/passes/opset/raise-opset.ts'
import { applyPasses, type Pass } from '../../src/passes/pass.ts'
import { summarise } from '../../src/summary.ts'
import { readTensorFile } from '../../src/tensor.ts'
import { toRuntime, valuesOfRuntime } from '../runtime-tensor.ts'

const root = '/usr/share/libonnx-testdata/data'
const paths = existsSync(root) ? globSync('**/*.onnx', { cwd: root }).sort() : []

/** Answers by chance. */
const RANDOM = /bernoulli|dropout|random/

const exact = [normalise, raiseOpset]

/** The largest difference, as a share of the largest value; a model of one operator has no other measure. */
const recipes: readonly [string, readonly Pass[], number][] = [
  ['exact', exact, 0],
  ['folded', [...exact, foldConvolution], 1e-4],
  ['float16', [...exact, float16], 0.01],
  ['dynamic-int8', [...exact, dynamicInt8()], 0.1],
  ['matmul-4bit', [...exact, matMul4Bit({ isLeftInt8: false })], 0.4],
]

type Feeds = Record<string, Tensor>

const load = (bytes: Uint8Array) =>
  InferenceSession.create(bytes, { logSeverityLevel: 4, intraOpNumThreads: 1, graphOptimizationLevel: 'disabled' })

async function answer(bytes: Uint8Array, feeds: Feeds): Promise<Record<string, (number | string)[]>> {
  const session = await load(bytes)
  try {
    const results = await session.run(feeds)
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [
        name,
        valuesOfRuntime(tensor as Tensor).map((value) => (typeof value === 'bigint' ? Number(value) : value)),
      ]),
    )
  } finally {
    await session.release()
  }
}

function feedsOf(path: string, inputs: readonly { name: string }[]): Feeds | undefined {
  const folder = join(root, dirname(path), 'test_data_set_0')
  const feeds: Feeds = {}
  for (const [index, { name }] of inputs.entries()) {
    const file = join(folder, `input_${index}.pb`)
    const tensor = existsSync(file) ? readTensorFile(readFileSync(file)) : undefined
    if (!tensor?.ok) return undefined
    feeds[name] = toRuntime(tensor.value)
  }
  return feeds
}

function problemOf(
  wanted: Record<string, unknown[]>,
  got: Record<string, unknown[]>,
  bound: number,
): string | undefined {
  for (const [name, values] of Object.entries(wanted)) {
    const others = got[name] ?? []
    if (others.length !== values.length) return `${name} has ${others.length} values instead of ${values.length}`
    const largest = values.reduce<number>((max, value) => Math.max(max, Math.abs(Number(value)) || 0), 1)
    const at = values.findIndex((value, index) => !isNear(value, others[index], bound * largest))
    if (at !== -1) return `${name}[${at}] is ${others[at]} instead of ${values[at]}`
  }
  return undefined
}

const isNear = (a: unknown, b: unknown, bound: number) =>
  Object.is(a, b) || a === b || (typeof a === 'number' && typeof b === 'number' && Math.abs(a - b) <= bound)

type Case = {
  path: string
  bytes: Uint8Array
  feeds: Feeds | undefined
  before: Awaited<ReturnType<typeof answer>> | undefined
}

async function readCase(path: string): Promise<Case> {
  const bytes = readFileSync(join(root, path))
  const summary = summarise(bytes, new Map())
  const feeds = summary.ok ? feedsOf(path, summary.value.inputs) : undefined
  const before = feeds && !RANDOM.test(path) ? await answer(bytes, feeds).catch(() => undefined) : undefined
  return { path, bytes, feeds, before }
}

/** The problem of one recipe on one model; `refused` if it said why it cannot. */
async function tryRecipe({ path, bytes, feeds, before }: Case, [name, passes, bound]: (typeof recipes)[number]) {
  const result = applyPasses(bytes, passes)
  if (!result.ok) return 'refused'
  if (!before || !feeds) return undefined
  const problem = await answer(result.value.bytes, feeds).then(
    (after) => problemOf(before, after, bound),
    (cause: Error) => cause.message.slice(0, 200),
  )
  return problem && `${path}, ${name}: ${problem}`
}

describe.skipIf(paths.length === 0)('libonnx-testdata', () => {
  test.each(recipes)('%s keeps the answers of each model, or says why it cannot', async (...recipe) => {
    const results: (string | undefined)[] = []
    for (const path of paths) results.push(await tryRecipe(await readCase(path), recipe))
    expect(results.filter((result) => result !== undefined && result !== 'refused')).toEqual([])
    expect(results.filter((result) => result === undefined).length).toBeGreaterThan(1_300)
  })
})
