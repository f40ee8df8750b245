/** Rollout failures: the devices on which a rollout failed, with their reasons, and what a person does next. */
import type { Rollout, RolloutFailure, RolloutStatus } from '@skerry/contract/rollouts/rollout'
import { causeText, retryCommand } from '../devices/cause-words.ts'
import { isEnded } from '../rollouts/rollout-state.ts'
import { failuresOf } from '../rollouts/wave-verdict.ts'
import { assertNever } from '../values/assert-never.ts'

type Failed = Pick<Rollout, 'deployment' | 'status' | 'waves'> & {
  failures?: readonly RolloutFailure[] | undefined
  /** The first revision has no earlier one to return to. */
  revision?: number | undefined
}

/** Such as `press-1: golden_mismatch: output y differs`. */
export const failureText = (failure: RolloutFailure): string => `${failure.device}: ${failureReason(failure)}`

/**
 * The code and the message, or the outcome if the device reported no cause. `retry` is the command for a remembered
 * failure, if no other line names it.
 */
export function failureReason(
  { outcome, code, message, remembered }: Omit<RolloutFailure, 'device'>,
  retry?: string,
): string {
  if (code !== undefined) return causeText({ code, message, remembered }, retry)
  return outcome === 'timed-out'
    ? 'timed out: it reported no result before its deadline'
    : `${outcome}, without a cause`
}

/** How many devices failed beside the named ones. */
export const unnamedFailures = ({ waves, failures = [] }: Pick<Failed, 'waves' | 'failures'>): number =>
  Math.max(0, waves.reduce((sum, wave) => sum + failuresOf(wave), 0) - failures.length)

/** A line for each named device, and one for the number of the others; none if nothing failed. */
export function failureLines(rollout: Pick<Failed, 'waves' | 'failures'>): string[] {
  const { failures = [] } = rollout
  const more = failures.length === 0 ? 0 : unnamedFailures(rollout)
  return [...failures.map(failureText), ...(more > 0 ? [`and ${more} more ${more === 1 ? 'device' : 'devices'}`] : [])]
}

/** The commands that help next, the first one first; none if nothing failed. */
export function failureCommands({ deployment, status, failures = [], revision }: Omit<Failed, 'waves'>): string[] {
  const [first] = failures
  if (!first) return []
  const texts = {
    explain: `skerry deployment explain ${deployment} ${first.device}`,
    // One device tries again alone. After the end of a rollout, each device does.
    retry:
      failures.length === 1 || isEnded({ status })
        ? retryCommand(first.device, deployment)
        : `skerry rollout retry ${deployment} --reason REASON`,
    rollback:
      revision === 1
        ? [`skerry deploy MODEL:VERSION --name ${deployment}`, `skerry deployment rm ${deployment}`]
        : `skerry deployment rollback ${deployment}`,
  }
  return stepsAfter(status, first.remembered).flatMap((name) => texts[name])
}

type NextStep = 'explain' | 'retry' | 'rollback'

function stepsAfter(status: RolloutStatus, isRemembered = false): NextStep[] {
  switch (status) {
    case 'rolling':
      return ['explain', 'retry']
    case 'paused':
      return ['explain', 'retry', 'rollback']
    // Healthy devices have kept the revision.
    case 'aborted':
      return ['explain', 'rollback']
    // The devices have rolled back by themselves. A new rollout of the version needs the retry first.
    case 'rolled-back':
      return isRemembered ? ['explain', 'retry'] : ['explain']
    // The failed devices came late, and the hub still offers them the version.
    case 'done':
      return ['explain', 'retry']
    case 'superseded':
      return []
    default:
      return assertNever(status)
  }
}
