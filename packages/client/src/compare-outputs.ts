/**
 * Compare outputs: the outputs of two versions on the same golden inputs. Stored outputs are used where both versions
 * have the inputs. Otherwise the hub runs one version on the inputs of the other one.
 */
import type { Golden, GoldenCase } from '@skerry/contract/devices/golden'
import type { ComparedAnswers } from '@skerry/contract/models/model'
import type { GoldenOutputs } from '@skerry/core/device/proof/golden'
import {
  type CasePair,
  type ComparisonPlan,
  diffOutputs,
  type OutputDiff,
  planComparison,
} from '@skerry/core/models/output-diff'
import { bytesOfBase64 } from './base64.ts'
import { type Problem, problemOf } from './problem.ts'

export type OutputComparison = {
  /** stored: no model has run for this. run: the hub ran one version on the inputs of the other one. */
  how: 'stored' | 'run'
  /** The version whose golden inputs were used. */
  inputsOf: 'from' | 'to'
  /** Cases of the first version that the comparison leaves out. */
  onlyFrom: number
  /** Cases of the second version that the comparison leaves out. */
  onlyTo: number
  pairs: CasePair[]
  diff: OutputDiff
  /** The reason why the hub did not run a version, if it was necessary. */
  problem?: Problem
}

export type Compared = {
  from: Golden | undefined
  to: Golden | undefined
  /** Runs one version on the golden inputs of the other one. Undefined if only stored outputs shall be used. */
  run: ((which: 'from' | 'to') => Promise<ComparedAnswers>) | undefined
}

/** The comparison; undefined if neither version has golden cases. */
export async function compareOutputs(
  { from, to, run }: Compared,
  signal: AbortSignal,
): Promise<OutputComparison | undefined> {
  const plan = planComparison(from?.cases, to?.cases)
  const base = to ?? from
  if (!plan || !base) return undefined
  if (!plan.isRunNeeded || !run) return fromStored({ from, to }, plan, base)
  try {
    const answers = await run(plan.inputsOf === 'to' ? 'from' : 'to')
    return fromRun(base, plan, answers)
  } catch (error) {
    signal.throwIfAborted()
    return { ...fromStored({ from, to }, plan, base), problem: problemOf(error) }
  }
}

function fromStored({ from, to }: Omit<Compared, 'run'>, plan: ComparisonPlan, base: Golden): OutputComparison {
  const pairs = plan.pairs.flatMap((pair): CasePair[] => {
    const [before, after] = [from?.cases[pair.from], to?.cases[pair.to]]
    return before && after ? [{ number: pair.to + 1, from: decode(before), to: decode(after) }] : []
  })
  const { inputsOf, onlyFrom, onlyTo } = plan
  const left = { onlyFrom: onlyFrom.length, onlyTo: onlyTo.length }
  return { how: 'stored', inputsOf, ...left, pairs, diff: diffOutputs(pairs, base.tolerance) }
}

function fromRun(base: Golden, { inputsOf, onlyFrom }: ComparisonPlan, { cases }: ComparedAnswers): OutputComparison {
  const pairs = base.cases.flatMap((stored, index): CasePair[] => {
    const answer = cases[index]
    if (!answer) return []
    const [from, to] = inputsOf === 'to' ? [answer, stored] : [stored, answer]
    return [{ number: index + 1, from: decode(from), to: decode(to) }]
  })
  const left = { onlyFrom: inputsOf === 'to' ? onlyFrom.length : 0, onlyTo: 0 }
  return { how: 'run', inputsOf, ...left, pairs, diff: diffOutputs(pairs, base.tolerance) }
}

const decode = ({ outputs }: Pick<GoldenCase, 'outputs'>): GoldenOutputs =>
  new Map(
    Object.entries(outputs).map(([name, { datatype, shape, data }]) => [
      name,
      { datatype, shape, data: bytesOfBase64(data) },
    ]),
  )
