/** Finish survey: adds the counts of all devices, and stores the statistics. A crash before the record repeats it. */
import { setImmediate as breathe } from 'node:timers/promises'
import type { SurveySpec } from '@skerry/contract/campaigns/survey'
import {
  blurCounts,
  countedDevicesMax,
  layoutOf,
  lineTrouble,
  readSurvey,
  surveyWords,
} from '@skerry/core/campaigns/survey'
import { normalNumbers } from '@skerry/core/privacy/clipping'
import { secureNumbers } from '@skerry/platform/sealing/secure-numbers'
import type { Hub } from '../../hub.ts'
import type { Update } from '../aggregate.ts'
import { dropUpdates, readBlob } from '../campaign-blobs.ts'
import { advanceCampaign, changeRound } from '../campaign-store.ts'
import { maskedWords } from '../masked-sum.ts'
import { closeRound, participantsOf, updatesOf } from '../participant-store.ts'
import { announceEnd, type RunningCampaign, repeatRound } from '../run-round.ts'
import { updatesIn } from '../site-sums/joined-updates.ts'
import { saveResult } from './survey-store.ts'

type Sum = { ok: true; line: ArrayLike<number>; devices: number } | { ok: false; reason: string }

/** The phase of the survey is over afterwards, or it begins again because the sum stays masked. */
export async function finishSurvey(
  hub: Hub,
  it: RunningCampaign & { survey: SurveySpec },
  signal: AbortSignal,
): Promise<void> {
  const { row, course, survey } = it
  const place = { campaign: row.id, round: course.round, attempt: course.attempt }
  const participants = await participantsOf(hub.store.db, place)
  const sum = await sumOf(hub, it, updatesIn(participants), signal)
  if (!sum.ok) return repeatRound(hub, it, sum.reason)
  const layout = layoutOf(survey)
  const trouble = sumTrouble(it, sum)
  const nowMs = hub.clock.nowMs()
  const noise = survey.privacy?.noise
  const line = noise ? blurCounts(layout, sum.line, noise, normalNumbers(secureNumbers())) : sum.line
  const held = await updatesOf(hub.store.db, row.id, course.round)
  await hub.store.transaction(async (tx) => {
    const event = trouble
      ? ({ kind: 'failed', reason: trouble, nowMs } as const)
      : ({ kind: 'surveyed', round: course.round, nowMs } as const)
    const advanced = await advanceCampaign(tx, row.id, event)
    if (!advanced?.isChanged) return
    if (!trouble) await saveResult(tx, row.id, readSurvey(survey, line, sum.devices))
    const dropped = participants.filter(({ update_digest }) => update_digest === null).length
    const figures = { counted: sum.devices, dropped, rows: sum.line[0] ?? 0, endedAtMs: nowMs }
    await changeRound(tx, row, { round: course.round, figures, nowMs })
    await closeRound(tx, place, nowMs)
  })
  await dropUpdates(hub, row.organisation_id, held)
  await announceEnd(hub, it)
}

/** Single counts are checked when they arrive. With masks, only their sum can be checked. */
function sumTrouble({ survey, course }: RunningCampaign & { survey: SurveySpec }, sum: Sum & { ok: true }) {
  const layout = layoutOf(survey)
  if (sum.devices > countedDevicesMax(layout, course.rowsMax ?? 1) && survey.privacy?.masks)
    return 'the devices have more values than a masked count holds; survey fewer devices, or devices with fewer rows'
  const trouble = lineTrouble(layout, sum.line)
  return trouble && `a device counts wrongly, and masks hide its name: ${trouble}`
}

async function sumOf(
  hub: Hub,
  { row, course, survey }: RunningCampaign & { survey: SurveySpec },
  updates: readonly Update[],
  signal: AbortSignal,
): Promise<Sum> {
  if (survey.privacy?.masks) {
    const masked = await maskedWords(hub, { row, course, updates }, signal)
    return masked.ok ? { ok: true, line: masked.sum.subarray(1), devices: masked.uploaded } : masked
  }
  const words = surveyWords(layoutOf(survey))
  const line = new Float64Array(words)
  for (const { digest } of updates) {
    const bytes = await readBlob(hub, { digest, sizeBytes: words * 4 }, signal)
    const counts = new Uint32Array(bytes.buffer, bytes.byteOffset, words)
    for (let at = 0; at < words; at += 1) line[at] = (line[at] ?? 0) + (counts[at] ?? 0)
    await breathe()
  }
  return { ok: true, line, devices: updates.length }
}
