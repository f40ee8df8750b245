/** Admit report: whether the report of a device counts. One that does not is named, with its reason. */
import type { ParticipantState } from '@skerry/contract/campaigns/campaign'
import type { CampaignReport } from '@skerry/contract/campaigns/update'
import type { CampaignCourse } from './course.ts'

export type ReportFacts = {
  course: CampaignCourse
  /** Of the device in this attempt; undefined if it was not selected. */
  participant: { state: ParticipantState } | undefined
  /** The round and the attempt of the order that the device answers. */
  round: number
  attempt: number
  report: CampaignReport
  /** Of the bytes beside the report. */
  bytes: { size: number; wanted: number; isFinite: boolean; isRight: boolean }
  nowMs: number
}

/** `ignored`: nothing is stored. Otherwise the participant gets the state. */
export type ReportVerdict =
  | {
      kind: 'stored'
      state: Extract<ParticipantState, 'counted' | 'evaluated' | 'rejected' | 'failed'>
      code?: string
      message?: string
    }
  | { kind: 'ignored'; code: 'not_selected' | 'round_over' | 'repeated'; message: string }

export function admitReport(facts: ReportFacts): ReportVerdict {
  const { course, participant, round, attempt, nowMs } = facts
  if (!participant) return ignore('not_selected', 'the device was not selected for this round')
  const isOpen = !course.isPaused && (course.phase === 'train' || course.phase === 'evaluate')
  if (!isOpen || round !== course.round || attempt !== course.attempt || nowMs > (course.deadlineMs ?? 0))
    return ignore('round_over', 'the round is over')
  if (participant.state !== 'asked') return ignore('repeated', 'the device has already reported')
  return judge(facts)
}

const ignore = (code: 'not_selected' | 'round_over' | 'repeated', message: string): ReportVerdict => ({
  kind: 'ignored',
  code,
  message,
})

function judge({ course, report, bytes }: ReportFacts): ReportVerdict {
  if (report.kind === 'failed') return { kind: 'stored', state: 'failed', code: report.code, message: report.message }
  if ((report.kind === 'trained') !== (course.phase === 'train'))
    return reject('wrong_kind', `the round is for ${course.phase}, and the device sent ${report.kind}`)
  const evaluation = report.kind === 'trained' ? report.before : report.evaluation
  if (evaluation.correct > evaluation.rows)
    return reject('wrong_count', `${evaluation.correct} right answers of ${evaluation.rows} rows are impossible`)
  if (report.kind === 'evaluated') return { kind: 'stored', state: 'evaluated' }
  if (bytes.size !== bytes.wanted)
    return reject('wrong_shape', `the update has ${bytes.size} bytes, and the model has ${bytes.wanted}`)
  if (!bytes.isRight) return reject('wrong_digest', 'the bytes of the update are not those that the device names')
  if (!bytes.isFinite) return reject('not_finite', 'the update has values that are NaN or infinite')
  return { kind: 'stored', state: 'counted' }
}

const reject = (code: string, message: string): ReportVerdict => ({ kind: 'stored', state: 'rejected', code, message })

/** Of several devices, weighted by their rows. Undefined if none has evaluated a row. */
export function joinEvaluations(
  evaluations: readonly { rows: number; correct: number; lossSum: number }[],
): { rows: number; accuracy: number; loss: number } | undefined {
  const rows = evaluations.reduce((sum, one) => sum + one.rows, 0)
  if (rows === 0) return undefined
  const correct = evaluations.reduce((sum, one) => sum + one.correct, 0)
  return { rows, accuracy: correct / rows, loss: evaluations.reduce((sum, one) => sum + one.lossSum, 0) / rows }
}
