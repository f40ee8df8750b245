/**
 * Learn schedule: finds the hours in which a scaled number was above its minimum on most days, and makes a schedule of
 * them. It reads the number that the rule itself chose, so that it serves each metric alike. It counts no hour in which
 * an earlier schedule decided the number: that tells nothing about the load.
 */
import {
  DAY_HOURS,
  SCHEDULE_MAX,
  type ScaleStep,
  type Scaling,
  type ScheduledMin,
} from '@skerry/contract/scaling/scaling'
import type { DayClass, LearntWindow, ScheduleProposalPart } from '@skerry/contract/scaling/schedule-proposal'

export type LearnFacts = {
  /** The steps of each device, or of the replicas: the oldest first, all since `fromMs`. */
  courses: readonly (readonly ScaleStep[])[]
  fromMs: number
  nowMs: number
  timeZone: string
  /** Whether the window is open at the time. */
  isOpen(window: ScheduledMin, atMs: number): boolean
}

const HOUR_MS = 3_600_000

/** Working days that must agree. A weekend has two. */
const DAYS_MIN: Readonly<Record<DayClass, number>> = { every: 5, working: 3, weekend: 2 }

/** From so many days on, one may be quieter. */
const EXCEPTION_DAYS = 5

/** Days of the week, as cron expressions have them. */
const CRON_DAYS: Readonly<Record<DayClass, string>> = { every: '*', working: '1-5', weekend: '0,6' }

/** What one hour of a day needs, by the days of one class. */
type HourNeed = { min: number; seenDays: number; quieterDays: number }

/** The proposal for one policy. The same facts give the same proposal. */
export function learnSchedule(policy: Scaling, facts: LearnFacts): ScheduleProposalPart {
  const { schedule = [] } = policy
  const nothing = (why: ScheduleProposalPart['nothing']): ScheduleProposalPart => ({
    policy,
    windows: [],
    schedule,
    nothing: why,
  })
  if (facts.courses.every((steps) => steps.length === 0)) return nothing('no_steps')
  const days = levelsByDay(policy, facts)
  const needs = (['working', 'weekend'] as const).map((kind) => ({ kind, hours: hoursOf(kind, days) }))
  if (needs.every(({ hours }) => hours.every((hour) => hour === undefined))) return nothing('few_days')
  const found = alike(needs).flatMap(({ kind, hours }) => windowsOf(kind, hours, policy, facts.timeZone))
  if (found.length === 0) return nothing('no_rhythm')
  if (schedule.length >= SCHEDULE_MAX) return nothing('schedule_full')
  const ranked = found.toSorted((a, b) => gainOf(b, policy) - gainOf(a, policy))
  const windows = fitting(ranked.slice(0, SCHEDULE_MAX - schedule.length), policy, days)
  if (windows.length === 0) return nothing('over_budget')
  return { policy, windows, schedule: [...schedule, ...windows.map(({ window }) => window)] }
}

type DayHours = {
  kind: 'working' | 'weekend'
  levels: (number | undefined)[]
  /** Unit hours that the policy asks for without a load: its minimum, and its schedule. */
  sureHours: number
}

/** For each local day, the level of each hour: the median of the courses that know it. */
function levelsByDay(policy: Scaling, { courses, fromMs, nowMs, timeZone, isOpen }: LearnFacts): DayHours[] {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: '2-digit',
    month: '2-digit',
    hour: '2-digit',
    hourCycle: 'h23',
  })
  const days = new Map<string, DayHours>()
  // Time zones differ from UTC by quarters of an hour: a full hour of UTC lies in two of theirs, and the earlier one counts.
  for (let atMs = Math.ceil(fromMs / HOUR_MS) * HOUR_MS; atMs + HOUR_MS <= nowMs; atMs += HOUR_MS) {
    const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, value]))
    const weekday = parts.get('weekday')
    const key = `${parts.get('month')}-${parts.get('day')}`
    const day = days.get(key) ?? {
      kind: weekday === 'Sat' || weekday === 'Sun' ? 'weekend' : 'working',
      levels: new Array<number | undefined>(DAY_HOURS).fill(undefined),
      sureHours: 0,
    }
    days.set(key, day)
    const open = (policy.schedule ?? []).filter((window) => isOpen(window, atMs + HOUR_MS / 2))
    day.sureHours += open.reduce((most, { min }) => Math.max(most, min), policy.min)
    if (open.length > 0) continue
    const known = courses.flatMap((steps) => levelOf(steps, atMs) ?? []).toSorted((a, b) => a - b)
    day.levels[Number(parts.get('hour'))] = known[Math.floor((known.length - 1) / 2)]
  }
  return [...days.values()]
}

