/**
 * Audit limiter: keeps rejected calls from filling the disk. The hub records the first rejections of a caller in a
 * minute one by one. It counts all further ones, and records the sum when the minute is over. Executed actions are
 * always recorded; only repeated rejections are summed.
 */
import type { Actor } from '@skerry/contract/audit/audit'
import type { OrganisationId } from '@skerry/contract/values/ids'

/**
 * Records every rejection of a person or of a faulty script. An attacker causes at most 60 records of half a kilobyte a
 * minute.
 */
const REFUSALS_PER_MINUTE = 60
const WINDOW_MS = 60_000

/** Callers with rejections within one minute. Above this number the hub closes the oldest window early. */
const WINDOWS_MAX = 1_000

export type Suppressed = { organisationId: OrganisationId; actor: Actor; count: number; sinceMs: number }

export type AuditLimiter = {
  /** Whether a rejection is recorded by itself. */
  admit(organisationId: OrganisationId, actor: Actor): boolean
  /** Counts a rejection that is never recorded by itself, such as a wrong secret. */
  count(organisationId: OrganisationId, actor: Actor): void
  /**
   * The counted rejections of windows that are over and not recorded yet. Each is returned once. `all` closes open
   * windows too.
   */
  drain(scope: 'over' | 'all'): Suppressed[]
}

type Window = Suppressed & { admitted: number }

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
