/**
 * Check rows: the properties of recorded rows by which no honest detector can be learned from them. Each finding names
 * the tag, and the next step of a person.
 */
import type { FindingCode, LearningFinding } from '@skerry/contract/learning/learning'
import { LEARNED_TAGS_MAX, wholeWindowsMin } from '@skerry/contract/learning/learning'
import { meanOf, medianOf, spreadOf } from './numbers.ts'
import { findUnitChange, UNIT_FACTORS } from './unit-change.ts'
import { columnOf, type TagRows, windowEnds } from './windows.ts'

/** Up to this share of missing values, windows without them are enough. */
const MISSING_SHARE_MAX = 0.2

/** A sensor that stands still for longer than this share of the recording, and moves otherwise, was stuck. */
const STUCK_SHARE_MAX = 0.2

/** Spikes of a loose contact: values so many spreads away, in more than this share of rows. */
const SPIKE_SPREADS = 12
const SPIKE_SHARE_MAX = 0.02

/** A tag with fewer different values is a state, and stands still for long when it is sound. */
const VALUES_OF_A_SIGNAL = 12

/** Means of two groups so many spreads apart are two regimes. A sine has 4.1, and a ramp 3.5. */
const REGIME_SPREADS = 7

/** A regime with fewer rows is an event, which learning leaves out. */
const REGIME_SHARE_MIN = 0.1

/** A median may be so far from the exact factor, because the machine has moved too. */
const FACTOR_TOLERANCE = 0.08

export function checkRows(rows: TagRows, samples: number, accept: readonly string[]): LearningFinding[] {
  const least = wholeWindowsMin(samples)
  const findings = rows.tags.flatMap((tag, at) => checkTag(tag, columnOf(rows, at)))
  const whole = windowEnds(rows, samples).length
  if (whole < least && !findings.some(({ code }) => code === 'missing_values'))
    findings.push({
      code: 'too_little_data',
      message: `the recording has ${whole} whole windows, and learning needs ${least}`,
      advice: 'learn for a longer time, or take a row more often',
    })
  const left = findings.filter(({ code }) => !accept.includes(code))
  if (left.length > 0 || whole >= Math.max(WINDOWS_LEAST, 2 * samples)) return left.slice(0, FINDINGS_MAX)
  return [
    {
      code: 'too_little_data',
      message: `the recording has ${whole} whole windows, and nothing can be learned from so few`,
      advice: 'mend the source or leave out tags without values, and learn for a longer time',
    },
  ]
}

/** Nobody can accept less: the rows are split in parts, and each needs windows. */
const WINDOWS_LEAST = 40

/** The contract of the result has no room for more. */
const FINDINGS_MAX = 2 * LEARNED_TAGS_MAX

function checkTag(tag: string, column: Float64Array): LearningFinding[] {
  const values = column.filter(Number.isFinite)
  const finding = (code: FindingCode, message: string, advice: string) => ({ code, tag, message, advice })
  const missing = column.length === 0 ? 0 : 1 - values.length / column.length
  if (missing > MISSING_SHARE_MAX)
    return [
      finding(
        'missing_values',
        `${tag} has no good value in ${percent(missing)} of the rows`,
        'look at the source with "skerry source show", mend it, or leave the tag out; then learn again',
      ),
    ]
  if (values.length < 2) return []
  const constant = values.every((value) => value === values[0])
  if (constant)
    return [
      finding(
        'constant_tag',
        `${tag} had one value all the time: ${values[0]}`,
        'leave the tag out, or learn while it moves; a constant tag teaches nothing',
      ),
    ]
  return [faulty(tag, values), changed(tag, values)].flatMap((found) => found ?? [])
}