/** The largest number that was there for at least half of the hour; undefined if the steps do not tell. */
function levelOf(steps: readonly ScaleStep[], startMs: number): number | undefined {
  const endMs = startMs + HOUR_MS
  const [first] = steps
  if (!first || first.atMs > startMs) return undefined
  const parts: { level: number; forMs: number }[] = []
  for (const [at, { atMs, to }] of steps.entries()) {
    const untilMs = steps[at + 1]?.atMs ?? Number.POSITIVE_INFINITY
    const forMs = Math.min(untilMs, endMs) - Math.max(atMs, startMs)
    if (forMs > 0) parts.push({ level: to, forMs })
  }
  parts.sort((a, b) => b.level - a.level)
  let heldMs = 0
  return parts.find(({ forMs }) => {
    heldMs += forMs
    return heldMs >= HOUR_MS / 2
  })?.level
}

/** The need of each hour on days of the kind. Undefined where too few days are known. */
function hoursOf(kind: 'working' | 'weekend', days: readonly DayHours[]): (HourNeed | undefined)[] {
  const ofKind = days.filter((day) => day.kind === kind)
  return Array.from({ length: DAY_HOURS }, (_, hour) => {
    const levels = ofKind.flatMap((day) => day.levels[hour] ?? []).toSorted((a, b) => a - b)
    if (levels.length < DAYS_MIN[kind]) return undefined
    const min = levels[levels.length >= EXCEPTION_DAYS ? 1 : 0] ?? 0
    return { min, seenDays: levels.length, quieterDays: levels.filter((level) => level < min).length }
  })
}

type ClassNeed = { kind: DayClass; hours: readonly (HourNeed | undefined)[] }

/** One class for all days where both need the same. */
function alike(needs: readonly ClassNeed[]): ClassNeed[] {
  const [working, weekend] = needs
  if (!working || !weekend) return [...needs]
  const isSame = working.hours.every((hour, at) => hour !== undefined && hour.min === weekend.hours[at]?.min)
  if (!isSame) return [...needs]
  const hours = working.hours.map((hour, at) => {
    const other = weekend.hours[at]
    if (!hour || !other) return undefined
    return {
      min: hour.min,
      seenDays: hour.seenDays + other.seenDays,
      quieterDays: hour.quieterDays + other.quieterDays,
    }
  })
  return [{ kind: 'every', hours }]
}

/** Neighbouring hours with the same need are one window. None passes midnight: its class of days ends there. */
function windowsOf(
  kind: DayClass,
  hours: readonly (HourNeed | undefined)[],
  policy: Scaling,
  timeZone: string,
): LearntWindow[] {
  const windows: LearntWindow[] = []
  for (let hour = 0; hour < DAY_HOURS; hour += 1) {
    const need = hours[hour]
    if (!need || need.min <= policy.min) continue
    const start = hour
    let { seenDays, quieterDays } = need
    while (hours[hour + 1]?.min === need.min) {
      hour += 1
      seenDays = Math.min(seenDays, hours[hour]?.seenDays ?? seenDays)
      quieterDays = Math.max(quieterDays, hours[hour]?.quieterDays ?? 0)
    }
    const window: ScheduledMin = {
      cron: `0 ${start} * * ${CRON_DAYS[kind]}`,
      timeZone,
      durationSeconds: (hour + 1 - start) * 3_600,
      min: Math.min(need.min, policy.max),
    }
    windows.push({ window, days: kind, seenDays, quieterDays })
  }
  return windows
}

/** Unit hours of a day that the window adds to the minimum. */
const gainOf = ({ window: { min, durationSeconds } }: LearntWindow, policy: Scaling): number =>
  ((min - policy.min) * durationSeconds) / 3_600

/** The windows whose hours fit into the budget of a day, the largest gain first. */
function fitting(windows: readonly LearntWindow[], policy: Scaling, days: readonly DayHours[]): LearntWindow[] {
  const { budgetHours = Number.POSITIVE_INFINITY } = policy
  const sure = (kind: DayHours['kind']) =>
    days.reduce((most, day) => (day.kind === kind ? Math.max(most, day.sureHours) : most), 0)
  const used = { working: sure('working'), weekend: sure('weekend') }
  return windows.filter((window) => {
    const gain = gainOf(window, policy)
    const kinds = (['working', 'weekend'] as const).filter((kind) => window.days === 'every' || window.days === kind)
    if (kinds.some((kind) => used[kind] + gain > budgetHours)) return false
    for (const kind of kinds) used[kind] += gain
    return true
  })
}
