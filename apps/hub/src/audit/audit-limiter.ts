/**
 * Audit limiter: keeps refused calls from filling the disk. A caller's first refusals in a minute are recorded one by one; what comes on
 * top is counted, and the sum is recorded when the minute is over. Nothing that was done is ever left out, only repeats of what was not.
 */
import type { Actor } from '@skerry/contract/audit/audit'
import type { OrganisationId } from '@skerry/contract/values/ids'

/** A person or a script gone wrong is seen whole; an attacker writes 60 records of half a kilobyte a minute at most. */
const REFUSALS_PER_MINUTE = 60
const WINDOW_MS = 60_000

/** Keys that are refused within one minute; beyond it the oldest window is closed early. */
const WINDOWS_MAX = 1_000

export type Suppressed = { organisationId: OrganisationId; actor: Actor; count: number; sinceMs: number }

export type AuditLimiter = {
  /** Whether a refusal shall be recorded by itself. */
  admit(organisationId: OrganisationId, actor: Actor): boolean
  /** Counts a refusal that is never recorded by itself, such as a wrong secret. */
  count(organisationId: OrganisationId, actor: Actor): void
  /** What was counted and not recorded in windows that are over; each is given once. `all` closes open windows too. */
  drain(scope: 'over' | 'all'): Suppressed[]
}

type Window = Suppressed & { admitted: number }

/** Makes an empty limiter. */
export function createAuditLimiter(clock: { nowMs(): number }): AuditLimiter {
  const windows = new Map<string, Window>()
  const closed: Suppressed[] = []

  const close = (key: string, window: Window) => {
    windows.delete(key)
    const { organisationId, actor, count, sinceMs } = window
    if (count > 0) closed.push({ organisationId, actor, count, sinceMs })
  }
  const windowOf = (organisationId: OrganisationId, actor: Actor): Window => {
    const key = `${organisationId}/${actor.kind}/${actor.id}`
    const found = windows.get(key)
    if (found && clock.nowMs() - found.sinceMs < WINDOW_MS) return found
    if (found) close(key, found)
    const [oldest] = windows
    if (oldest && windows.size >= WINDOWS_MAX) close(...oldest)
    const fresh: Window = { organisationId, actor, count: 0, sinceMs: clock.nowMs(), admitted: 0 }
    windows.set(key, fresh)
    return fresh
  }

  return {
    admit(organisationId, actor) {
      const window = windowOf(organisationId, actor)
      if (window.admitted < REFUSALS_PER_MINUTE) {
        window.admitted += 1
        return true
      }
      window.count += 1
      return false
    },
    count(organisationId, actor) {
      windowOf(organisationId, actor).count += 1
    },
    drain(scope) {
      for (const [key, window] of windows) {
        if (scope === 'all' || clock.nowMs() - window.sinceMs >= WINDOW_MS) close(key, window)
      }
      return closed.splice(0)
    },
  }
}
