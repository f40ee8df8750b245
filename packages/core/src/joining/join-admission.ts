/** Join admission: whether a computer that asks becomes a device at once, or waits for a person; and how long it waits between asking. */
import type { JoiningRules, JoinToken } from '@skerry/contract/joining/join'

export type AdmissionFacts = {
  approval: JoinToken['approval']
  rules: JoiningRules['approval']
  /** Whether somebody has announced it, and whether another has joined as it already. */
  expected?: 'open' | 'taken' | undefined
}

/** What the device is from now on. Of two that say they are the same, the second is for a person to look at. */
export function admissionOf({ approval, rules, expected }: AdmissionFacts): 'active' | 'pending' {
  if (expected !== undefined) return expected === 'open' ? 'active' : 'pending'
  return approval === 'manual' || rules === 'always' ? 'pending' : 'active'
}

/** A fortnight bridges a holiday; what nobody has wanted by then is no device that somebody knows of. */
export const REQUEST_LIFE_MS = 1_209_600_000

const MINUTE_MS = 60_000

/** How often a device that waits asks: quickly while somebody may stand beside it, then so that a thousand that wait cost nothing. */
export function pendingRetryMs(waitedMs: number): number {
  if (waitedMs < 5 * MINUTE_MS) return 5_000
  return waitedMs < 60 * MINUTE_MS ? 30_000 : 5 * MINUTE_MS
}

const DAY_MS = 86_400_000

export type Lapse = { notAfterMs: number; nowMs: number; lapsedDaysMax: number }

/** Whether a certificate that ended then may still be renewed by its key alone. */
export function lapseVerdict({
  notAfterMs,
  nowMs,
  lapsedDaysMax,
}: Lapse): { ok: true } | { ok: false; code: 'certificate_lapsed_long'; message: string } {
  if (nowMs - notAfterMs <= lapsedDaysMax * DAY_MS) return { ok: true }
  const days = Math.floor((nowMs - notAfterMs) / DAY_MS)
  const message = `the certificate ended ${days} days ago, and ${lapsedDaysMax} are allowed; join the device again with a new token`
  return { ok: false, code: 'certificate_lapsed_long', message }
}
