/**
 * Survey: the counts of a device as one line of words, and the statistics that follow from the sum of such lines. All words
 * are whole numbers, so that the sum of masked lines is exact.
 *
 * The line has the rows, then the rows of each class, then the part of each column: the values below the range, those of
 * each bin, those above, the missing ones, and two sums for the mean and the deviation.
 */
import { MASKED_UPDATES_MIN } from '@skerry/contract/campaigns/masking'
import {
  QUANTILE_SHARES,
  type SurveyColumn,
  type SurveyColumnResult,
  type SurveyNoise,
  type SurveyResult,
  type SurveySpec,
} from '@skerry/contract/campaigns/survey'
import { epsilonOf } from './budget.ts'
import { QUANTA, quantum, readSums, SUM_WORDS, writeSums } from './survey-sums.ts'

/** The parts of a survey by which a line is laid out. */
export type SurveyLayout = {
  classes: number
  /** Values of one row. */
  width: number
  columns: readonly Pick<SurveyColumn, 'at' | 'low' | 'high' | 'bins'>[]
}

/** The layout of the lines of a declared survey. */
export const layoutOf = ({ data, columns }: Pick<SurveySpec, 'data' | 'columns'>): SurveyLayout => ({
  classes: data.classes,
  width: data.shape.reduce((a, b) => a * b, 1),
  columns,
})

/** Below, above and missing. */
const OUTSIDE = 3

const HEAD = 1

const wordsOfColumn = ({ bins }: Pick<SurveyColumn, 'bins'>) => bins + OUTSIDE + SUM_WORDS

/** The words of a line. */
export const surveyWords = ({ classes, columns }: SurveyLayout): number =>
  columns.reduce((sum, column) => sum + wordsOfColumn(column), HEAD + classes)

/** The place of the part of each column. */
function* partsOf({ classes, columns }: SurveyLayout) {
  let at = HEAD + classes
  for (const column of columns) {
    yield { column, at }
    at += wordsOfColumn(column)
  }
}

/** The values of a column in one row. */
const valuesOfRow = ({ width }: SurveyLayout, { at }: Pick<SurveyColumn, 'at'>) => (at === undefined ? width : 1)

export type SurveyRows = { rows: number; data: ArrayLike<number>; labels: ArrayLike<number | bigint> }

/** The line of a device: it counts its own rows. */
export function countRows(layout: SurveyLayout, { rows, data, labels }: SurveyRows): Uint32Array {
  const words = new Uint32Array(surveyWords(layout))
  words[0] = rows
  for (let row = 0; row < rows; row += 1) addAt(words, HEAD + Number(labels[row]))
  for (const { column, at } of partsOf(layout)) {
    const [first, step] = column.at === undefined ? [0, 1] : [column.at, layout.width]
    countColumn(words.subarray(at, at + wordsOfColumn(column)), column, { data, first, step, end: rows * layout.width })
  }
  return words
}

function addAt(words: Uint32Array, place: number): void {
  words[place] = (words[place] ?? 0) + 1
}

type Strided = { data: ArrayLike<number>; first: number; step: number; end: number }

function countColumn(
  words: Uint32Array,
  { low, high, bins }: SurveyLayout['columns'][number],
  { data, first, step, end }: Strided,
): void {
  let sum = 0
  let squares = 0
  for (let i = first; i < end; i += step) {
    const value = data[i] ?? Number.NaN
    if (!Number.isFinite(value)) {
      addAt(words, bins + 2)
      continue
    }
    const quanta = quantum(value, low, high)
    sum += quanta
    squares += quanta * quanta
    if (value < low) addAt(words, 0)
    else if (value > high) addAt(words, bins + 1)
    // The upper edge belongs to the last bin.
    else addAt(words, 1 + Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins)))
  }
  writeSums(words.subarray(bins + OUTSIDE), { sum, squares })
}

type Line = ArrayLike<number>

const sumOf = (line: Line, start: number, end: number) => {
  let sum = 0
  for (let i = start; i < end; i += 1) sum += line[i] ?? 0
  return sum
}

/** Why the counts of a line contradict each other; undefined if they do not. */
export function lineTrouble(layout: SurveyLayout, line: Line): string | undefined {
  const rows = line[0] ?? 0
  const labelled = sumOf(line, HEAD, HEAD + layout.classes)
  if (labelled !== rows) return `${labelled} labels of ${rows} rows are counted`
  for (const { column, at } of partsOf(layout)) {
    const values = sumOf(line, at, at + column.bins + OUTSIDE)
    const wanted = rows * valuesOfRow(layout, column)
    if (values !== wanted) return `${values} values of a column are counted, and the rows have ${wanted}`
  }
  return undefined
}

