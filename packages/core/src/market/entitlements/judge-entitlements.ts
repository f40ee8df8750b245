/**
 * Judge entitlements: whether an installation or an upgrade may begin, and the warnings before an end. A decision never
 * stops anything that runs: a repetition of the installed version on the same devices is always allowed.
 */
import type { EntitlementState, EntitlementStatement } from '@skerry/contract/market/entitlement'

const DAY_MS = 86_400_000

/** [ctrlX licensing] People are warned so many days before the end. */
export const WARNING_DAYS = [30, 7, 1] as const

/** [ctrlX licensing] A replaced device produces again while a new entitlement is on its way. */
export const EMERGENCY_MS = 10 * DAY_MS

type Term = Pick<EntitlementStatement, 'untilMs' | 'graceDays'>

/** The state of an entitlement that a trusted key signed. */
export function entitlementState({ untilMs, graceDays }: Term, nowMs: number): Exclude<EntitlementState, 'untrusted'> {
  if (untilMs === undefined) return 'valid'
  if (nowMs >= untilMs + graceDays * DAY_MS) return 'ended'
  if (nowMs >= untilMs) return 'grace'
  return warningDays(untilMs, nowMs) === undefined ? 'valid' : 'ending'
}

/** The warning that is due: 30, 7 or 1. Undefined before all of them, and after the end. */
export function warningDays(untilMs: number, nowMs: number): (typeof WARNING_DAYS)[number] | undefined {
  const leftMs = untilMs - nowMs
  return leftMs <= 0 ? undefined : WARNING_DAYS.findLast((days) => leftMs <= days * DAY_MS)
}

/** A sentence for people; undefined if there is nothing to do. */
export function entitlementNotice(term: Term & { listing: string }, nowMs: number): string | undefined {
  const { listing, untilMs, graceDays } = term
  if (untilMs === undefined) return undefined
  const state = entitlementState(term, nowMs)
  const stays = 'what runs continues to run'
  if (state === 'ended') return `the entitlement to ${listing} has ended: no upgrade and no new device; ${stays}`
  if (state === 'grace') {
    const left = daysUntil(untilMs + graceDays * DAY_MS, nowMs)
    return `the entitlement to ${listing} has ended: upgrades go on for ${left}, and no new device; ${stays}`
  }
  const warning = warningDays(untilMs, nowMs)
  return warning === undefined ? undefined : `the entitlement to ${listing} ends in ${daysUntil(untilMs, nowMs)}`
}

function daysUntil(atMs: number, nowMs: number): string {
  const days = Math.ceil((atMs - nowMs) / DAY_MS)
  return days === 1 ? '1 day' : `${days} days`
}

export type EntitlementWish = {
  change: 'install' | 'upgrade' | 'repair'
  /** The number of devices now, and after the change. The hub leaves out devices in an emergency period. */
  devices: { before: number; after: number }
  /** The trusted entitlements of the organisation to the listing. */
  entitlements: readonly (Term & { devices: number })[]
  nowMs: number
}

/** Why the change may not begin; undefined if it may. */
export function entitlementProblem({ change, devices, entitlements, nowMs }: EntitlementWish): string | undefined {
  const isGrowing = devices.after > devices.before
  if (!isGrowing && change === 'repair') return undefined
  const inState = (...states: string[]) => entitlements.filter((each) => states.includes(entitlementState(each, nowMs)))
  const covered = inState('valid', 'ending').reduce((sum, each) => sum + each.devices, 0)
  if (devices.after <= covered) return undefined
  if (!isGrowing && change === 'upgrade' && inState('valid', 'ending', 'grace').length > 0) return undefined
  if (entitlements.length === 0) return 'there is no entitlement to it; add one of its publisher'
  if (covered === 0) return 'every entitlement to it has ended; add a new one of its publisher'
  return `it would run on ${devices.after} devices, and the entitlements cover ${covered}`
}
