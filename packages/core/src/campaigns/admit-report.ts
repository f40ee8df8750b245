/** Admit report: whether the report of a device counts. One that does not is named, with its reason. */
import type { ParticipantState } from '@skerry/contract/campaigns/campaign'
import type { MaskStage } from '@skerry/contract/campaigns/masking'
import type { CampaignReport } from '@skerry/contract/campaigns/update'
import { isInBuffer } from './buffered.ts'
import type { CampaignCourse } from './course.ts'

export type ReportFacts = {
  course: CampaignCourse
  /** Of the device in this attempt; undefined if it was not selected. */
  participant: { state: ParticipantState; hasExchanged?: boolean } | undefined
  /** The round and the attempt of the order that the device answers. */
  round: number
  attempt: number
  report: CampaignReport
  /** Of the bytes beside the report. */
  bytes: { size: number; wanted: number; isFinite: boolean; isRight: boolean }
  /** Of a survey: why its counts contradict each other. */
  survey?: { trouble: string | undefined }
  /** The answers of one row that can be right; 1 by default. */
  answersOfRow?: number
  /** With a buffer: the most rounds by which an update may be older. */
  staleMax?: number
  nowMs: number
}

/**
 * `exchanged`: the message of a masked round is stored, and the participant keeps its state. `ignored`: nothing is
 * stored. Otherwise the participant gets the state.
 */
export type ReportVerdict =
  | {
      kind: 'stored'
      state: Extract<ParticipantState, 'counted' | 'evaluated' | 'rejected' | 'failed'>
      code?: string
      message?: string
    }
  | { kind: 'exchanged' }
  | { kind: 'ignored'; code: 'not_selected' | 'round_over' | 'repeated'; message: string }

export function admitReport(facts: ReportFacts): ReportVerdict {
  const { course, participant } = facts
  if (!participant) return ignore('not_selected', 'the device was not selected for this round')
  if (!isAwaited(facts)) return ignore('round_over', 'the round is over')
  if (facts.report.kind === 'masking') return judgeExchange(facts, facts.report.stage, participant)
  if (participant.state === 'counted' && course.stage === 'reveal') return judgeReveal(facts, participant)
  if (participant.state !== 'asked') return ignore('repeated', 'the device has already reported')
  return judge(facts)
}

function isAwaited({ course, round, attempt, staleMax, nowMs }: ReportFacts): boolean {
  if (staleMax !== undefined && course.phase !== 'evaluate') return isInBuffer(course, round, staleMax)
  const isOpen = !course.isPaused && (course.phase === 'train' || course.phase === 'evaluate')
  return isOpen && round === course.round && attempt === course.attempt && nowMs <= (course.deadlineMs ?? 0)
}

const ignore = (code: 'not_selected' | 'round_over' | 'repeated', message: string): ReportVerdict => ({
  kind: 'ignored',
  code,
  message,
})

type Exchanging = NonNullable<ReportFacts['participant']>

/** A device that uploaded reveals shares; before, all devices that are asked answer. */
function judgeExchange({ course, bytes }: ReportFacts, stage: MaskStage, participant: Exchanging): ReportVerdict {
  if (stage !== course.stage) return ignore('round_over', 'the stage of the masks is over')
  const awaited = stage === 'reveal' ? 'counted' : 'asked'
  if (participant.state !== awaited || participant.hasExchanged)
    return ignore('repeated', 'the device has already reported')
  if (bytes.isRight) return { kind: 'exchanged' }
  // The update of the device is in the sum already: it only reveals nothing.
  return stage === 'reveal' ? { kind: 'exchanged' } : reject('wrong_shape', `the hub cannot read its ${stage}`)
}

/** Its upload stays in the sum, and others have the shares of its mask. */
function judgeReveal({ report }: ReportFacts, { hasExchanged }: Exchanging): ReportVerdict {
  if (report.kind !== 'failed' || hasExchanged) return ignore('repeated', 'the device has already reported')
  return { kind: 'exchanged' }
}

function judge({ course, report, bytes, staleMax, survey, answersOfRow = 1 }: ReportFacts): ReportVerdict {
  if (report.kind === 'failed') return { kind: 'stored', state: 'failed', code: report.code, message: report.message }
  const isTraining = course.phase === 'train' || (staleMax !== undefined && course.phase !== 'evaluate')
  const update = survey ? 'surveyed' : 'trained'
  if ((report.kind === update) !== isTraining)
    return reject(
      'wrong_kind',
      `the round is for ${survey ? 'a survey' : course.phase}, and the device sent ${report.kind}`,
    )
  if (report.kind === 'masking') return reject('wrong_kind', 'the round has no masks')
  if (course.stage !== undefined && course.stage !== 'update')
    return reject('wrong_kind', `the round is for ${course.stage}, and the device sent an update`)
  if (report.kind === 'surveyed') return judgeBytes(bytes, survey?.trouble)
  const evaluation = report.kind === 'trained' ? report.before : report.evaluation
  if (evaluation.correct > evaluation.rows * answersOfRow)
    return reject('wrong_count', `${evaluation.correct} right answers of ${evaluation.rows} rows are impossible`)
  if (report.kind === 'evaluated') return { kind: 'stored', state: 'evaluated' }
  return judgeBytes(bytes)
}

function judgeBytes(bytes: ReportFacts['bytes'], trouble?: string): ReportVerdict {
  const { size, wanted, isRight } = bytes
  if (size !== wanted) return reject('wrong_shape', `the update has ${size} bytes, and the hub needs ${wanted}`)
  if (!isRight) return reject('wrong_digest', 'the bytes of the update are not those that the device names')
  if (!bytes.isFinite) return reject('not_finite', 'the update has values that are NaN or infinite')
  return trouble === undefined ? { kind: 'stored', state: 'counted' } : reject('wrong_count', trouble)
}

const reject = (code: string, message: string): ReportVerdict => ({ kind: 'stored', state: 'rejected', code, message })
