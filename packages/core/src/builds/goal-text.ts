/**
 * Goal text: the goals of an optimisation, one a text, for a command line and a form.
 *
 *     agreement >= 0.95      or 95 %: the share of rows whose largest value is in the same place
 *     difference <= 0.1      or 0.1 σ: or the largest difference of two values, in standard deviations
 *     accuracy drop <= 0.5%  of the share of right answers, in points; it needs labels
 *     error rise <= 2%       of the root of the mean squared error, as a share of it; it needs labels
 *     size < 4 MB            the file of the model, in B, kB, MB, GB, KiB, MiB or GiB
 *     p95 < 12 ms            on devices, in ms or s: only a choice of a build, made from measurements, looks at it
 */
import { FidelityGoal } from '@skerry/contract/builds/build'

type Given = Partial<FidelityGoal>
export type GoalParse = { ok: true; goal: Given } | { ok: false; message: string }

type Metric = {
  key: keyof FidelityGoal
  comparisons: readonly string[]
  /** The factor of each unit; '' is none. */
  units: Readonly<Record<string, number>>
  example: string
  /** From a number in the base unit, with the comparison. */
  bound(value: number, isStrict: boolean): number
}

const asGiven = (value: number) => value

const metrics: Readonly<Record<string, Metric>> = {
  agreement: {
    key: 'agreementMin',
    comparisons: ['>='],
    units: { '': 1, '%': 0.01 },
    example: 'agreement >= 0.95',
    bound: asGiven,
  },
  difference: {
    key: 'differenceMax',
    comparisons: ['<='],
    units: { '': 1, σ: 1 },
    example: 'difference <= 0.1',
    bound: asGiven,
  },
  'accuracy drop': {
    key: 'accuracyDropMax',
    comparisons: ['<='],
    units: { '': 1, '%': 0.01 },
    example: 'accuracy drop <= 0.5%',
    bound: asGiven,
  },
  'error rise': {
    key: 'errorRiseMax',
    comparisons: ['<='],
    units: { '': 1, '%': 0.01 },
    example: 'error rise <= 2%',
    bound: asGiven,
  },
  size: {
    key: 'sizeMaxBytes',
    comparisons: ['<', '<='],
    units: { B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 },
    example: 'size < 4 MB',
    bound: (value, isStrict) => (isStrict ? Math.ceil(value) - 1 : Math.floor(value)),
  },
  p95: {
    key: 'p95MaxMs',
    comparisons: ['<', '<='],
    units: { ms: 1, s: 1_000 },
    example: 'p95 < 12 ms',
    bound: asGiven,
  },
}

const FORM =
  /^\s*(?<name>[a-z\d]+(?: [a-z]+)?)\s*(?<comparison><=|>=|<|>|==?)\s*(?<number>(?:\d+(?:\.\d+)?|\.\d+)(?:e-?\d+)?)\s*(?<unit>\S*)\s*$/i

/** Parses one goal. The message says which form it must have. */
export function parseGoal(text: string): GoalParse {
  const { name = '', comparison = '', number = '', unit = '' } = FORM.exec(text)?.groups ?? {}
  const metric = metrics[name.toLowerCase()]
  if (name === '') return wrong(`a goal looks like "${exampleTexts().join('", "')}"`)
  if (!metric) return wrong(`there is no goal for "${name}"; there are ${Object.keys(metrics).join(', ')}`)
  const { key, comparisons, units, example, bound } = metric
  if (!comparisons.includes(comparison))
    return wrong(`${name} takes ${comparisons.join(' or ')}, as in "${example}", not ${comparison}`)
  const factor = units[unit]
  if (factor === undefined)
    return wrong(
      `${name} takes a number in ${unitsText(units)}, as in "${example}", not "${number}${unit && ` ${unit}`}"`,
    )
  // 0.29 times 100 has a rest in binary; no goal has more than ten digits.
  const value = bound(Number((Number(number) * factor).toPrecision(10)), comparison === '<')
  const parsed = FidelityGoal.shape[key].safeParse(value)
  if (!parsed.success) return wrong(`${name} cannot be ${number}${unit}: ${parsed.error.issues[0]?.message}`)
  return { ok: true, goal: { [key]: value } }
}

/** Parses all goals of an optimisation. Goals for agreement and difference that nobody states have their defaults. */
export function parseGoals(
  texts: readonly string[],
): { ok: true; goal: FidelityGoal } | { ok: false; message: string } {
  let goal: Given = {}
  for (const text of texts) {
    const parsed = parseGoal(text)
    if (!parsed.ok) return parsed
    const [twice] = Object.keys(parsed.goal).filter((key) => key in goal)
    if (twice !== undefined) return wrong(`"${text.trim()}" is a second goal of its kind; give one`)
    goal = { ...goal, ...parsed.goal }
  }
  return { ok: true, goal: FidelityGoal.parse(goal) }
}

/** Writes the goals as texts that `parseGoals` reads. */
export function goalTexts(goal: FidelityGoal): string[] {
  const { agreementMin, differenceMax, accuracyDropMax, errorRiseMax, sizeMaxBytes, p95MaxMs } = goal
  return [
    `agreement >= ${agreementMin}`,
    `difference <= ${differenceMax} σ`,
    ...(accuracyDropMax === undefined ? [] : [`accuracy drop <= ${percentOf(accuracyDropMax)}%`]),
    ...(errorRiseMax === undefined ? [] : [`error rise <= ${percentOf(errorRiseMax)}%`]),
    ...(sizeMaxBytes === undefined ? [] : [`size <= ${sizeMaxBytes} B`]),
    ...(p95MaxMs === undefined ? [] : [`p95 < ${p95MaxMs} ms`]),
  ]
}

/** The goals in one line. A build needs one of the first two. */
export function goalLine(goal: FidelityGoal): string {
  const [agreement, difference, ...others] = goalTexts(goal)
  return [`${agreement} or ${difference}`, ...others].join(', ')
}

const percentOf = (share: number) => Number((share * 100).toPrecision(10))

const exampleTexts = () => Object.values(metrics).map(({ example }) => example)

const unitsText = (units: Metric['units']) =>
  Object.keys(units)
    .map((unit) => (unit === '' ? 'no unit' : unit))
    .join(', ')

const wrong = (message: string) => ({ ok: false as const, message })
