/** Rollout failures: the devices on which a rollout failed, with their reasons, and what a person does next. */
import type { Rollout, RolloutFailure, RolloutStatus } from '@skerry/contract/rollouts/rollout'
import { failuresOf } from '../rollouts/wave-verdict.ts'
import { assertNever } from '../values/assert-never.ts'

type Failed = Pick<Rollout, 'deployment' | 'status' | 'waves'> & {
  failures?: readonly RolloutFailure[] | undefined
  /** The first revision has no earlier one to return to. */
  revision?: number | undefined
}

/** Such as `press-1: golden_mismatch: output y differs`. */
export const failureText = (failure: RolloutFailure): string => `${failure.device}: ${failureReason(failure)}`

/** The code and the message, or the outcome if the device reported no cause. */
export function failureReason({ outcome, code, message }: Omit<RolloutFailure, 'device'>): string {
  if (code !== undefined) return message ? `${code}: ${message}` : code
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
    retry: `skerry rollout retry ${deployment} --reason REASON`,
    rollback:
      revision === 1
        ? [`skerry deploy MODEL:VERSION --name ${deployment}`, `skerry deployment rm ${deployment}`]
        : `skerry deployment rollback ${deployment}`,
  }
  return stepsAfter(status).flatMap((name) => texts[name])
}

type NextStep = 'explain' | 'retry' | 'rollback'

function stepsAfter(status: RolloutStatus): NextStep[] {
  switch (status) {
    case 'rolling':
      return ['explain', 'retry']
    case 'paused':
      return ['explain', 'retry', 'rollback']
    // Healthy devices have kept the revision.
    case 'aborted':
      return ['explain', 'rollback']
    // The devices have rolled back by themselves, or the failed ones came late.
    case 'rolled-back':
    case 'done':
      return ['explain']
    case 'superseded':
      return []
    default:
      return assertNever(status)
  }
}
