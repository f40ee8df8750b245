/**
 * Quiet words: devices that are silent, and sources and sinks that are down, but not yet for so long that it is an
 * alert. A restart takes as long, so they are no finding; but a list without alerts must not say that all is well.
 */
import type { Alerts, NewlyDown, NewlySilent } from '@skerry/contract/alerts/alert'

const MINUTE_MS = 60_000

/** `1 device is silent for 40 s (press-1); an alert follows in 2 min`. The alert follows for the first of them. */
export function newlySilentText({ count, first, sinceMs, alertAtMs }: NewlySilent, nowMs: number): string {
  const who = count === 1 ? '1 device is' : `${count} devices are`
  const names = count === 1 ? first : `${first} and ${count - 1} more`
  return `${who} silent for ${spanText(nowMs - sinceMs)} (${names}); an alert follows in ${spanText(alertAtMs - nowMs)}`
}

/** `1 source is down for 12 s (press on gateway-3); an alert follows in 48 s`. */
export function newlyDownText({ kind, count, name, device, sinceMs, alertAtMs }: NewlyDown, nowMs: number): string {
  const which = count === 1 ? `1 ${kind} is` : `${count} ${kind}s are`
  const names = `${name} on ${device}${count === 1 ? '' : ` and ${count - 1} more`}`
  return `${which} down for ${spanText(nowMs - sinceMs)} (${names}); an alert follows in ${spanText(alertAtMs - nowMs)}`
}

type Soon = Pick<Alerts, 'newlySilent' | 'newlyDown'>

/** A line for each trouble that is no alert yet. */
export const soonTexts = ({ newlySilent, newlyDown = [] }: Soon, nowMs: number): string[] => [
  ...(newlySilent ? [newlySilentText(newlySilent, nowMs)] : []),
  ...newlyDown.map((down) => newlyDownText(down, nowMs)),
]

/** When the first of them becomes an alert. */
export const nextAlertAtMs = ({ newlySilent, newlyDown = [] }: Soon): number | undefined =>
  [...(newlySilent ? [newlySilent] : []), ...newlyDown].map(({ alertAtMs }) => alertAtMs).toSorted((a, b) => a - b)[0]

function spanText(ms: number): string {
  const whole = Math.max(0, ms)
  return whole < MINUTE_MS ? `${Math.ceil(whole / 1_000)} s` : `${Math.ceil(whole / MINUTE_MS)} min`
}
