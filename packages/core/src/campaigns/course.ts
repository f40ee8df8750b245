/**
 * Course: the life of a campaign as a pure reducer. The hub stores the course after each event and derives its next work
 * from it, so that a crash at any point repeats that work and nothing else.
 *
 *     select ─▶ train ─▶ aggregate ─▶ select (the next round) ... ─▶ select ─▶ evaluate ─▶ publish ─▶ done
 *        ▲        │ too few updates
 *        └────────┘ at most three attempts, then failed
 *
 * The training of a masked round has four stages: keys, shares, update and reveal. Each ends as a training ends.
 *
 * A report of round N also has the evaluation of the weights of round N - 1. After the last round, devices only evaluate.
 */
import { type CampaignPhase, type CampaignSpec, isCampaignOver } from '@skerry/contract/campaigns/campaign'
import type { MaskStage } from '@skerry/contract/campaigns/masking'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeviceId } from '@skerry/contract/values/ids'
import { epsilonOf, isOverBudget, type SpentRounds, spendRound } from './budget.ts'
import { staleMaxOf } from './buffered.ts'
import { isBetter, type Metric } from './metric.ts'

export type CampaignCourse = {
  phase: CampaignPhase
  isPaused: boolean
  /** From 1. One more than the last round while devices evaluate its weights. */
  round: number
  attempt: number
  /** The weights that the round starts from. */
  weights: Digest
  /** The end of the training: stop rules can set it before the last declared round. */
  lastRound: number
  /** When the phase began. */
  sinceMs: number
  deadlineMs?: number
  /** Of the training of a masked round. */
  stage?: MaskStage
  /** The most rows of a device of this attempt, by which updates are weighed in a masked round. */
  rowsMax?: number
  /** With noise: the probability with which a device takes part in the round that runs. */
  sampleRate?: number
  /** With corrected steps: the devices of which those of the round are a part. */
  fleet?: number
  /** With noise: the rounds whose sum is part of the weights, and the ε that they have spent. */
  spent?: SpentRounds[]
  epsilon?: number
  /** When the minimum of updates was reached. */
  reachedAtMs?: number
  /** Of the newest evaluated weights. */
  accuracy?: number
  error?: number
  best?: { round: number } & Partial<Metric>
  reason?: string
  /** Why the training ended before the last declared round. */
  ending?: string
  version?: number
}

/** The participants of the present attempt, counted by the hub. */
export type RoundTally = {
  asked: number
  reported: number
  ended: number
  /** The reports that are enough, if it is not the minimum of the campaign. */
  needed?: number
  /** Nobody is left out because others were faster: the round waits for each device until its deadline, or for sums. */
  isPatient?: boolean
}

/** Undefined if no device evaluated. */
export type RoundEvaluation = Metric | undefined

export type CampaignEvent =
  | ({ kind: 'selected'; devices: readonly DeviceId[] } & Selected)
  | { kind: 'lacking'; eligible: number; nowMs: number }
  | { kind: 'tallied'; tally: RoundTally; nowMs: number }
  | { kind: 'aggregated'; round: number; weights: Digest; evaluation: RoundEvaluation; nowMs: number }
  /** A survey has its result. */
  | { kind: 'surveyed'; round: number; nowMs: number }
  | { kind: 'unmaskable'; round: number; reason: string; nowMs: number }
  | { kind: 'evaluated'; round: number; evaluation: RoundEvaluation; nowMs: number }
  | { kind: 'published'; version: number; nowMs: number }
  | { kind: 'failed'; reason: string; nowMs: number }
  | { kind: 'paused'; reason: string; nowMs: number }
  | { kind: 'resumed'; nowMs: number }
  | { kind: 'stopped'; reason: string; nowMs: number }

/** A line that fails three times in a row has a cause that a person must find. */
export const ATTEMPTS_MAX = 3

/** A device that is only there at weekends gets its chance. */
export const WAIT_MAX_MS = 7 * 86_400_000

/** Late devices get half as much time again as the minimum needed, and at least this. */
const GRACE_MS = 1_000
const GRACE_SHARE = 0.5

