/**
 * Crash suspicion: how a device treats a version that was running when native code crashed. The first crash may be bad luck or a neighbour's
 * fault. After the second the version runs in a process of its own, or stays stopped. One that goes on crashing there stays stopped, by the same
 * rule as a source, a sink or a flow. Another version, another way of serving it or a retry begins anew.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Cause } from '@skerry/contract/devices/item'
import type { Digest } from '@skerry/contract/values/digest'
import { rulesOf, servingOf } from '../kinds/kinds.ts'
import { FAILURES_MAX } from './remembered-failure.ts'

/** A crash now and then is a library's bad day; five within ten minutes are a fault that beginning anew does not mend. */
export const CRASHES_MAX = 5
export const CRASH_WINDOW_MS = 600_000

/** Once may be a coincidence, twice ends all other models of the device a second time. */
const ISOLATED_AFTER = 2

/** A version that has proved nothing yet is tried again apart from all others at once. */
const ISOLATED_AFTER_UNPROVEN = 1

/** More than five are needed by no decision; the count says the rest. */
const TIMES_MAX = CRASHES_MAX

export type Suspicion = {
  digest: Digest
  /** The newest crashes, by the wall clock. */
  crashesMs: number[]
  count: number
  /** How the newest ended. */
  message: string
  /** It ran alone in one of them, or in a process of its own: the fault is its own. */
  isCertain?: true
  /** It crashed too often, and is left alone. */
  isStopped?: true
}

type Suspected = { suspicions?: readonly Suspicion[] | undefined }

/** shared: in a thread beside all others. stopped: it is loaded no more. */
export type SeatKind = 'shared' | 'process' | 'stopped'

/** Which of these crashes are recent. */
export const recentCrashes = (crashesMs: readonly number[], nowMs: number): number[] =>
  crashesMs.filter((atMs) => nowMs - atMs < CRASH_WINDOW_MS)

/** Whether so many crashes within a short time mean that beginning anew mends nothing. */
export const isCrashingOften = (crashesMs: readonly number[], nowMs: number): boolean =>
  recentCrashes(crashesMs, nowMs).length >= CRASHES_MAX

/** The suspicions after one more crash while the version ran; of as many versions as failures are remembered of. */
export function suspect(
  suspicions: readonly Suspicion[] | undefined = [],
  { digest, message, isCertain }: { digest: Digest; message: string; isCertain: boolean },
  nowMs: number,
): Suspicion[] {
  const before = suspicions.find((one) => one.digest === digest)
  const crashesMs = [...(before?.crashesMs ?? []), nowMs].slice(-TIMES_MAX)
  const now: Suspicion = {
    digest,
    crashesMs,
    message,
    count: (before?.count ?? 0) + 1,
    ...(isCertain || before?.isCertain ? { isCertain: true } : {}),
    ...(before?.isStopped || isCrashingOften(crashesMs, nowMs) ? { isStopped: true } : {}),
  }
  return [...suspicions.filter((one) => one.digest !== digest), now].slice(-FAILURES_MAX)
}

/** Where the version is loaded next. */
export function seatOf(item: DesiredItem, { suspicions }: Suspected, stage: 'proven' | 'unproven'): SeatKind {
  const { isolation, onCrash } = servingOf(item)
  const found = suspicions?.find(({ digest }) => digest === item.digest)
  const count = found?.count ?? 0
  if (found?.isStopped || (onCrash === 'stop' && count >= ISOLATED_AFTER)) return 'stopped'
  const limit = stage === 'proven' ? ISOLATED_AFTER : ISOLATED_AFTER_UNPROVEN
  return isolation === 'process' || count >= limit ? 'process' : 'shared'
}

export const MODEL_SUSPECTED = 'model_suspected'

/** Codes of suspicions that a person should see, from the gravest. */
export const SUSPICION_CONDITIONS = ['model_stopped', 'model_crashing', 'model_isolated'] as const

/** What a device says of the suspicion; undefined where there is none. */
export function suspicionCause(item: DesiredItem, suspected: Suspected): Cause | undefined {
  const found = suspected.suspicions?.find(({ digest }) => digest === item.digest)
  if (!found) return undefined
  const { count, message, isCertain } = found
  const name = `${item.name} version ${item.version}`
  const times = `${count} ${count === 1 ? 'crash' : 'crashes'} while it ran, the newest: ${message}`
  const retry = 'deploy another version, or try again with "skerry device retry DEVICE DEPLOYMENT"'
  switch (seatOf(item, suspected, 'proven')) {
    case 'stopped':
      return causeOf('model_stopped', `${name} was stopped after ${times}; ${retry}`)
    case 'process': {
      // One that was to run apart from the start has not been moved by its first crash.
      const code = isCertain ? 'model_crashing' : 'model_isolated'
      return causeOf(code, `${name} ${rulesOf(item.kind).afterCrashes} after ${times}; ${retry}`)
    }
    case 'shared':
      return causeOf(MODEL_SUSPECTED, `${name} is suspected after ${times}; a second one isolates it`)
  }
}

const causeOf = (code: string, message: string): Cause => ({ code, message: message.slice(0, 1_000) })

/** The suspicions without those of a version that begins anew. */
export function withoutSuspicion(
  suspicions: readonly Suspicion[] | undefined,
  digest: Digest,
): { suspicions?: Suspicion[] } {
  const others = (suspicions ?? []).filter((one) => one.digest !== digest)
  return others.length > 0 ? { suspicions: others } : {}
}
