/**
 * DDI feedback: how the words of a device without an agent change its record. Only the present action counts. A repeated
 * or late message about an ended one changes nothing, and is rejected.
 */
import { DDI_LINES_MAX } from '@skerry/contract/ddi/ddi-device'
import type { DdiConfirmation, DdiExecution, DdiFeedback } from '@skerry/contract/ddi/ddi-feedback'
import type { Cause } from '@skerry/contract/devices/item'
import type { DdiAction, DdiFailure, DdiLine, DdiRecord } from './ddi-record.ts'
import { plainText } from './ddi-text.ts'

export type DdiVerdict =
  | { ok: true; record: DdiRecord }
  | { ok: false; code: 'ddi_action_unknown' | 'ddi_action_ended'; message?: undefined }

type Said = { actionId: number; nowMs: number }

/** Failures of more versions than a person retries. */
const FAILURES_MAX = 16

/** With 40 lines, a record stays below 20 kB. It is written at each feedback. */
const LINE_CHARACTERS = 400

/** An updater that logs its requests may repeat its token. */
const TOKEN = /(TargetToken|GatewayToken)\s+\S+/gi

/** The present action, if the message is about it. */
function presentAction(
  { action, lastActionId }: DdiRecord,
  actionId: number,
): { ok: true; action: DdiAction } | Extract<DdiVerdict, { ok: false }> {
  if (action?.id === actionId) return { ok: true, action }
  return { ok: false, code: actionId >= 1 && actionId <= lastActionId ? 'ddi_action_ended' : 'ddi_action_unknown' }
}

/** A feedback about the order to install. */
export function takeFeedback(record: DdiRecord, { status }: DdiFeedback, said: Said): DdiVerdict {
  const present = presentAction(record, said.actionId)
  if (!present.ok) return present
  const { action } = present
  // The device has no order before its owner has accepted the image.
  if (action.state === 'asked') return { ok: false, code: 'ddi_action_unknown' }
  const { execution, result, details = [] } = status
  const noted = withLines(record, details, said)
  switch (execution) {
    case 'closed':
      return {
        ok: true,
        record: result.finished === 'failure' ? failed(noted, action, said) : installed(noted, action, said),
      }
    case 'canceled':
      return {
        ok: true,
        record: action.state === 'cancelling' ? ended(noted) : failed(noted, action, said, 'ddi_cancelled'),
      }
    case 'rejected':
      return { ok: true, record: failed(noted, action, said, 'ddi_rejected') }
    case 'proceeding':
    case 'scheduled':
    case 'resumed':
    case 'download':
    case 'downloaded':
      return {
        ok: true,
        record: { ...noted, action: moved(action, execution, percentOf(result.progress), said.nowMs) },
      }
  }
}

/** A feedback about the order to cancel. A device may be too far to cancel. Then the action goes on. */
export function takeCancelFeedback(record: DdiRecord, { status }: DdiFeedback, said: Said): DdiVerdict {
  const present = presentAction(record, said.actionId)
  if (!present.ok) return present
  const { action } = present
  if (action.state !== 'cancelling') return { ok: false, code: 'ddi_action_unknown' }
  const { execution, result, details = [] } = status
  const noted = withLines(record, details, said)
  const isDone = execution === 'canceled' || (execution === 'closed' && result.finished !== 'failure')
  if (isDone) return { ok: true, record: ended(noted) }
  if (execution !== 'closed' && execution !== 'rejected') return { ok: true, record: noted }
  const going: DdiAction = { ...action, state: 'installing', sinceMs: said.nowMs, isUncancellable: true }
  return { ok: true, record: { ...noted, action: going } }
}

/** The answer of the owner of the device. */
export function takeConfirmation(record: DdiRecord, answer: DdiConfirmation, said: Said): DdiVerdict {
  const present = presentAction(record, said.actionId)
  if (!present.ok) return present
  const { action } = present
  if (action.state !== 'asked') return { ok: false, code: 'ddi_action_unknown' }
  const noted = withLines(record, answer.details ?? [], said)
  if (answer.confirmation === 'denied') return { ok: true, record: failed(noted, action, said, 'ddi_denied') }
  const confirmed: DdiAction = { ...action, state: 'offered', sinceMs: said.nowMs }
  return { ok: true, record: { ...noted, action: confirmed } }
}

const STATES = {
  proceeding: 'installing',
  scheduled: 'offered',
  resumed: 'installing',
  download: 'downloading',
  downloaded: 'downloaded',
} as const satisfies Record<Exclude<DdiExecution, 'closed' | 'canceled' | 'rejected'>, DdiAction['state']>

function moved(
  action: DdiAction,
  execution: keyof typeof STATES,
  percent: number | undefined,
  nowMs: number,
): DdiAction {
  const known = percent === undefined ? {} : { percent }
  // A device reports that it still works. It answers the order to cancel by itself.
  if (action.state === 'cancelling') return { ...action, isSeen: true, ...known }
  const state = STATES[execution]
  return { ...action, isSeen: true, state, sinceMs: state === action.state ? action.sinceMs : nowMs, ...known }
}

function percentOf(progress: DdiFeedback['status']['result']['progress']): number | undefined {
  const { cnt, of } = progress ?? {}
  if (cnt === undefined || of === undefined || !(of > 0) || !(cnt >= 0)) return undefined
  return Math.min(100, Math.round((cnt / of) * 100))
}

function installed(record: DdiRecord, { target }: DdiAction, { nowMs }: Said): DdiRecord {
  const { name, version, digest } = target
  const failures = record.failures.filter((failure) => failure.digest !== digest)
  return { ...ended(record), installed: { name, version, digest, sinceMs: nowMs }, failures }
}

const WORDS = {
  ddi_failed: 'the device could not install the image',
  ddi_cancelled: 'the device cancelled the installation by itself',
  ddi_rejected: 'the device rejected the image',
  ddi_denied: 'the owner of the device did not accept the image',
} as const

function failed(record: DdiRecord, action: DdiAction, said: Said, code: keyof typeof WORDS = 'ddi_failed'): DdiRecord {
  const { digest, retryToken } = action.target
  const failure: DdiFailure = { digest, retryToken, cause: causeOf(record, code, said), atMs: said.nowMs }
  const others = record.failures.filter((one) => one.digest !== digest || one.retryToken !== retryToken)
  return { ...ended(record), failures: [...others, failure].slice(-FAILURES_MAX) }
}

/** The newest words of the device about this action. */
function causeOf({ lines }: DdiRecord, code: keyof typeof WORDS, { actionId }: Said): Cause {
  const words = lines.filter(({ action }) => action === actionId).slice(-3)
  const message = words.length === 0 ? WORDS[code] : `${WORDS[code]}: ${words.map(({ text }) => text).join('; ')}`
  return { code, message: plainText(message, 1_000) }
}

const ended = (record: DdiRecord): DdiRecord => ({ ...record, action: undefined })

const lineOf = (text: string) => plainText(text.replaceAll(TOKEN, '$1 …'), LINE_CHARACTERS)

function withLines(record: DdiRecord, details: readonly string[], { actionId, nowMs }: Said): DdiRecord {
  const told = details.filter((text) => text.trim() !== '')
  const lines = told.map((text): DdiLine => ({ atMs: nowMs, action: actionId, text: lineOf(text) }))
  return lines.length === 0 ? record : { ...record, lines: [...record.lines, ...lines].slice(-DDI_LINES_MAX) }
}