export const beginCourse = (spec: CampaignSpec, weights: Digest, nowMs: number): CampaignCourse => ({
  phase: 'select',
  isPaused: false,
  round: 1,
  attempt: 1,
  weights,
  lastRound: spec.rounds,
  sinceMs: nowMs,
})

/** Whether the devices of this round only evaluate. */
export const isFinalRound = ({ round, lastRound }: Pick<CampaignCourse, 'round' | 'lastRound'>): boolean =>
  round > lastRound

/** The course after the event. An event that does not fit the phase changes nothing: it is late, or came twice. */
export function reduceCourse(spec: CampaignSpec, course: CampaignCourse, event: CampaignEvent): CampaignCourse {
  if (isCampaignOver(course.phase)) return course
  if (event.kind === 'stopped') return end(course, 'stopped', event)
  if (event.kind === 'failed') return end(course, 'failed', event)
  if (event.kind === 'paused') return paused(course, event)
  if (event.kind === 'resumed')
    return course.isPaused ? begin({ ...course, isPaused: false }, course.phase, event) : course
  return course.isPaused ? course : progressed(spec, course, event)
}

type Progress = Exclude<CampaignEvent, { kind: 'stopped' | 'failed' | 'paused' | 'resumed' }>

function progressed(spec: CampaignSpec, course: CampaignCourse, event: Progress): CampaignCourse {
  switch (event.kind) {
    case 'selected':
      return course.phase === 'select' ? selected(spec, course, event) : course
    case 'lacking':
      return course.phase === 'select' ? lacking(spec, course, event) : course
    case 'tallied':
      return tallied(spec, course, event)
    case 'aggregated':
    case 'surveyed':
    case 'unmaskable':
    case 'evaluated':
      return event.round === course.round ? joined(spec, course, event) : course
    case 'published':
      return course.phase === 'publish' ? { ...begin(course, 'done', event), version: event.version } : course
  }
}

type Joining = Extract<CampaignEvent, { kind: 'aggregated' | 'surveyed' | 'unmaskable' | 'evaluated' }>

/** The hub has joined the reports of the round, or could not. */
function joined(spec: CampaignSpec, course: CampaignCourse, event: Joining): CampaignCourse {
  const { phase } = course
  if (event.kind === 'evaluated') return phase === 'evaluate' ? judged(spec, course, event) : course
  if (phase !== 'aggregate') return course
  if (event.kind === 'surveyed') return begin(course, 'done', event)
  return event.kind === 'aggregated' ? aggregated(spec, course, event) : repeated(course, event)
}

/** A new phase. The facts of the phase before are gone. */
function begin(course: CampaignCourse, phase: CampaignPhase, { nowMs }: { nowMs: number }): CampaignCourse {
  const { deadlineMs: _deadline, reachedAtMs: _reached, reason: _reason, stage: _stage, ...kept } = course
  return { ...kept, phase, sinceMs: nowMs }
}

const end = (
  course: CampaignCourse,
  phase: 'failed' | 'stopped',
  event: { reason: string; nowMs: number },
): CampaignCourse => ({ ...begin(course, phase, event), isPaused: false, reason: event.reason })

/** The attempt that runs is given up: its devices may be asked to end. The publication of a result is not. */
function paused(course: CampaignCourse, { reason, nowMs }: { reason: string; nowMs: number }): CampaignCourse {
  if (course.isPaused) return course
  const isOpen = course.phase === 'train' || course.phase === 'evaluate'
  const attempt = isOpen ? course.attempt + 1 : course.attempt
  return { ...begin(course, isOpen ? 'select' : course.phase, { nowMs }), attempt, isPaused: true, reason }
}

type Selected = { rowsMax?: number; sampleRate?: number; fleet?: number; nowMs: number }

function selected(spec: CampaignSpec, course: CampaignCourse, event: Selected): CampaignCourse {
  const noise = spec.privacy?.noise
  const { sampleRate } = event
  if (!noise || sampleRate === undefined || isFinalRound(course)) return begunRound(spec, course, event)
  if (!isOverBudget(noise, course.spent ?? [], sampleRate)) return begunRound(spec, { ...course, sampleRate }, event)
  if (course.round === 1) {
    const reason = `the first round would spend more than ε ${noise.epsilonMax}; raise privacy.noise.multiplier, or select fewer of the devices`
    return end(course, 'failed', { reason, nowMs: event.nowMs })
  }
  const ending = `another round would spend more than ε ${noise.epsilonMax}`
  return begunRound(spec, { ...course, lastRound: course.round - 1, ending }, event)
}

