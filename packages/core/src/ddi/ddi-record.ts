/**
 * DDI record: the facts that the hub keeps about a device without an agent. An agent keeps such facts on its own disk. A
 * device that speaks DDI keeps only the number of its present action.
 */
import type { DdiState } from '@skerry/contract/ddi/ddi-device'
import type { DdiAttributes } from '@skerry/contract/ddi/ddi-feedback'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Cause } from '@skerry/contract/devices/item'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeploymentId } from '@skerry/contract/values/ids'

/** The item that an action installs, as reports name it. */
export type DdiTarget = {
  name: string
  deploymentId: DeploymentId
  revision: number
  version: number
  digest: Digest
  retryToken: number
}

export type DdiAction = {
  /** The number of the protocol: it rises by one for each action of the device. */
  id: number
  target: DdiTarget
  state: DdiState
  sinceMs: number
  percent?: number | undefined
  /** The device has read it. Until then the hub can withdraw it without a question. */
  isSeen?: boolean | undefined
  /** The device did not cancel it, so it ends by itself. */
  isUncancellable?: boolean | undefined
}

export type DdiInstalled = { name: string; version: number; digest: Digest; sinceMs: number }

/** A failure is remembered: the same version is not tried again until a person raises the retry token. */
export type DdiFailure = { digest: Digest; retryToken: number; cause: Cause; atMs: number }

export type DdiLine = { atMs: number; action: number; text: string }

export type DdiRecord = {
  lastActionId: number
  action?: DdiAction | undefined
  installed?: DdiInstalled | undefined
  failures: readonly DdiFailure[]
  /** The wanted version that nothing has begun for, and since when it is wanted. */
  waiting?: { digest: Digest; retryToken: number; sinceMs: number } | undefined
  /** Since when a further image is wanted, which the device cannot install. */
  secondSinceMs?: number | undefined
  /** The newest generation in which everything was active. */
  lastGood: number
  attributes?: DdiAttributes | undefined
  lines: readonly DdiLine[]
}

export const NEW_DDI_RECORD: DdiRecord = { lastActionId: 0, failures: [], lastGood: 0, lines: [] }

export const targetOf = ({ name, deploymentId, revision, version, digest, retryToken }: DesiredItem): DdiTarget => ({
  name,
  deploymentId,
  revision,
  version,
  digest,
  retryToken,
})

/** Whether both mean the same attempt at the same content. The deployment and its revision may differ. */
export const isSameAttempt = (
  one: { digest: Digest; retryToken: number },
  other: { digest: Digest; retryToken: number },
): boolean => one.digest === other.digest && one.retryToken === other.retryToken

export const failureOfTarget = ({ failures }: DdiRecord, target: DdiTarget): DdiFailure | undefined =>
  failures.find((failure) => isSameAttempt(failure, target))

/** Whether the device runs the content. */
export const isInstalled = ({ installed }: DdiRecord, { name, digest }: Pick<DdiTarget, 'name' | 'digest'>): boolean =>
  installed?.name === name && installed.digest === digest
