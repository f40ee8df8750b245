/**
 * Quiet words: the devices that are silent, but not yet for so long that it is an alert. A restart takes as long, so
 * they are no finding; but a list without alerts must not say that all is well.
 */
import type { NewlySilent } from '@skerry/contract/alerts/alert'

const MINUTE_MS = 60_000

/** `1 device is silent for 40 s (press-1); an alert follows in 2 min`. The alert follows for the first of them. */
export function newlySilentText({ count, first, sinceMs, alertAtMs }: NewlySilent, nowMs: number): string {
  const who = count === 1 ? '1 device is' : `${count} devices are`
  const names = count === 1 ? first : `${first} and ${count - 1} more`
  return `${who} silent for ${spanText(nowMs - sinceMs)} (${names}); an alert follows in ${spanText(alertAtMs - nowMs)}`
}

function spanText(ms: number): string {
  const whole = Math.max(0, ms)
  return whole < MINUTE_MS ? `${Math.ceil(whole / 1_000)} s` : `${Math.ceil(whole / MINUTE_MS)} min`
}
