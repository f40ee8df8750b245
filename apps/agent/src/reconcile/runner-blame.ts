/**
 * Runner blame: records which item caused the end of a runner, or of one model's thread or process in it. Core decides
 * it.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Cause } from '@skerry/contract/devices/item'
import { blameCrash, crashCause, type RunnerCrash } from '@skerry/core/device/crash-blame'
import { recentCrashes, seatOf, suspicionCause } from '@skerry/core/device/crash-suspicion'
import { type ItemEvent, type ItemLife, isActivating, isSameLoad } from '@skerry/core/device/item-life'
import { isMachineTrouble } from '@skerry/core/device/machine-hold'
import { backoffMs } from '@skerry/core/values/backoff'
import { type Drivers, driverOf, loadedBy } from '../kinds/drivers.ts'
import type { AgentStore } from '../store/agent-store.ts'
import { outcomeOf } from './step-execution.ts'
import { isUnloadResting, noteUnload, type StuckUnloads } from './stuck-unloads.ts'
import type { Waits } from './waits.ts'

export type BlameDeps = {
  store: AgentStore
  waits: Waits
  stuck: StuckUnloads
  drivers: Drivers
  clock: { nowMs(): number; monotonicMs(): number }
  random: () => number
}

/** In milliseconds. After one crash a version comes back soon. After many, the waits let the machine rest. */
const BACKOFF = { baseMs: 500, maxMs: 30_000 }

/** The first two crashes ended a runner, which had waits of its own. */
const ALONE_AFTER = 2

/** If a runner died while it loaded a proven version, that version is not loaded again at once. */
export function noteRunnerEnd(crash: RunnerCrash, { store, waits }: Pick<BlameDeps, 'store' | 'waits'>): void {
  for (const { item, event } of blameCrash(store.lives(), crash)) store.tell(item, event)
  const isDoubtful = crash.kind !== 'stopped' && crash.kind !== 'refused'
  if (crash.busyWith && isDoubtful) waits.failed({ kind: 'load', item: crash.busyWith, isRestore: true })
}

/** A thread or process that ended by itself takes its version with it, and no other. */
export async function noteBrokenSlots(deps: BlameDeps): Promise<void> {
  const { store, drivers, waits, clock } = deps
  for (const { item, problem, cause, servingSinceMs } of loadedBy(drivers) ?? []) {
    if (problem === undefined || isUnloadResting(waits, item, clock.monotonicMs())) continue
    const life = store.lives().find(({ target }) => target.name === item.name)
    const isOnTrial = life !== undefined && isActivating(life) && isSameLoad(life.target, item)
    // It failed before, and could not be unloaded.
    const hasFailed = life?.state === 'failed' && isSameLoad(life.target, item)
    const event = life && !hasFailed && eventOf(life, { item, problem, cause, isOnTrial })
    const now = event ? store.tell(item, event) : life
    // A version that failed on trial stays away. An idle version leaves another one that answers.
    const isMissed = servingSinceMs !== undefined && !isOnTrial
    letRest(item, now, deps)
    const driver = driverOf(drivers, item)
    noteUnload(deps, item, outcomeOf(await driver.unload(item)))
    if (now && isMissed) await driver.announce?.(item, reasonOf(item, now))
  }
}

type Broken = { item: DesiredItem; problem: string; cause: Cause | undefined; isOnTrial: boolean }

/** Undefined if the machine ended a proven version: a kill for lack of memory is no evidence against a version. */
function eventOf(life: ItemLife, { item, problem, cause, isOnTrial }: Broken): ItemEvent | undefined {
  if (cause && isOnTrial) return { kind: 'runner-crashed', cause }
  if (isMachineTrouble(problem)) return isOnTrial ? { kind: 'interrupted' } : undefined
  return isOnTrial
    ? { kind: 'runner-crashed', cause: crashCause(life, problem) }
    : { kind: 'suspected', digest: item.digest, message: problem, isCertain: true }
}

/** A successful load is no evidence about the next request. So the wait grows with the crashes. */
function letRest(item: DesiredItem, life: ItemLife | undefined, { waits, clock, random }: BlameDeps): void {
  const found = life?.suspicions?.find(({ digest }) => digest === item.digest)
  const recent = recentCrashes(found?.crashesMs ?? [], clock.nowMs()).length
  const attempt = Math.max(0, recent - ALONE_AFTER)
  waits.failed({ kind: 'load', item, isRestore: true }, backoffMs(attempt, BACKOFF, 0.5 + random() / 2))
}

const reasonOf = (item: DesiredItem, life: ItemLife): string =>
  seatOf(item, life, 'proven') === 'stopped'
    ? (suspicionCause(item, life)?.message ?? 'the model is stopped')
    : 'the model crashed and is loading again: try again in a moment'
