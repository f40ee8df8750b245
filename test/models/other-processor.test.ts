/**
 * @module-tag deep an emulator runs a model some hundred times as slowly as a processor does
 *
 * Other processor: builds of real models on a processor without AVX-512 and VNNI, as an emulator has it. Its kernels for
 * 8 bits are others, so its answers differ; here is by how much.
 */
import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Recipe } from '@skerry/contract/builds/build'
import type { GoldenInputCase } from '@skerry/contract/devices/golden'
import type { Tensor } from '@skerry/contract/models/tensor'
import { measureFidelity } from '@skerry/core/builds/fidelity'
import { buildModel } from '@skerry/inference/optimise/build-model'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CALIBRATION, type OptimiseModel, optimiseModels } from '../../bench/optimise-parts/optimise-models.ts'
import { type RunAnswers, type RunTask, runModels } from '../stage/run-model.ts'

/** Debian's package qemu-user. */
const EMULATOR = 'qemu-x86_64'
/** AVX2, and neither AVX-512 nor VNNI. */
const PROCESSOR = ['-cpu', 'Haswell']
const PROGRAM = join(import.meta.dirname, '../stage/run-model.ts')

const LIMITS = { timeMs: 120_000, memoryBytes: 4e9 }
const { signal } = new AbortController()

/** The gate's difference. The builds are compared with themselves, so their own error does not count. */
const DIFFERENCE_MAX = 0.05
/**
 * Without VNNI, the runtime adds products of 8 bits by 8 bits in pairs of 16 bits, which saturate. Devices find that with
 * the golden cases; the answers agree nevertheless.
 */
const SATURATES = /int8$|^static-int8/
/** Seven bits do not saturate. */
const SEVEN_BITS = /7bit$/
const SATURATED_AGREEMENT_MIN = 0.9

/** The reason why the tests cannot run here; undefined if they can. */
function missing(): string | undefined {
  if (process.arch !== 'x64') return `the emulated processor needs the programs of x64, and this is ${process.arch}`
  try {
    execFileSync(EMULATOR, ['--version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return `${EMULATOR} is not installed; run apt install qemu-user`
  }
}
const reason = missing()
if (reason !== undefined) process.stderr.write(`builds on another processor are not tested: ${reason}\n`)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-processor-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const caseOf = ({ input, shape }: OptimiseModel, values: Float32Array): GoldenInputCase => ({
  inputs: { [input]: { datatype: 'FP32', shape, data: Buffer.from(values.buffer).toString('base64') } },
})

/** The files of the model and of all its builds. */
async function formsOf(model: OptimiseModel): Promise<RunTask['models']> {
  const modelPath = join(folder, `${model.name}.onnx`)
  await writeFile(modelPath, model.bytes)
  const forms: RunTask['models'] = { float32: modelPath }
  const cases = model.inputs.slice(0, CALIBRATION).map((values) => caseOf(model, values))
  for (const recipe of Recipe.options) {
    const outPath = join(folder, `${model.name}-${recipe}.onnx`)
    const made = await buildModel({ modelPath, outPath, recipe, cases, keep: [] }, LIMITS, signal)
    if (made.ok) forms[recipe] = outPath
  }
  return forms
}

async function emulated(task: RunTask): Promise<RunAnswers> {
  const [taskPath, answersPath] = [join(folder, 'task.json'), join(folder, 'answers.json')]
  await writeFile(taskPath, JSON.stringify(task))
  await promisify(execFile)(EMULATOR, [...PROCESSOR, process.execPath, PROGRAM, taskPath, answersPath])
  return JSON.parse(await readFile(answersPath, 'utf8')) as RunAnswers
}

const decoded = (outputs: readonly Record<string, Tensor>[] = []) =>
  outputs.map(
    (each) =>
      new Map(
        Object.entries(each).map(([name, { datatype, shape, data }]) => [
          name,
          { datatype, shape, data: Buffer.from(data, 'base64') },
        ]),
      ),
  )

/** Convolutions, and products of matrices. The recogniser of the same family takes over ten minutes under the emulator. */
const MODELS = ['classifier', 'matmul'] as const

test.skipIf(reason !== undefined).for(MODELS)(
  'the builds of the %s answer as near on a processor with AVX2 only as on this one',
  { timeout: 600_000 },
  async (name) => {
    const model = (await optimiseModels()).find((each) => each.name === name)
    if (!model) throw new Error(`no model ${name}`)
    const models = await formsOf(model)
    expect(Object.keys(models).length).toBeGreaterThan(4)
    const task = { models, cases: [caseOf(model, model.inputs[CALIBRATION] ?? new Float32Array())] }
    const [here, there] = [await runModels(task), await emulated(task)]
    for (const form of Object.keys(models)) {
      const measured = measureFidelity({ version: decoded(here[form]), build: decoded(there[form]) })
      if (!measured.ok) throw new Error(`${form}: ${measured.message}`)
      const [{ agreement = 1, difference } = { difference: 0 }] = measured.fidelity
      const figures = `${name} ${form}: agreement ${agreement}, difference ${difference.toPrecision(3)} σ`
      process.stderr.write(`${figures}\n`)
      if (SEVEN_BITS.test(form)) expect(difference, figures).toBeLessThanOrEqual(DIFFERENCE_MAX)
      const isSaturated = SATURATES.test(form) && agreement >= SATURATED_AGREEMENT_MIN
      expect(difference <= DIFFERENCE_MAX || isSaturated, figures).toBe(true)
    }
  },
)
