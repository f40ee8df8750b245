/**
 * Cut model: measures a model, finds the cut, measures the stages in the form in which they are served, and corrects the
 * cut until it no longer improves. The stages run on the cases of the whole, one after the other, and must answer alike.
 */
import type { GoldenCase, GoldenInputs, Tolerance } from '@skerry/contract/devices/golden'
import { charactersOf, GOLDEN_BASE64_CHARACTERS_MAX, type GoldenInputCase } from '@skerry/contract/devices/golden'
import { findReferenceDifference, type ReferenceDifference } from '@skerry/core/device/proof/golden-reference'
import type { Model } from '@skerry/onnx/read'
import type { Result } from '@skerry/onnx/refusal'
import { accept } from '@skerry/onnx/refusal'
import { planSplit, type SplitPlan } from '@skerry/onnx/split/plan-split'
import { stageModels } from '@skerry/onnx/split/stage-models'
import { writeModel } from '@skerry/onnx/write'
import { fromContract, toContract } from '../host/raw-tensor.ts'
import { measureNodes, measureTensors } from './measure-model.ts'
import { type Bag, runOnce, timeRuns, withSession } from './run-model.ts'

export type CutWish = {
  stages: number
  bytesPerUs: number
  cases: readonly GoldenInputCase[]
}

export type CutStage = {
  bytes: Uint8Array<ArrayBuffer>
  /** The shortest of some runs of the stage alone, in the form in which it is served. */
  measuredUs: number
}

export type Cut = {
  plan: SplitPlan
  stages: CutStage[]
  /** The same for the whole model. */
  wholeUs: number
}

/** Cases that are measured. More show no other shapes, and take time. */
const MEASURED_CASES_MAX = 4

/** Corrections of the costs. The second is rarely better than the first. */
const ROUNDS_MAX = 3

/** Throws the runtime's message about a model or case that it cannot run. */
export async function cutModel(model: Model, { stages, bytesPerUs, cases }: CutWish): Promise<Result<Cut>> {
  const bags = cases.slice(0, MEASURED_CASES_MAX).map(bagOf)
  const [first = new Map()] = bags
  const tensors = await measureTensors(model, bags)
  const nodeUs = await measureNodes(model, first)
  const wholeUs = await withSession(writeModel(model), {}, (session) => timeRuns(session, first))
  let best: Cut | undefined
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const planned = planSplit(model, { tensors, nodeUs, bytesPerUs }, stages)
    if (!planned.ok) return planned
    const measured = await measureStages(model, planned.value, first)
    const cut: Cut = { plan: planned.value, stages: measured, wholeUs }
    if (best && slowestUs(cut) >= slowestUs(best)) break
    best = cut
    correctCosts(nodeUs, cut)
  }
  if (!best) throw new Error('no round made a cut')
  return accept(best)
}

const bagOf = ({ inputs }: GoldenInputCase): Bag =>
  new Map(Object.entries(inputs).map(([name, tensor]) => [name, fromContract(name, tensor)]))

async function measureStages(model: Model, plan: SplitPlan, first: Bag): Promise<CutStage[]> {
  const bag = new Map(first)
  const stages: CutStage[] = []
  for (const part of stageModels(model, plan)) {
    const bytes = writeModel(part)
    const measuredUs = await withSession(bytes, {}, async (session) => {
      for (const tensor of await runOnce(session, bag, session.outputNames)) bag.set(tensor.name, tensor)
      return timeRuns(session, bag)
    })
    stages.push({ bytes, measuredUs })
  }
  return stages
}

/** The stage that bounds how many requests pass in a second. */
const slowestUs = ({ plan, stages }: Cut) =>
  Math.max(...stages.map(({ measuredUs }, at) => measuredUs + (plan.stages[at]?.transferUs ?? 0)))

/** The profile is of the graph as it is written. The stages show how much less its nodes take when they are joined. */
function correctCosts(nodeUs: number[], { plan, stages }: Cut): void {
  for (const [at, { nodes, computeUs }] of plan.stages.entries()) {
    const factor = computeUs > 0 ? (stages[at]?.measuredUs ?? computeUs) / computeUs : 1
    for (const index of nodes) nodeUs[index] = (nodeUs[index] ?? 0) * factor
  }
}

export type ProvedStages = {
  /** Of each stage: its inputs in the runs of the cases, and its outputs where the whole model has them. */
  golden: GoldenInputs[]
  /** The largest difference of a result from that of the whole model; undefined if all are equal within the tolerance. */
  fault: ReferenceDifference | undefined
}

/** Runs the stages one after the other on the cases of the whole model, and compares their results with its own. */
export async function proveStages(
  stages: readonly Uint8Array[],
  cases: readonly GoldenCase[],
  tolerance: Tolerance,
): Promise<ProvedStages> {
  const bags = cases.map((each) => new Map(bagOf(each)))
  const golden: GoldenInputs[] = []
  for (const bytes of stages) {
    const made = await withSession(bytes, {}, async (session) => {
      const rows: GoldenInputs['cases'] = []
      for (const [at, bag] of bags.entries()) {
        const inputs = sideOf(bag, session.inputNames)
        for (const tensor of await runOnce(session, bag, session.outputNames)) bag.set(tensor.name, tensor)
        const expected = Object.entries(cases[at]?.outputs ?? {}).filter(([name]) => session.outputNames.includes(name))
        rows.push({ inputs, ...(expected.length > 0 && { outputs: Object.fromEntries(expected) }) })
      }
      return rows
    })
    golden.push({ tolerance, cases: fitting(made) })
  }
  const faults = cases.flatMap(({ outputs }, at) => {
    const answers = sideOf(bags[at] ?? new Map(), Object.keys(outputs))
    return findReferenceDifference(goldenOf(outputs), goldenOf(answers), tolerance) ?? []
  })
  return { golden, fault: faults[0] }
}

type Side = GoldenCase['inputs']

const sideOf = (bag: Bag, names: readonly string[]): Side =>
  Object.fromEntries(
    names.flatMap((name) => {
      const tensor = bag.get(name)
      return tensor ? [[name, toContract(tensor)]] : []
    }),
  )

const goldenOf = (side: Side) =>
  new Map(
    Object.entries(side).map(([name, { datatype, shape, data }]) => [
      name,
      { datatype, shape, data: Buffer.from(data, 'base64') },
    ]),
  )

/** The outputs that the hub adds take about as much again as the inputs. */
const SHARE = 2

/** The first cases, as many as a version may have. */
function fitting(cases: GoldenInputs['cases']): GoldenInputs['cases'] {
  let characters = 0
  return cases.filter(({ inputs, outputs = {} }) => {
    characters += charactersOf([inputs, outputs])
    return characters * SHARE <= GOLDEN_BASE64_CHARACTERS_MAX
  })
}
