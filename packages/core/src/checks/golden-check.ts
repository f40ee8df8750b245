/** Golden check: whether the answers of a model are those that its framework gave. */
import type { Tolerance } from '@skerry/contract/devices/tolerance'
import type { GoldenOutputs } from '../device/proof/golden.ts'
import {
  findReferenceDifference,
  type ReferenceFault,
  referenceFaultText,
  worstDifference,
} from '../device/proof/golden-reference.ts'
import { toleranceText } from './invariance-check.ts'
import type { Verdict } from './verdict.ts'

export type AnsweredCase = { expected: GoldenOutputs; answer: GoldenOutputs }

/** Each case needs an expected output: a check without one would compare nothing. */
export function judgeGolden(cases: readonly AnsweredCase[], tolerance: Tolerance): Verdict {
  const limit = toleranceText(tolerance)
  const empty = cases.findIndex(({ expected }) => expected.size === 0)
  if (cases.length === 0 || empty !== -1)
    return { passed: false, measured: `case ${empty + 1} has no expected output; add outputs to the file`, limit }
  let worst: ReferenceFault | undefined
  let casesDiffering = 0
  for (const [index, { expected, answer }] of cases.entries()) {
    const found = findReferenceDifference(expected, answer, tolerance)
    if (!found) continue
    casesDiffering += 1
    worst = worstDifference(worst, { ...found, case: index + 1, cases: cases.length, casesDiffering }, tolerance)
  }
  if (!worst) return { passed: true, measured: `${cases.length} of ${cases.length} cases agree`, limit }
  return { passed: false, measured: referenceFaultText({ ...worst, casesDiffering }, tolerance), limit }
}