const percent = (share: number) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`

function faulty(tag: string, values: Float64Array): LearningFinding | undefined {
  const advice = 'check the sensor, and learn again from a time in which it was sound'
  const isSignal = new Set(values).size >= VALUES_OF_A_SIGNAL
  const still = longestRun(values) / values.length
  if (isSignal && still > STUCK_SHARE_MAX) {
    const message = `${tag} stood still for ${percent(still)} of the time, and moved in the rest: it was stuck`
    return { code: 'source_faulty', tag, message, advice }
  }
  const middle = medianOf(values)
  const spread = spreadOf(values)
  const far = values.filter((value) => Math.abs(value - middle) > SPIKE_SPREADS * spread).length / values.length
  // A regime of its own is no row of spikes: spikes stand alone.
  if (isSignal && spread > 0 && far > SPIKE_SHARE_MAX && far < REGIME_SHARE_MIN) {
    const message = `${tag} jumped far away in ${percent(far)} of the rows, as a loose contact does`
    return { code: 'source_faulty', tag, message, advice }
  }
  return undefined
}

function longestRun(values: Float64Array): number {
  let longest = 0
  let run = 0
  for (let at = 0; at < values.length; at += 1) {
    run = at > 0 && values[at] === values[at - 1] ? run + 1 : 1
    longest = Math.max(longest, run)
  }
  return longest
}

/** A level that differs between two parts of the recording: another unit, or another regime. */
function changed(tag: string, values: Float64Array): LearningFinding | undefined {
  const groups = twoGroups(values)
  if (!groups) return changedUnit(tag, values)
  const { low, high, isOneChange, isFirstLow } = groups
  const [before, after] = isFirstLow ? [low, high] : [high, low]
  const unit = isOneChange ? unitBetween(before, after) : undefined
  if (unit !== undefined) return unitFinding(tag, `from about ${short(before)} to about ${short(after)}, ${unit}`)
  return {
    code: 'two_regimes',
    tag,
    message: `${tag} has two regimes, about ${short(low)} and about ${short(high)}, such as day and night`,
    advice:
      'learn one detector for each regime, or add the tag that tells them apart and accept this with --accept two_regimes',
  }
}

/** The values of both units overlap, so they have no two levels. */
function changedUnit(tag: string, values: Float64Array): LearningFinding | undefined {
  const found = findUnitChange(values)
  if (!found) return undefined
  const { before, after, factor } = found
  return unitFinding(tag, `from about ${short(before)} to about ${short(after)}, a factor of ${short(factor)}`)
}

const unitFinding = (tag: string, change: string): LearningFinding => ({
  code: 'unit_changed',
  tag,
  message: `${tag} changed once ${change}: its unit seems to have changed`,
  advice: 'correct the scaling of the tag, and learn again from rows of one unit',
})

const short = (value: number) => String(Number(value.toPrecision(3)))

type Groups = { low: number; high: number; isOneChange: boolean; isFirstLow: boolean }

/** Two means [Lloyd 1982], if they are far apart and each has enough rows. */
function twoGroups(values: Float64Array): Groups | undefined {
  let low = values.reduce((a, b) => Math.min(a, b))
  let high = values.reduce((a, b) => Math.max(a, b))
  for (let step = 0; step < 20; step += 1) {
    const cut = (low + high) / 2
    low = meanOf(values.filter((value) => value <= cut))
    high = meanOf(values.filter((value) => value > cut))
  }
  const cut = (low + high) / 2
  const below = values.filter((value) => value <= cut)
  const above = values.filter((value) => value > cut)
  const share = Math.min(below.length, above.length) / values.length
  if (share < REGIME_SHARE_MIN) return undefined
  const within = Math.sqrt((sumOfSquares(below, low) + sumOfSquares(above, high)) / values.length)
  if (new Set(values).size <= 2 || high - low < REGIME_SPREADS * within) return undefined
  const crossings = values.filter((value, at) => at > 0 && value > cut !== (values[at - 1] ?? 0) > cut).length
  return { low, high, isOneChange: crossings === 1, isFirstLow: (values[0] ?? 0) <= cut }
}

const sumOfSquares = (values: Float64Array, mean: number) => values.reduce((sum, value) => sum + (value - mean) ** 2, 0)

/** The conversion that the change looks like. */
function unitBetween(before: number, after: number): string | undefined {
  const isNear = (a: number, b: number) => Math.abs(a - b) <= FACTOR_TOLERANCE * Math.abs(b)
  if (isNear(after, before * 1.8 + 32) || isNear(before, after * 1.8 + 32)) return 'as between °C and °F'
  if (isNear(Math.abs(after - before), 273.15) && Math.abs(after - before) > 270) return 'as between °C and K'
  for (const factor of UNIT_FACTORS)
    for (const one of [factor, 1 / factor]) if (isNear(after, before * one)) return `a factor of ${short(one)}`
  return undefined
}
