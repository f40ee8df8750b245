/** Slice check: how good the answers are for each value of a column, and how far the slices lie apart. */
import type { SliceCheck } from '@skerry/contract/checks/check-file'
import { classificationOf, classText, errorOf, regressionOf } from '../captures/performance.ts'
import { numberText } from '../captures/prediction.ts'
import type { Verdict } from './verdict.ts'

/** One row of the table: its slice, its label, and the answer; undefined if the model gave none. */
export type AnsweredRow = { slice: string; label: string; predicted: string | undefined }

type Rule = Pick<SliceCheck, 'task' | 'atLeast' | 'atMost' | 'gap' | 'rowsMin'>
type Figure = 'accuracy' | 'mae' | 'rmse'
type Slice = { name: string; rows: number; figures: Partial<Record<Figure, number>> }

const FIGURES: readonly Figure[] = ['accuracy', 'mae', 'rmse']

/** Each slice must keep the limits. A slice of few rows is shown, and not judged. */
export function judgeSlices(rows: readonly AnsweredRow[], rule: Rule): Verdict {
  const slices = slicesOf(rows, rule.task)
  const judged = slices.filter((slice) => slice.rows >= rule.rowsMin)
  const limit = limitText(rule)
  if (judged.length === 0)
    return { passed: false, measured: `no slice has ${rule.rowsMin} rows; the table has ${rows.length}`, limit }
  const faults = [...judged.flatMap((slice) => sliceFaults(slice, rule)), ...gapFaults(judged, rule.gap)]
  const left = slices.length - judged.length
  const small = left === 0 ? '' : `; ${left} with fewer than ${rule.rowsMin} rows not judged`
  const all = `${judged.length} of ${slices.length} slices judged, worst ${worstText(judged, rule.task)}${small}`
  return {
    passed: faults.length === 0,
    measured: faults.length === 0 ? all : `${faults.slice(0, FAULTS_SHOWN).join('; ')}${small}`,
    limit,
  }
}

/** A person corrects the worst ones first, and a line has an end. */
const FAULTS_SHOWN = 8

function slicesOf(rows: readonly AnsweredRow[], task: Rule['task']): Slice[] {
  const groups = Map.groupBy(rows, ({ slice }) => slice)
  return [...groups].map(([name, group]) => ({ name, rows: group.length, figures: figuresOf(group, task) }))
}

/** A row without an answer is wrong; a number that is missing makes the error infinite. */
function figuresOf(rows: readonly AnsweredRow[], task: Rule['task']): Slice['figures'] {
  if (task === 'classification') {
    const pairs = rows.map(({ predicted = '', label }) => ({
      predicted: classText(predicted),
      label: classText(label),
      rows: 1,
    }))
    return { accuracy: classificationOf(pairs).accuracy ?? 0 }
  }
  const errors = rows.map(({ predicted = '', label }) =>
    Math.abs(errorOf(predicted, label) ?? Number.POSITIVE_INFINITY),
  )
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const { mae, rmse } = regressionOf({
    rows: rows.length,
    absolute: sum(errors),
    squared: sum(errors.map((error) => error * error)),
  })
  return { ...(mae !== undefined && { mae }), ...(rmse !== undefined && { rmse }) }
}

function sliceFaults({ name, rows, figures }: Slice, { atLeast = {}, atMost = {} }: Rule): string[] {
  return FIGURES.flatMap((figure) => {
    const least = figure === 'accuracy' ? atLeast.accuracy : undefined
    const most = figure === 'accuracy' ? undefined : atMost[figure]
    if (least === undefined && most === undefined) return []
    const value = figures[figure]
    if (value === undefined) return [`${name}: has no ${figure}; the task gives none`]
    const isGood = value >= (least ?? Number.NEGATIVE_INFINITY) && value <= (most ?? Number.POSITIVE_INFINITY)
    return isGood ? [] : [`${name}: ${figure} ${numberText(value)} of ${rows} rows`]
  })
}

function gapFaults(slices: readonly Slice[], gap: Rule['gap'] = {}): string[] {
  return FIGURES.flatMap((figure) => {
    const allowed = gap[figure]
    if (allowed === undefined) return []
    const sorted = slices
      .flatMap(({ name, figures }) => (figures[figure] === undefined ? [] : [{ name, value: figures[figure] }]))
      .toSorted((a, b) => a.value - b.value)
    const [low, high] = [sorted[0], sorted.at(-1)]
    if (!low || !high) return [`no slice has ${figure}; the task gives none`]
    const isGood = high.value - low.value <= allowed
    return isGood
      ? []
      : [`${figure} of ${low.name} is ${numberText(low.value)}, of ${high.name} ${numberText(high.value)}`]
  })
}

function worstText(slices: readonly Slice[], task: Rule['task']): string {
  const figure = task === 'classification' ? 'accuracy' : 'mae'
  const sign = task === 'classification' ? 1 : -1
  const [worst] = slices.toSorted((a, b) => sign * ((a.figures[figure] ?? 0) - (b.figures[figure] ?? 0)))
  return worst ? `${worst.name}: ${figure} ${numberText(worst.figures[figure] ?? 0)} of ${worst.rows} rows` : ''
}

function limitText({ atLeast = {}, atMost = {}, gap = {} }: Rule): string {
  const part = (
    values: Readonly<Record<string, number | undefined>>,
    words: (figure: string, value: number) => string,
  ) => Object.entries(values).flatMap(([figure, value]) => (value === undefined ? [] : [words(figure, value)]))
  return [
    ...part(atLeast, (figure, value) => `${figure} ${value} at least`),
    ...part(atMost, (figure, value) => `${figure} ${value} at most`),
    ...part(gap, (figure, value) => `${figure} ${value} apart at most`),
  ].join(', ')
}
