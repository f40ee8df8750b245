/** Window starts: when update windows begin, by a clock that is given. No timers. */
import { isTimeZone, type UpdateWindow } from '@skerry/contract/deployments/update-window'
import type { WindowStart } from '@skerry/core/device/update-hold'
import { Cron } from 'croner'

/** Expressions that are kept parsed: a device has few, and a hub sees each when a deployment is applied. */
const KEPT_MAX = 256

const kept = new Map<string, Cron>()

/**
 * The next beginning of the window after this time. On the day when clocks go forward, a time that does not exist
 * becomes the first one that does. On the day when they go back, a time that comes twice counts once.
 */
export function windowStart({ cron, timeZone }: UpdateWindow, afterMs: number): WindowStart {
  try {
    const start = parsed(cron, timeZone).nextRun(new Date(afterMs))
    return start ? { ok: true, atMs: start.getTime() } : { ok: true }
  } catch (error) {
    return { ok: false, message: `${cron}, ${timeZone}: ${error instanceof Error ? error.message : String(error)}` }
  }
}

/** Why no device could obey the window; undefined if there is no reason. */
export function windowProblem(window: UpdateWindow): string | undefined {
  const { cron, timeZone } = window
  if (!isTimeZone(timeZone)) return `there is no time zone ${timeZone}`
  const start = windowStart(window, 0)
  if (!start.ok) return start.message
  return start.atMs === undefined ? `${cron} names a day that never comes` : undefined
}

function parsed(cron: string, timeZone: string): Cron {
  const key = `${cron} ${timeZone}`
  const known = kept.get(key)
  if (known) return known
  const made = new Cron(cron, { timezone: timeZone, paused: true, mode: '5-part' })
  if (kept.size >= KEPT_MAX) kept.clear()
  kept.set(key, made)
  return made
}
