/**
 * The reader against ONNX's own test cases, 1,437 models of one operator each: Debian's package libonnx-testdata.
 * @module-tag deep runs 1,437 models twice; runtime.test.ts compares reader and runtime on real models
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ModelSummary } from '@skerry/contract/models/model-summary'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { InferenceSession } from '@skerry/inference/runtime/onnx-runtime'
import type { Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { summarise } from '../src/summary.ts'
import { type RawTensor, readTensorFile } from '../src/tensor.ts'
import { describeMetadata, describeSpecs, toRuntime, valuesOf, valuesOfRuntime } from './runtime-tensor.ts'

const root = '/usr/share/libonnx-testdata/data'
const paths = existsSync(root) ? globSync('**/*.onnx', { cwd: root }).sort() : []

/** Cases in which onnxruntime answers otherwise than ONNX's reference: chance, or known differences of its own. */
const DEVIATES =
  /training_dropout|averagepool_3d_dilations|qlinearmatmul|resize_downsample|maxunpool_export|FLOAT_to_STRING|strnorm/

type Case = { path: string; bytes: Uint8Array; session: InferenceSession | undefined }

async function eachCase(visit: (item: Case) => void | Promise<void>) {
  for (const path of paths) {
    const bytes = readFileSync(join(root, path))
    const options = { logSeverityLevel: 4, intraOpNumThreads: 1 } as const
    const session = await InferenceSession.create(bytes, options).catch(() => undefined)
    await visit({ path, bytes, session })
    await session?.release()
  }
}

describe.skipIf(paths.length === 0)('libonnx-testdata', () => {
  test('every model that loads is summarised as the runtime sees it, or refused for what cannot be served', async () => {
    const counts = { summarised: 0, leftToRuntime: 0, refused: 0 }
    const wrong: unknown[] = []
    await eachCase(({ path, bytes, session }) => {
      const summary = summarise(bytes, new Map())
      if (!summary.ok) {
        counts.refused++
        if (session && isServable(session)) wrong.push([path, summary.message])
        return
      }
      if (!session) {
        counts.leftToRuntime++
        return
      }
      counts.summarised++
      const { inputs, outputs, unrankedOutputs } = summary.value
      const said = [describeSpecs(inputs), describeSpecs(outputs, unrankedOutputs)]
      const seen = [describeMetadata(session.inputMetadata), describeMetadata(session.outputMetadata, unrankedOutputs)]
      if (JSON.stringify(said) !== JSON.stringify(seen)) wrong.push([path, said, seen])
    })
    expect(wrong).toEqual([])
    // What only the runtime can tell: kernels by type, attributes, and, in StringNormalizer, whether a locale is installed.
    expect(counts.leftToRuntime).toBeLessThanOrEqual(25)
    expect(counts.summarised).toBeGreaterThan(1_200)
  })

  test('stored tensors give the runtime the inputs from which it computes the stored outputs', async () => {
    let equal = 0
    const wrong: unknown[] = []
    await eachCase(async ({ path, bytes, session }) => {
      const summary = summarise(bytes, new Map())
      if (!session || !summary.ok || DEVIATES.test(path)) return
      const folder = join(root, dirname(path))
      for (const set of globSync('test_data_set_*', { cwd: folder })) {
        const flaw = await replay(session, summary.value, join(folder, set))
        if (flaw === undefined) equal++
        else wrong.push([path, flaw])
      }
    })
    expect(wrong).toEqual([])
    expect(equal).toBeGreaterThan(1_200)
  })
})

/** Whether all inputs and outputs are tensors of types that the Open Inference Protocol has. */
const isServable = ({ inputMetadata, outputMetadata }: InferenceSession) =>
  [...inputMetadata, ...outputMetadata].every((value) => value.isTensor && !/int4/.test(value.type))

async function replay(session: InferenceSession, { inputs, outputs }: ModelSummary, folder: string) {
  const feeds = Object.fromEntries(
    inputs.map(({ name }, index) => [name, toRuntime(stored(folder, `input_${index}.pb`))]),
  )
  const results = await session.run(feeds)
  return outputs
    .map((spec, index) => difference(stored(folder, `output_${index}.pb`), spec, results[spec.name]))
    .find(Boolean)
}

function stored(folder: string, name: string): RawTensor {
  const tensor = readTensorFile(readFileSync(join(folder, name)))
  if (!tensor.ok) throw new Error(`${folder}/${name}: ${tensor.message}`)
  return tensor.value
}

function difference(expected: RawTensor, { name }: TensorSpec, result: Tensor | undefined): string | undefined {
  if (!result || JSON.stringify(expected.shape) !== JSON.stringify(result.dims))
    return `${name} has shape ${JSON.stringify(result?.dims)}`
  const values = valuesOfRuntime(result)
  const index = valuesOf(expected).findIndex((value, at) => !isNear(value, values[at]))
  return index === -1 ? undefined : `${name}[${index}] is ${values[index]}`
}

/** Half-precision cases differ by a rounding, so a hundredth; that still tells a wrong type, order or byte. */
function isNear(a: number | bigint | string, b: number | bigint | string | undefined): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b
  return Object.is(a, b) || a === b || Math.abs(a - b) <= 0.01 * (1 + Math.abs(a))
}
