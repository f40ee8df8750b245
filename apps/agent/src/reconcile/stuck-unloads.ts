/**
 * Stuck unloads: the versions that their drivers could not unload, such as a system whose way back failed. Each one is
 * tried again ever later. The hub gets the reason as a condition, because a failed version keeps its own cause.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Cause } from '@skerry/contract/devices/item'
import { stepKey } from '@skerry/core/device/device-plan'
import { isSameLoad } from '@skerry/core/device/item-life'
import type { Conditions } from '../conditions.ts'
import type { StepOutcome } from './step-execution.ts'
import type { Waits } from './waits.ts'

/** By the key of the step. */
export type StuckUnloads = Map<string, { item: DesiredItem; cause: Cause }>

export type UnloadDeps = { waits: Waits; stuck: StuckUnloads }

/** [contract, Cause] A message is a line or two. */
const CHARACTERS_MAX = 1_000

const stepOf = (item: DesiredItem) => ({ kind: 'unload', item }) as const

export function noteUnload({ waits, stuck }: UnloadDeps, item: DesiredItem, outcome: StepOutcome): void {
  const step = stepOf(item)
  if (outcome.kind === 'done') {
    waits.done(step)
    stuck.delete(stepKey(step))
    return
  }
  waits.failed(step, outcome.waitMs)
  stuck.set(stepKey(step), { item, cause: outcome.cause })
}

/** Whether the next attempt to unload the version must wait. */
export const isUnloadResting = (waits: Waits, item: DesiredItem, nowMs: number): boolean =>
  (waits.until().get(stepKey(stepOf(item))) ?? nowMs) > nowMs

/** A driver can fail to unload a version and lose it all the same. Then nothing is stuck any more. */
export function tellStuckUnloads(
  conditions: Pick<Conditions, 'raise' | 'clear'>,
  stuck: StuckUnloads,
  loaded: readonly { item: DesiredItem }[] | undefined,
): void {
  for (const [key, { item }] of stuck) {
    const isLoaded = loaded?.some((other) => other.item.name === item.name && isSameLoad(other.item, item))
    if (isLoaded === false) stuck.delete(key)
  }
  const messages = [...stuck.values()].map(({ item, cause }) => `${item.name}: ${cause.message} (${cause.code})`)
  if (messages.length === 0) conditions.clear('unload_failed')
  else conditions.raise({ code: 'unload_failed', message: messages.join('; ').slice(0, CHARACTERS_MAX) })
}
