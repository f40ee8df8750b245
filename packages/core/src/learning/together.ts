/**
 * Together: the course of a federated order. Each device sends its part; the hub joins the parts; each device judges the
 * joint detector on its own rows; and the hub publishes it when the last device is over.
 */
import { isLearningOver, type LearningPhase, type LearningSpec } from '@skerry/contract/learning/learning'
import { SelectorText } from '@skerry/contract/values/names'

/** With one device nothing is joined, and the part would be that of this device. */
export const TOGETHER_DEVICES_MIN = 2

export type TogetherMember = {
  phase: LearningPhase
  hasPart: boolean
  /** It has judged the joint detector. */
  hasOwn: boolean
}

type State = { isJoined: boolean; isOver: boolean }

type TogetherStep = { kind: 'wait' } | { kind: 'join' } | { kind: 'publish' } | { kind: 'fail'; reason: string }

/** The next step of the hub. It is derived from the stored state, so that no lost message can hold an order up. */
export function nextTogether({ isJoined, isOver }: State, members: readonly TogetherMember[]): TogetherStep {
  if (isOver) return { kind: 'wait' }
  const live = members.filter(({ phase }) => !isLearningOver(phase))
  if (isJoined) {
    if (live.length > 0) return { kind: 'wait' }
    const isUseful = members.some(({ phase, hasOwn }) => phase === 'done' && hasOwn)
    return isUseful ? { kind: 'publish' } : { kind: 'fail', reason: NO_DETECTOR }
  }
  if (live.some(({ hasPart }) => !hasPart)) return { kind: 'wait' }
  return live.length < TOGETHER_DEVICES_MIN ? { kind: 'fail', reason: TOO_FEW } : { kind: 'join' }
}

const NO_DETECTOR = 'no device has a joint detector that finds faults; the reason of each is in the table'

const TOO_FEW = `a joint detector needs the parts of at least ${TOGETHER_DEVICES_MIN} devices; the others were refused or cancelled`

const DAY_MS = 86_400_000

/** A device that was away has the time to collect once more, and a day to train. */
export const partDueMs = (
  { seconds, recording }: Pick<LearningSpec, 'seconds' | 'recording'>,
  startedAtMs: number,
): number => startedAtMs + (recording === undefined ? 2_000 * seconds : 0) + DAY_MS

type Times = Pick<LearningSpec, 'seconds' | 'recording' | 'shadowSeconds'>

/** Then each device has judged the joint detector, with the time for two shadows and a day to train. */
export const resultDueMs = (spec: Times, startedAtMs: number): number =>
  partDueMs(spec, startedAtMs) + 2_000 * (spec.shadowSeconds ?? DAY_MS / 1_000) + DAY_MS

/** Why the hub leaves a device behind now; undefined if it has time. */
export function lateReason(
  { spec, startedAtMs, isJoined, nowMs }: { spec: Times; startedAtMs: number; isJoined: boolean; nowMs: number },
  { phase, hasPart }: TogetherMember,
): string | undefined {
  if (isLearningOver(phase)) return undefined
  if (nowMs >= resultDueMs(spec, startedAtMs)) return RESULT_LATE
  return !isJoined && !hasPart && nowMs >= partDueMs(spec, startedAtMs) ? PART_LATE : undefined
}

const RESULT_LATE =
  'the device did not judge the joint detector in time, and the others go on without it; start the order again when it is online'

const PART_LATE =
  'the device did not send its part in time, and the others go on without it; start the order again when it is online'

/** The selector of the deployments: a device that did not learn has no values of its own. */
export const devicesSelector = (devices: readonly string[]): string =>
  `device.name in [${devices.map((device) => JSON.stringify(device)).join(', ')}]`

/** Why no deployment could select these devices; undefined if one can. */
export const devicesTrouble = (devices: readonly string[]): string | undefined =>
  SelectorText.safeParse(devicesSelector(devices)).success
    ? undefined
    : `the names of ${devices.length} devices are too long for one selector; start an order for each part of them`
