/**
 * Shadow: the alarms that a detector would have raised, and whether they keep the promise of few false alarms. The votes
 * are those of the alarm flow.
 */
import {
  type LearningShadow,
  type LearningSpec,
  SHADOW_ALARMS_MAX,
  type ShadowAlarm,
} from '@skerry/contract/learning/learning'
import { vote } from '../flow/votes.ts'
import { THRESHOLD, VOTES } from './alarm-flow.ts'

/** The answer of a detector to the window that ends at this time. Undefined parts: the window has a missing value. */
export type ShadowPoint = { atMs: number; score?: number; tag?: string }

/** The alarms in these answers, in the order of time. */
export function shadowAlarms(points: Iterable<ShadowPoint>): ShadowAlarm[] {
  const alarms: ShadowAlarm[] = []
  const votes: (boolean | undefined)[] = []
  let current: ShadowAlarm | undefined
  for (const { atMs, score, tag } of points) {
    votes.push(score === undefined ? undefined : score > THRESHOLD)
    if (votes.length > VOTES.last) votes.shift()
    // Missing votes that decide leave the alarm as it is, like the flow does.
    const isAlarm = vote(VOTES.k, votes) ?? current !== undefined
    if (!isAlarm) {
      current = undefined
      continue
    }
    if (!current) {
      current = { atMs, endedAtMs: atMs, tag: tag ?? 'unknown', score: score ?? THRESHOLD }
      alarms.push(current)
    }
    current.endedAtMs = atMs
    if (score === undefined || tag === undefined || score <= current.score) continue
    current.score = score
    current.tag = tag
  }
  return alarms
}

/** The figures of a shadow from the answers of its detector. */
export function shadowOf(points: readonly ShadowPoint[], rows: { rows: number; rowsWanted: number }): LearningShadow {
  const alarms = shadowAlarms(points)
  return {
    ...rows,
    windows: points.filter(({ score }) => score !== undefined).length,
    alarms: alarms.length,
    first: alarms.slice(0, SHADOW_ALARMS_MAX),
  }
}

/** A shadow that could judge fewer of its rows has seen too little of the machine. */
const JUDGED_SHARE_MIN = 0.5

/** `keeps`: the alarm may go live. `breaks`: a person looks at the alarms. `unknown`: too few rows could be judged. */
export type ShadowVerdict = { kind: 'keeps' | 'breaks' | 'unknown'; message: string }

/** The promise is taken by the word: so many alarms as it allows in this time, rounded down. */
export function judgeShadow(
  { rows, windows, alarms }: LearningShadow,
  { falseAlarmDays, everyMs, samples }: Pick<LearningSpec, 'falseAlarmDays' | 'everyMs' | 'samples'>,
): ShadowVerdict {
  const days = (rows * everyMs) / 86_400_000
  const expected = days / falseAlarmDays
  const counted = `the shadow raised ${alarms} ${alarms === 1 ? 'alarm' : 'alarms'} in ${timeText(days)}`
  const promise = `the promise is at most one in ${falseAlarmDays} ${falseAlarmDays === 1 ? 'day' : 'days'}`
  if (windows < JUDGED_SHARE_MIN * (rows - samples + 1))
    return { kind: 'unknown', message: `the shadow could judge only ${windows} windows of ${rows} rows` }
  if (alarms <= Math.floor(expected)) return { kind: 'keeps', message: `${counted}; ${promise}` }
  const chance = `a detector that keeps it raises so many with a chance of ${percentOf(atLeast(alarms, expected))}`
  return { kind: 'breaks', message: `${counted}; ${promise}, and ${chance}` }
}

const percentOf = (share: number) => `${Number((100 * share).toPrecision(2))} %`

function timeText(days: number): string {
  if (days >= 2) return `${Number(days.toPrecision(2))} days`
  const hours = days * 24
  return hours >= 1 ? `${Number(hours.toPrecision(2))} hours` : `${Math.round(hours * 3_600)} seconds`
}

/** The probability of so many rare events or more [Poisson]. */
function atLeast(count: number, expected: number): number {
  let term = Math.exp(-expected)
  let fewer = 0
  for (let at = 0; at < count; at += 1) {
    fewer += term
    term *= expected / (at + 1)
  }
  return Math.max(0, 1 - fewer)
}
