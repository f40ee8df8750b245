/**
 * Update hold: why a version that a device should have is not fetched or not installed now, although nothing is wrong with it: a window is
 * shut, or an application on the device holds a lock. The device judges by its own clock, with or without a hub. What proved itself here is
 * never held: it comes back at any time.
 */

import type { UpdateWindow } from '@skerry/contract/deployments/update-window'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Cause, ItemState } from '@skerry/contract/devices/item'

/** The next beginning of a window after a time; none where there will be none. Not ok: this machine cannot tell. */
export type WindowStart = { ok: true; atMs?: number } | { ok: false; message: string }

/** Something on the device that wants nothing to be installed now. */
export type UpdateLock = { name: string; reason: string; untilMs?: number }

export type UpdateFacts = {
  /** By the wall clock, which windows are about. */
  timeMs: number
  windowStart(window: UpdateWindow, afterMs: number): WindowStart
  locks: readonly UpdateLock[]
}

export type UpdateHold = {
  cause: Cause
  /** When a window opens, or a lock ends by itself, by the wall clock. */
  untilMs?: number
}

/** What of an item, or of a strategy, says how it is held. */
type Held = Pick<DesiredItem, 'window' | 'ignoreLocks'>

export type WindowStanding =
  /** Until then at least. */
  { kind: 'open'; untilMs: number } | { kind: 'shut'; opensAtMs?: number } | { kind: 'unreadable'; message: string }

/** Codes with which a device says that it waits, and fails at nothing. */
export const WINDOW_WAITS = 'window_waits'
export const UPDATE_LOCKED = 'update_locked'
export const WINDOW_UNREADABLE = 'window_unreadable'

/** Whether the window is open: now is within a start and the start plus the duration, its end left out. */
export function windowAt(window: UpdateWindow, { timeMs, windowStart }: Omit<UpdateFacts, 'locks'>): WindowStanding {
  const durationMs = window.durationSeconds * 1_000
  const newest = windowStart(window, timeMs - durationMs)
  if (!newest.ok) return { kind: 'unreadable', message: newest.message }
  if (newest.atMs === undefined) return { kind: 'shut' }
  if (newest.atMs <= timeMs) return { kind: 'open', untilMs: newest.atMs + durationMs }
  return { kind: 'shut', opensAtMs: newest.atMs }
}

/** Why nothing of the item is fetched now; undefined where it may be. */
export function downloadHold({ window }: Held, facts: UpdateFacts): UpdateHold | undefined {
  return window?.download && windowHold('download', window.download, facts)
}

/** Why the item is not loaded now; undefined where it may be. */
export function installHold(item: Held, facts: UpdateFacts): UpdateHold | undefined {
  return lockHold(item, facts) ?? (item.window?.install && windowHold('install', item.window.install, facts))
}

/** Why requests do not go to the item now, which is loaded beside what serves; undefined where they may. */
export function lockHold({ ignoreLocks }: Held, { locks }: Pick<UpdateFacts, 'locks'>): UpdateHold | undefined {
  const [lock] = locks
  if (!lock || ignoreLocks) return undefined
  const untilMs = locks.some((one) => one.untilMs === undefined)
    ? undefined
    : Math.max(...locks.map((one) => one.untilMs ?? 0))
  return { cause: lockCause(locks), ...(untilMs === undefined ? {} : { untilMs }) }
}

/** What a device says of its locks. */
export function lockCause(locks: readonly UpdateLock[]): Cause {
  const words = locks.map(({ name, reason }) => (reason === '' ? name : `${name}: ${reason}`)).join('; ')
  return { code: UPDATE_LOCKED, message: `nothing is installed while it is locked by ${words}`.slice(0, 1_000) }
}

/** When time alone opens or shuts a window, or ends a lock, for an item that is on its way. By the clock of `nowMs`. */
export function nextTurnMs(
  { state, target: { window } }: { state: ItemState; target: Pick<DesiredItem, 'window'> },
  { nowMs, updates }: { nowMs: number; updates: UpdateFacts },
  hold: UpdateHold | undefined,
): number | undefined {
  const standing = state === 'fetching' && window?.download ? windowAt(window.download, updates) : undefined
  const turnMs = hold?.untilMs ?? (standing?.kind === 'open' ? standing.untilMs : undefined)
  return turnMs === undefined ? undefined : nowMs + Math.max(0, turnMs - updates.timeMs)
}

function windowHold(what: 'download' | 'install', window: UpdateWindow, facts: UpdateFacts): UpdateHold | undefined {
  const standing = windowAt(window, facts)
  if (standing.kind === 'open') return undefined
  if (standing.kind === 'unreadable') {
    const message = `its ${what} window cannot be computed: ${standing.message}`
    return { cause: { code: WINDOW_UNREADABLE, message: message.slice(0, 1_000) } }
  }
  const { opensAtMs } = standing
  if (opensAtMs === undefined) return { cause: { code: WINDOW_WAITS, message: `its ${what} window never opens` } }
  const message = `its ${what} window opens at ${instantWords(opensAtMs, window.timeZone)}`
  return { cause: { code: WINDOW_WAITS, message }, untilMs: opensAtMs }
}

/** Such as `2026-03-29 02:30 Europe/Berlin`. [ECMA-402] Swedish writes dates as ISO 8601 does. */
const instantWords = (timeMs: number, timeZone: string): string =>
  `${new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(timeMs)} ${timeZone}`