/** Why no survey can be made of this declaration; undefined if one can. */
export function surveyTrouble({ columns, data, participants, privacy }: SurveySpec): string | undefined {
  const names = columns.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) return `two columns have the name ${twice}`
  const { width } = layoutOf({ data, columns })
  const outside = columns.find(({ at }) => at !== undefined && at >= width)
  if (outside) return `the column ${outside.name} is at ${outside.at}, and a row has ${width} values, from 0`
  if (privacy?.masks && participants.minimum < MASKED_UPDATES_MIN)
    return `in a sum of two, each device can compute the counts of the other one; set participants.minimum to ${MASKED_UPDATES_MIN} or more`
  return undefined
}

/** A word counts up to here before it wraps. */
const WORD_MAX = 2 ** 32 - 1

/** The devices whose values can be counted in words without wrapping, by the most rows of one of them. */
export const countedDevicesMax = ({ width }: SurveyLayout, rowsMax: number): number =>
  Math.floor(WORD_MAX / Math.max(1, rowsMax * width))

/**
 * [Dwork 2014, definition 3.8] The length by which the counts change if one row is replaced: its class, and each value of
 * it, leave one count and enter another.
 */
export function rowSensitivity(layout: SurveyLayout): number {
  const squares = layout.columns.reduce((sum, column) => sum + 2 * valuesOfRow(layout, column) ** 2, 2)
  return Math.sqrt(squares)
}

/** The privacy of a row that the result spends. */
export const surveyEpsilon = (noise: SurveyNoise): number => epsilonOf(noise, [{ sampleRate: 1, rounds: 1 }])

/** The counts with noise, as whole numbers from 0. The number of rows is known anyway, and stays. */
export function blurCounts(layout: SurveyLayout, line: Line, { multiplier }: SurveyNoise, normal: () => number) {
  const deviation = multiplier * rowSensitivity(layout)
  return Float64Array.from(line, (count, at) =>
    at < HEAD ? count : Math.max(0, Math.round(count + deviation * normal())),
  )
}

/** The statistics of the sum of so many lines. */
export function readSurvey(spec: SurveySpec, line: Line, devices: number): SurveyResult {
  const layout = layoutOf(spec)
  const noise = spec.privacy?.noise
  const columns = [...partsOf(layout)].map(({ column, at }, place) =>
    columnResult(spec.columns[place]?.name ?? '', column, {
      line: Array.from({ length: wordsOfColumn(column) }, (_, i) => line[at + i] ?? 0),
      isNoisy: noise !== undefined,
    }),
  )
  return {
    devices,
    rows: line[0] ?? 0,
    classes: Array.from({ length: layout.classes }, (_, at) => line[HEAD + at] ?? 0),
    columns,
    ...(noise && { epsilon: surveyEpsilon(noise) }),
  }
}

type ColumnLine = { line: readonly number[]; isNoisy: boolean }

function columnResult(
  name: string,
  column: SurveyLayout['columns'][number],
  { line, isNoisy }: ColumnLine,
): SurveyColumnResult {
  const { bins } = column
  const [below = 0] = line
  const counts = line.slice(1, bins + 1)
  const [above = 0, missing = 0] = line.slice(bins + 1)
  const values = below + above + counts.reduce((a, b) => a + b, 0)
  const isMeasured = values > 0 && !isNoisy
  return {
    name,
    counts,
    below,
    above,
    missing,
    ...(isMeasured && momentsOf(column, readSums(line.slice(bins + OUTSIDE)), values)),
    quantiles: quantilesOf(column, { below, counts, values }),
  }
}

function momentsOf({ low, high }: { low: number; high: number }, sums: ReturnType<typeof readSums>, values: number) {
  const mean = sums.sum / values / QUANTA
  const square = sums.squares / values / QUANTA ** 2
  const deviation = Math.sqrt(Math.max(0, square - mean * mean)) * (high - low)
  return { mean: low + mean * (high - low), deviation }
}

type Histogram = { below: number; counts: readonly number[]; values: number }

/** Inside of a bin, values are taken as equally spread: the error is at most the width of a bin. */
function quantilesOf(
  { low, high, bins }: { low: number; high: number; bins: number },
  { below, counts, values }: Histogram,
) {
  const width = (high - low) / bins
  const valueAt = (share: number): { value?: number } => {
    let left = share * values - below
    if (values === 0 || left < 0) return {}
    for (const [at, count] of counts.entries()) {
      if (left <= count && count > 0) return { value: low + width * (at + left / count) }
      left -= count
    }
    return {}
  }
  return QUANTILE_SHARES.map((share) => ({ share, ...valueAt(share) }))
}
