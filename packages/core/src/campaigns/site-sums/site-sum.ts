/**
 * Site sum: when an aggregator sends the sum of its site, how long the hub waits for it, and whether a sum counts. An
 * update counts once: in a sum, or as it comes from its device.
 */
import type { ParticipantState } from '@skerry/contract/campaigns/campaign'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeviceId } from '@skerry/contract/values/ids'
import type { CampaignCourse } from '../course.ts'

/** The last part of a round belongs to devices whose aggregator has vanished: they send their updates themselves. */
const DIRECT_SHARE = 0.2

/** A sum on a fast line is counted within this time. */
const SUM_SLACK_MS = 5_000

/** Devices of a site begin a few seconds apart. */
const NEIGHBOURS_MS = 5_000

/** A slow line: 64 kbit/s. Updates of single devices would take longer on the same line. */
const BYTES_PER_MS = 8

export type SumTimes = {
  /** The aggregator sends its sum. */
  sumByMs: number
  /** Devices wait so long for a counted sum. */
  endMs: number
}

/**
 * The times of the sum that has an update which is ready now. Slower devices of the site get as much time again, because
 * each of them that is late costs the line of the site an update. Undefined if the round has no time left for a sum.
 */
export function sumTimes(
  { sinceMs, deadlineMs = 0 }: Pick<CampaignCourse, 'sinceMs' | 'deadlineMs'>,
  bytes: number,
  nowMs: number,
): SumTimes | undefined {
  const lastMs = Math.floor(deadlineMs - DIRECT_SHARE * (deadlineMs - sinceMs))
  if (nowMs >= lastMs - SUM_SLACK_MS) return undefined
  const sumByMs = Math.min(lastMs - SUM_SLACK_MS, nowMs + NEIGHBOURS_MS + (nowMs - sinceMs))
  return { sumByMs, endMs: Math.round(Math.min(lastMs, sumByMs + SUM_SLACK_MS + bytes / BYTES_PER_MS)) }
}

/** An update that its device has, and gives to an aggregator. */
export type UpdateOffer = SumTimes & { aggregator: DeviceId; digest: Digest }

/** Whether the update can still come in a sum, or soon from its device. */
export const isOfferOpen = ({ endMs }: Pick<UpdateOffer, 'endMs'>, nowMs: number): boolean =>
  nowMs < endMs + SUM_SLACK_MS

export type SumProgress = { held: number; expected: number; sumByMs: number }

/** Whether the aggregator sends its sum now. */
export const isSumDue = ({ held, expected, sumByMs }: SumProgress, nowMs: number): boolean =>
  held > 0 && (held >= expected || nowMs >= sumByMs)

/** The place of an update in a counted sum: the device that summed, and the digests of the sum and of the update. */
export type SumMark = { by: DeviceId; sum: Digest; digest: Digest }

export type NamedUpdate = {
  device: DeviceId
  digest: Digest
  /** Undefined if the device was not selected. */
  participant: { state: ParticipantState; offer: UpdateOffer | undefined; mark: SumMark | undefined } | undefined
}

export type SumFacts = {
  course: CampaignCourse
  isWanted: boolean
  round: number
  attempt: number
  aggregator: DeviceId
  /** Of the bytes of the sum. */
  digest: Digest
  bytes: { size: number; wanted: number; isFinite: boolean; isRight: boolean }
  updates: readonly NamedUpdate[]
  nowMs: number
}

/** `repeated`: the hub has counted this sum before. `refused`: none of its updates counts by it. */
export type SumVerdict = { kind: 'counted' | 'repeated' } | { kind: 'refused'; code: string; message: string }

export function admitSum(facts: SumFacts): SumVerdict {
  const { aggregator, digest, updates } = facts
  const isCounted = ({ participant, ...update }: NamedUpdate) =>
    participant?.mark?.by === aggregator && participant.mark.sum === digest && participant.mark.digest === update.digest
  if (updates.length > 0 && updates.every(isCounted)) return { kind: 'repeated' }
  if (!facts.isWanted) return refuse('sum_unwanted', 'the campaign does not take sums of sites')
  if (!isOpen(facts)) return refuse('round_over', 'the round is over')
  return updatesTrouble(facts) ?? bytesTrouble(facts.bytes) ?? { kind: 'counted' }
}

function isOpen({ course, round, attempt, nowMs }: SumFacts): boolean {
  const isTraining = course.phase === 'train' && (course.stage === undefined || course.stage === 'update')
  const isPlace = course.round === round && course.attempt === attempt
  return isTraining && isPlace && !course.isPaused && nowMs <= (course.deadlineMs ?? 0)
}

/** One update that cannot count spoils the whole sum, because nobody can take it out. */
function updatesTrouble({ updates, aggregator }: SumFacts): SumVerdict | undefined {
  if (updates.length === 0) return refuse('sum_empty', 'the sum names no update')
  if (new Set(updates.map(({ device }) => device)).size !== updates.length)
    return refuse('sum_repeats', 'the sum names a device twice')
  const wrong = updates.find(
    ({ digest, participant }) =>
      participant?.state !== 'asked' ||
      participant.offer?.aggregator !== aggregator ||
      participant.offer.digest !== digest,
  )
  return wrong && refuse('sum_stale', `the update of ${wrong.device} does not count by this sum`)
}

function bytesTrouble(bytes: SumFacts['bytes']): SumVerdict | undefined {
  const { size, wanted, isRight } = bytes
  if (size !== wanted) return refuse('wrong_shape', `the sum has ${size} bytes, and the hub needs ${wanted}`)
  if (!isRight) return refuse('wrong_digest', 'the bytes of the sum are not those that the aggregator names')
  return bytes.isFinite ? undefined : refuse('not_finite', 'the sum has values that are NaN or infinite')
}

const refuse = (code: string, message: string): SumVerdict => ({ kind: 'refused', code, message })
