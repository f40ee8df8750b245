/** Remembered failure: a version that failed on a device is not tried there again until its retry token rises. */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Cause } from '@skerry/contract/devices/item'
import type { Digest } from '@skerry/contract/values/digest'

/** Every new version may fail once or twice on a device; 32 reach back further than anybody rolls out. */
export const FAILURES_MAX = 32

export type RememberedFailure = { digest: Digest; retryToken: number; cause: Cause }

/** The failure that forbids trying the item, if there is one. */
export function rememberedFailure(failures: readonly RememberedFailure[], item: DesiredItem) {
  return failures.find(({ digest, retryToken }) => digest === item.digest && retryToken >= item.retryToken)
}

/** The failures with one more, which takes the place of an older one of the same version. */
export function rememberFailure(
  failures: readonly RememberedFailure[],
  failure: RememberedFailure,
): RememberedFailure[] {
  return [...failures.filter(({ digest }) => digest !== failure.digest), failure].slice(-FAILURES_MAX)
}
