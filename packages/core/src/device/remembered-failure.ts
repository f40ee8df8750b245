/** Remembered failure: a version that failed on a device is not tried there again until its retry token rises. */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Cause } from '@skerry/contract/devices/item'
import type { Digest } from '@skerry/contract/values/digest'
import { settingsOf } from '../kinds/kinds.ts'

/** Every new version may fail once or twice on a device; 32 reach back further than anybody rolls out. */
export const FAILURES_MAX = 32

/** `settings`: those of the kind with which the version failed. Absent if the kind has none. */
export type RememberedFailure = { digest: Digest; settings?: string; retryToken: number; cause: Cause }

/** The failure that forbids trying the item, if there is one. */
export function rememberedFailure(failures: readonly RememberedFailure[], item: DesiredItem) {
  const settings = settingsOf(item)
  return failures.find((failure) => isSameTry(failure, { ...item, settings }) && failure.retryToken >= item.retryToken)
}

/** The failures with one more, which takes the place of an older one of the same version. */
export function rememberFailure(
  failures: readonly RememberedFailure[],
  failure: RememberedFailure,
): RememberedFailure[] {
  return [...failures.filter((other) => !isSameTry(other, failure)), failure].slice(-FAILURES_MAX)
}

/** The failures without those of the item, which has passed its probation. */
export function forgetFailures(failures: readonly RememberedFailure[], item: DesiredItem): RememberedFailure[] {
  const settings = settingsOf(item)
  return failures.filter((failure) => !isSameTry(failure, { ...item, settings }))
}

type Try = { digest: Digest; settings?: string | undefined }

const isSameTry = (one: Try, other: Try) => one.digest === other.digest && one.settings === other.settings
