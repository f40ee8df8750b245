/**
 * Output diff: how far the outputs of two versions are apart on the same golden inputs, in numbers. The first version
 * is the reference, so its outputs are the expected ones.
 */
import type { GoldenCase, Tolerance } from '@skerry/contract/devices/golden'
import type { GoldenOutputs } from '../device/proof/golden.ts'
import { isWithin, type TensorDifference, tensorDifference } from '../tensors/tensor-difference.ts'

/** The numbers of one output, or of all. */
export type DifferenceTotals = {
  values: number
  differing: number
  outside: number
  largest: number
  mean: number
  /** Outputs that one side lacks, or that have another type or shape. */
  incomparable: number
}

export type CaseDiff = {
  /** The number of the case, from 1. */
  number: number
  outputs: { name: string; difference: TensorDifference }[]
  totals: DifferenceTotals
}

export type OutputDiff = {
  tolerance: Tolerance
  cases: CaseDiff[]
  outputs: { name: string; totals: DifferenceTotals }[]
  totals: DifferenceTotals
  isWithin: boolean
}

export type CasePair = { number: number; from: GoldenOutputs; to: GoldenOutputs }

/** Compares the outputs case by case. */
export function diffOutputs(pairs: readonly CasePair[], tolerance: Tolerance): OutputDiff {
  const cases = pairs.map(({ number, from, to }): CaseDiff => {
    const names = [...new Set([...from.keys(), ...to.keys()])].sort()
    const outputs = names.map((name) => ({
      name,
      difference: tensorDifference(from.get(name), to.get(name), tolerance),
    }))
    return { number, outputs, totals: totalsOf(outputs.map(({ difference }) => difference)) }
  })
  const all = cases.flatMap(({ outputs }) => outputs)
  const names = [...new Set(all.map(({ name }) => name))].sort()
  const named = (name: string) => all.flatMap((output) => (output.name === name ? [output.difference] : []))
  return {
    tolerance,
    cases,
    outputs: names.map((name) => ({ name, totals: totalsOf(named(name)) })),
    totals: totalsOf(all.map(({ difference }) => difference)),
    isWithin: all.every(({ difference }) => isWithin(difference)),
  }
}

function totalsOf(differences: readonly TensorDifference[]): DifferenceTotals {
  const totals = { values: 0, differing: 0, outside: 0, largest: 0, mean: 0, incomparable: 0 }
  for (const difference of differences) {
    if (!difference.comparable) {
      totals.incomparable += 1
      continue
    }
    const { count, differing, outside, largest, mean } = difference
    totals.values += count
    totals.differing += differing
    totals.outside += outside
    totals.largest = Math.max(totals.largest, largest)
    if (totals.values > 0) totals.mean += ((mean - totals.mean) * count) / totals.values
  }
  return totals
}

type Inputs = Pick<GoldenCase, 'inputs'>

export type PairedCases = {
  /** Indices of cases with the same inputs, byte for byte, in the order of the second list. */
  pairs: { from: number; to: number }[]
  /** Indices of cases whose inputs the other list lacks. */
  onlyFrom: number[]
  onlyTo: number[]
}

/** Finds the cases that both versions have. Each case has at most one partner. */
export function pairCases(from: readonly Inputs[], to: readonly Inputs[]): PairedCases {
  const open = new Map<string, number[]>()
  for (const [index, { inputs }] of from.entries()) {
    const key = inputsKey(inputs)
    open.set(key, [...(open.get(key) ?? []), index])
  }
  const pairs: PairedCases['pairs'] = []
  const onlyTo: number[] = []
  for (const [index, { inputs }] of to.entries()) {
    const partner = open.get(inputsKey(inputs))?.shift()
    if (partner === undefined) onlyTo.push(index)
    else pairs.push({ from: partner, to: index })
  }
  return { pairs, onlyFrom: [...open.values()].flat().sort((a, b) => a - b), onlyTo }
}

const inputsKey = (inputs: Inputs['inputs']) =>
  JSON.stringify(
    Object.entries(inputs)
      .map(([name, { datatype, shape, data }]) => [name, datatype, shape, data] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )

export type ComparisonPlan = PairedCases & {
  /** The version whose golden inputs count: the second one, if it has golden inputs. */
  inputsOf: 'from' | 'to'
  /** The other version has to run on those inputs, because its stored outputs do not cover all of them. */
  isRunNeeded: boolean
}

/** How the outputs of two versions can be compared; undefined if neither has golden cases. */
export function planComparison(
  from: readonly Inputs[] | undefined,
  to: readonly Inputs[] | undefined,
): ComparisonPlan | undefined {
  if (!from && !to) return undefined
  const paired = pairCases(from ?? [], to ?? [])
  const inputsOf = to ? 'to' : 'from'
  return { ...paired, inputsOf, isRunNeeded: (inputsOf === 'to' ? paired.onlyTo : paired.onlyFrom).length > 0 }
}
