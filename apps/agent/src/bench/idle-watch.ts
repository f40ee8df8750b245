/**
 * Idle watch: whether the device has nothing better to do than to measure. A device is idle if no application holds an
 * update lock, all install windows of its items are open, and its models get no requests.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Cause } from '@skerry/contract/devices/item'
import { installHold, lockCause, type UpdateLock } from '@skerry/core/device/update-hold'
import type { Clock } from '@skerry/platform/process/clock'
import { windowStart } from '@skerry/platform/process/window-starts'
import { JobProblem } from '../jobs/job-problem.ts'
import type { Loaded } from '../runner/runner-slot.ts'

export type IdleDeps = {
  clock: Clock
  loaded(): readonly Pick<Loaded, 'stats'>[] | undefined
  items(): readonly Pick<DesiredItem, 'name' | 'window'>[]
  locks(): Promise<readonly UpdateLock[]>
}

export type IdleWatch = {
  /** Since the watch was opened, a model got a request. */
  isBusy(): boolean
}

/** The runner counts requests once a second. Models that got none for this time are idle. */
const QUIET_MS = 3_000
const LOOK_MS = 500

/** Resolves once the device is idle. Throws a JobProblem if it is not idle before that time. */
export async function openIdleWatch(deps: IdleDeps, untilMs: number, signal: AbortSignal): Promise<IdleWatch> {
  const { clock } = deps
  let quietSinceMs = clock.monotonicMs()
  let requests = requestsOf(deps)
  for (;;) {
    const hold = await holdOf(deps)
    const now = requestsOf(deps)
    const nowMs = clock.monotonicMs()
    if (hold || now !== requests) quietSinceMs = nowMs
    requests = now
    if (nowMs - quietSinceMs >= QUIET_MS) return watchFrom(deps, now)
    if (nowMs >= untilMs) throw new JobProblem(hold ?? { code: 'bench_busy', message: BUSY })
    await clock.sleep(LOOK_MS, signal)
  }
}

const BUSY = 'the models of the device got requests all the time; measure when it is idle, or with more --seconds'

function watchFrom(deps: IdleDeps, before: number): IdleWatch {
  let isBusy = false
  return {
    isBusy() {
      isBusy ||= requestsOf(deps) !== before
      return isBusy
    },
  }
}

/** A runner that starts again begins to count anew, which is a reason to stop as well. */
const requestsOf = ({ loaded }: IdleDeps) => (loaded() ?? []).reduce((sum, { stats }) => sum + stats.requests, 0)

async function holdOf({ items, locks, clock }: IdleDeps): Promise<Cause | undefined> {
  const held = await locks()
  if (held.length > 0) return lockCause(held)
  const facts = { timeMs: clock.nowMs(), windowStart, locks: [] }
  for (const { name, window } of items()) {
    const hold = window && installHold({ window }, facts)
    if (hold) return { code: hold.cause.code, message: `${name}: ${hold.cause.message}`.slice(0, 1_000) }
  }
  return undefined
}