function begunRound(spec: CampaignSpec, course: CampaignCourse, event: Selected): CampaignCourse {
  const deadlineMs = event.nowMs + spec.deadlineSeconds * 1_000
  if (isFinalRound(course)) return { ...begin(course, 'evaluate', event), deadlineMs }
  const { fleet } = event
  if (!spec.privacy?.masks)
    return { ...begin(course, 'train', event), deadlineMs, ...(fleet !== undefined && { fleet }) }
  return { ...beginStage(spec, course, 'keys', event.nowMs), rowsMax: event.rowsMax ?? 1 }
}

/** Keys and shares are small messages. A device that is not there now has vanished. */
const EXCHANGE_MAX_MS = 120_000

function beginStage(spec: CampaignSpec, course: CampaignCourse, stage: MaskStage, nowMs: number): CampaignCourse {
  const wholeMs = spec.deadlineSeconds * 1_000
  const spanMs = stage === 'update' ? wholeMs : Math.min(wholeMs, EXCHANGE_MAX_MS)
  return { ...begin(course, 'train', { nowMs }), stage, deadlineMs: nowMs + spanMs }
}

const NEXT_STAGE = { keys: 'shares', shares: 'update', update: 'reveal', reveal: undefined } as const

function lacking(
  { participants: { minimum } }: CampaignSpec,
  course: CampaignCourse,
  { eligible, nowMs }: { eligible: number; nowMs: number },
): CampaignCourse {
  const reason = `${eligible} of ${minimum} devices are connected and may take part`
  if (nowMs - course.sinceMs < WAIT_MAX_MS) return { ...course, reason: `waiting: ${reason}` }
  // The weights exist: only their accuracy stays unknown.
  if (isFinalRound(course)) return begin(course, 'publish', { nowMs })
  return end(course, 'failed', { reason: `after a week of waiting, only ${reason}`, nowMs })
}

type Tallied = { tally: RoundTally; nowMs: number }

function tallied(spec: CampaignSpec, course: CampaignCourse, event: Tallied): CampaignCourse {
  const { tally, nowMs } = event
  if (course.phase !== 'train' && course.phase !== 'evaluate') return course
  const { participants } = spec
  const minimum = tally.needed ?? participants.minimum
  const isReached = tally.reported >= minimum
  const reached = isReached && course.reachedAtMs === undefined ? { ...course, reachedAtMs: nowMs } : course
  // With a buffer, nobody waits for the others.
  const isFull = isReached && staleMaxOf(spec) !== undefined
  if (!isFull && !isRoundOver(reached, tally, nowMs)) return reached
  if (course.phase === 'evaluate') return reached
  if (!isReached) {
    const kind = course.stage === undefined ? 'updates' : `answers with ${STAGE_WORDS[course.stage]}`
    return repeated(course, { nowMs, reason: `round ${course.round} got ${tally.reported} of ${minimum} ${kind}` })
  }
  const next = course.stage && NEXT_STAGE[course.stage]
  return next ? beginStage(spec, reached, next, nowMs) : begin(reached, 'aggregate', event)
}

/** Whether two courses need the same work. Another hub may have moved the campaign on while this one counted or chose. */
export const isSameWork = (one: CampaignCourse, other: CampaignCourse): boolean =>
  one.phase === other.phase && one.round === other.round && one.attempt === other.attempt && one.stage === other.stage

/** All devices have answered, or the others have had their time. */
export function isRoundOver(course: CampaignCourse, { asked, isPatient }: RoundTally, nowMs: number): boolean {
  const { sinceMs, reachedAtMs, deadlineMs = 0 } = course
  if (asked === 0 || nowMs >= deadlineMs) return true
  if (reachedAtMs === undefined || isPatient) return false
  return nowMs >= reachedAtMs + GRACE_MS + GRACE_SHARE * (reachedAtMs - sinceMs)
}

