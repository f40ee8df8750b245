/** Goal draft: the goal of an optimisation as typed text, and the goal that it describes. */
import { FidelityGoal } from '@skerry/contract/builds/build'
import { buildTexts } from '../english-builds.ts'
import type { OptimiseSearch } from './optimise-search.ts'

const words = buildTexts.optimise

/** An empty drop, rise, size or p95 is no goal. */
export type GoalDraft = {
  agreement: string
  difference: string
  /** In percent. */
  drop?: string
  /** In percent. */
  rise?: string
  /** In megabytes. */
  size?: string
  /** In milliseconds. */
  p95?: string
}

export type ReadGoal = {
  /** Undefined if a field is wrong. */
  goal: FidelityGoal | undefined
  problems: { agreement?: string; difference?: string; drop?: string; rise?: string; size?: string; p95?: string }
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

type Field = keyof ReadGoal['problems']

const KEYS = {
  agreement: 'agreementMin',
  difference: 'differenceMax',
  drop: 'accuracyDropMax',
  rise: 'errorRiseMax',
  size: 'sizeMaxBytes',
  p95: 'p95MaxMs',
} as const satisfies Record<Field, keyof FidelityGoal>

const WRONG: Readonly<Record<Field, string>> = {
  agreement: words.agreementWrong,
  difference: words.differenceWrong,
  drop: words.dropWrong,
  rise: words.riseWrong,
  size: words.sizeWrong,
  p95: words.p95Wrong,
}

/** An empty agreement or difference is wrong: a goal that nobody sees must not decide. */
export function readGoal({ agreement, difference, drop = '', rise = '', size = '', p95 = '' }: GoalDraft): ReadGoal {
  const values: Record<Field, number | undefined> = {
    agreement: numberOf(agreement),
    difference: numberOf(difference),
    drop: given(drop, fromPercent),
    rise: given(rise, fromPercent),
    size: given(size, (value) => Math.floor(value * MEGABYTE)),
    p95: given(p95, (value) => value),
  }
  const fields = Object.keys(KEYS) as Field[]
  const wrong = fields.filter((field) => !FidelityGoal.shape[KEYS[field]].safeParse(values[field]).success)
  const problems = Object.fromEntries(wrong.map((field) => [field, WRONG[field]]))
  if (wrong.length > 0) return { goal: undefined, problems }
  const stated = fields.flatMap((field) => (values[field] === undefined ? [] : [[KEYS[field], values[field]]]))
  return { goal: FidelityGoal.parse(Object.fromEntries(stated)), problems }
}

/** 0.7 % has a rest in binary. */
const fromPercent = (value: number) => Number((value / 100).toPrecision(10))

const given = (text: string, inUnit: (value: number) => number) =>
  text.trim() === '' ? undefined : inUnit(numberOf(text))

/** NaN for an empty text; the schemas reject it. A comma counts as a decimal point. */
const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text.trim().replace(',', '.')))
