/** Goal draft: the goal of an optimisation as typed text, and the goal that it describes. */
import { FidelityGoal } from '@skerry/contract/builds/build'
import { buildTexts } from '../english-builds.ts'

const words = buildTexts.optimise

export type GoalDraft = { agreement: string; difference: string }

export type ReadGoal = {
  /** Undefined if a field is wrong. */
  goal: FidelityGoal | undefined
  problems: { agreement?: string; difference?: string }
}

const USUAL = FidelityGoal.parse({})
export const USUAL_GOAL: GoalDraft = {
  agreement: String(USUAL.agreementMin),
  difference: String(USUAL.differenceMax),
}

/** An empty field is wrong: a goal that nobody sees must not decide. */
export function readGoal({ agreement, difference }: GoalDraft): ReadGoal {
  const agreementMin = FidelityGoal.shape.agreementMin.safeParse(numberOf(agreement))
  const differenceMax = FidelityGoal.shape.differenceMax.safeParse(numberOf(difference))
  const problems = {
    ...(!agreementMin.success && { agreement: words.agreementWrong }),
    ...(!differenceMax.success && { difference: words.differenceWrong }),
  }
  if (!agreementMin.success || !differenceMax.success) return { goal: undefined, problems }
  return { goal: { agreementMin: agreementMin.data, differenceMax: differenceMax.data }, problems }
}

/** NaN for an empty text; the schemas reject it. A comma counts as a decimal point. */
const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text.trim().replace(',', '.')))