const STAGE_WORDS = { keys: 'keys', shares: 'shares', update: 'masked updates', reveal: 'shares of masks' } as const

function repeated(course: CampaignCourse, { reason, nowMs }: { reason: string; nowMs: number }): CampaignCourse {
  if (course.attempt >= ATTEMPTS_MAX)
    return end(course, 'failed', { reason: `${reason} in ${course.attempt} attempts`, nowMs })
  return { ...begin(course, 'select', { nowMs }), attempt: course.attempt + 1, reason }
}

type Aggregated = { round: number; weights: Digest; evaluation: RoundEvaluation; nowMs: number }

/** The evaluation is that of the weights of the round before. */
function aggregated(spec: CampaignSpec, course: CampaignCourse, event: Aggregated): CampaignCourse {
  const { weights, evaluation } = event
  const known = withSpending(spec, withMetric(course, evaluation))
  const reason = stopReason(spec, known)
  const next = { ...begin(known, 'select', event), round: course.round + 1, attempt: 1, weights }
  return reason === undefined ? next : { ...next, lastRound: course.round, ending: reason }
}

function withSpending({ privacy }: CampaignSpec, course: CampaignCourse): CampaignCourse {
  if (!privacy?.noise) return course
  const spent = spendRound(course.spent ?? [], course.sampleRate ?? 1)
  return { ...course, spent, epsilon: epsilonOf(privacy.noise, spent) }
}

function withMetric(course: CampaignCourse, evaluation: RoundEvaluation): CampaignCourse {
  if (!evaluation) return course
  const isBest = course.best === undefined || isBetter(evaluation, course.best)
  return { ...course, ...evaluation, ...(isBest && { best: { round: course.round - 1, ...evaluation } }) }
}

function stopReason({ stop }: CampaignSpec, { accuracy, error, best, round }: CampaignCourse): string | undefined {
  if ((accuracy ?? error) === undefined || round < 2) return undefined
  if (accuracy !== undefined && stop.accuracy !== undefined && accuracy >= stop.accuracy)
    return `the accuracy reached ${stop.accuracy}`
  if (error !== undefined && stop.error !== undefined && error <= stop.error)
    return `the mean error fell to ${stop.error}`
  const name = error === undefined ? 'accuracy' : 'mean error'
  if (stop.patience !== undefined && best && round - 1 - best.round >= stop.patience)
    return `the ${name} has not improved for ${stop.patience} rounds`
  return undefined
}

type Evaluated = { evaluation: RoundEvaluation; nowMs: number }

function judged({ result }: CampaignSpec, course: CampaignCourse, event: Evaluated): CampaignCourse {
  const known = withMetric(course, event.evaluation)
  const reason = resultTrouble(result, event.evaluation)
  return reason === undefined ? begin(known, 'publish', event) : end(known, 'failed', { reason, nowMs: event.nowMs })
}

function resultTrouble({ accuracyMin, errorMax }: CampaignSpec['result'], found: RoundEvaluation): string | undefined {
  if (accuracyMin === undefined && errorMax === undefined) return undefined
  if (!found) return 'no device evaluated the result with a finite figure, so it is not published'
  const { accuracy, error } = found
  if (accuracy !== undefined && accuracyMin !== undefined && accuracy < accuracyMin)
    return `the accuracy of ${accuracy.toFixed(3)} is below ${accuracyMin}, so the result is not published`
  if (error !== undefined && errorMax !== undefined && error > errorMax)
    return `the mean error of ${Number(error.toPrecision(4))} is above ${errorMax}, so the result is not published`
  return undefined
}

/** The work that the hub has to do next. `rest`: until a report arrives, or the time passes. */
export type CampaignWork = 'select' | 'collect' | 'aggregate' | 'publish' | 'rest'

export function nextWork({ phase, isPaused }: Pick<CampaignCourse, 'phase' | 'isPaused'>): CampaignWork {
  if (isPaused || isCampaignOver(phase)) return 'rest'
  if (phase === 'train' || phase === 'evaluate') return 'collect'
  return phase as 'select' | 'aggregate' | 'publish'
}
