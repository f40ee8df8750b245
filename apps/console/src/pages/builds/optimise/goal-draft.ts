/** Goal draft: the goal of an optimisation as typed text, and the goal that it describes. */
import { FidelityGoal } from '@skerry/contract/builds/build'
import { buildTexts } from '../english-builds.ts'
import type { OptimiseSearch } from './optimise-search.ts'

const words = buildTexts.optimise

/** An empty size or p95 is no goal. */
export type GoalDraft = {
  agreement: string
  difference: string
  /** In megabytes. */
  size?: string
  /** In milliseconds. */
  p95?: string
}

export type ReadGoal = {
  /** Undefined if a field is wrong. */
  goal: FidelityGoal | undefined
  problems: { agreement?: string; difference?: string; size?: string; p95?: string }
}

const USUAL = FidelityGoal.parse({})
export const USUAL_GOAL: GoalDraft = {
  agreement: String(USUAL.agreementMin),
  difference: String(USUAL.differenceMax),
}

/** The draft that the address begins with. */
export const goalDraftOf = ({ agreement, difference, size, p95 }: OptimiseSearch): GoalDraft => ({
  agreement: String(agreement ?? USUAL.agreementMin),
  difference: String(difference ?? USUAL.differenceMax),
  size: size === undefined ? '' : String(size / MEGABYTE),
  p95: p95 === undefined ? '' : String(p95),
})

const MEGABYTE = 1e6

/** An empty agreement or difference is wrong: a goal that nobody sees must not decide. */
export function readGoal({ agreement, difference, size = '', p95 = '' }: GoalDraft): ReadGoal {
  const agreementMin = FidelityGoal.shape.agreementMin.safeParse(numberOf(agreement))
  const differenceMax = FidelityGoal.shape.differenceMax.safeParse(numberOf(difference))
  const sizeMaxBytes = FidelityGoal.shape.sizeMaxBytes.safeParse(given(size, (value) => Math.floor(value * MEGABYTE)))
  const p95MaxMs = FidelityGoal.shape.p95MaxMs.safeParse(given(p95, (value) => value))
  const problems = {
    ...(!agreementMin.success && { agreement: words.agreementWrong }),
    ...(!differenceMax.success && { difference: words.differenceWrong }),
    ...(!sizeMaxBytes.success && { size: words.sizeWrong }),
    ...(!p95MaxMs.success && { p95: words.p95Wrong }),
  }
  if (!agreementMin.success || !differenceMax.success || !sizeMaxBytes.success || !p95MaxMs.success)
    return { goal: undefined, problems }
  const goal = {
    agreementMin: agreementMin.data,
    differenceMax: differenceMax.data,
    ...(sizeMaxBytes.data !== undefined && { sizeMaxBytes: sizeMaxBytes.data }),
    ...(p95MaxMs.data !== undefined && { p95MaxMs: p95MaxMs.data }),
  }
  return { goal, problems }
}

const given = (text: string, inUnit: (value: number) => number) =>
  text.trim() === '' ? undefined : inUnit(numberOf(text))

/** NaN for an empty text; the schemas reject it. A comma counts as a decimal point. */
const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text.trim().replace(',', '.')))
