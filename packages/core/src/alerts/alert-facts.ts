/** Alert facts: what alerts are derived from. Sums are made by the database, so that they cost by what is wrong and not by the fleet. */

import type { Intrusion } from '@skerry/contract/intrusion/intrusion'
import type { RolloutStatus } from '@skerry/contract/rollouts/rollout'
import type { RolloutId } from '@skerry/contract/values/ids'

/** Devices of one site that are in the same state. */
export type SiteGroup = {
  site: string
  count: number
  /** One of them, for the case that there is only one. */
  device: string
  /** Since when the first of them. */
  sinceMs?: number | undefined
}

/** Devices that name one trouble, or share another property; the first few by name. */
export type DeviceGroup = { count: number; devices: readonly string[]; sinceMs?: number | undefined }

/** Devices whose certificates end before some time; those that end first are named. */
export type EndingGroup = DeviceGroup & { dueMs: number }

/** A deployment's newest rollout, unless it is done. */
export type RolloutFact = {
  id: RolloutId
  deployment: string
  revision: number
  status: RolloutStatus
  reason?: string | undefined
  timedOut: number
  /** Where its last change of course was the hub's own decision: since when. */
  decidedByHubAtMs?: number | undefined
}

/** A deployment whose model has left its last device. */
export type EmptiedFact = { deployment: string; model: string; rolloutId: RolloutId; sinceMs: number }

export type AlertFacts = {
  failed: readonly SiteGroup[]
  degraded: readonly SiteGroup[]
  stale: readonly SiteGroup[]
  unheard: readonly SiteGroup[]
  pending: readonly SiteGroup[]
  /** Devices whose certificate was used in two places at once. */
  duplicated: readonly SiteGroup[]
  conflictPaused: readonly SiteGroup[]
  quarantined: readonly SiteGroup[]
  /** By the code of the trouble. */
  troubles: ReadonlyMap<string, DeviceGroup>
  certificatesEnded: EndingGroup | undefined
  certificatesEnding: EndingGroup | undefined
  rollouts: readonly RolloutFact[]
  /** Deployments that had devices, and have none any more. */
  emptied: readonly EmptiedFact[]
  /** Of the hub; undefined where it cannot be read. */
  certificateNotAfterMs: number | undefined
  authorityNotAfterMs: number | undefined
  disk: 'roomy' | 'low' | 'full'
  /** Model files that another database owns, or that the database does not know; undefined if there are none. */
  files: { kind: 'foreign' | 'strays' | 'halted'; count: number; files: number; sinceMs: number } | undefined
  /** Who switched off that something needs two people. */
  loosened: { by: string; atMs: number; kinds: readonly string[] } | undefined
  /** Those that end soon, the first one first. Empty where the caller may not read keys. */
  keys: readonly { name: string; expiresAtMs: number }[]
  /** Open findings of intrusion detection, the newest first. Empty where the caller may not read them. */
  intrusions: readonly Intrusion[]
}

/** Nothing wrong, as far as is known. */
export const NO_FACTS: AlertFacts = {
  failed: [],
  degraded: [],
  stale: [],
  unheard: [],
  pending: [],
  duplicated: [],
  conflictPaused: [],
  quarantined: [],
  troubles: new Map(),
  certificatesEnded: undefined,
  certificatesEnding: undefined,
  rollouts: [],
  emptied: [],
  certificateNotAfterMs: undefined,
  authorityNotAfterMs: undefined,
  disk: 'roomy',
  files: undefined,
  loosened: undefined,
  keys: [],
  intrusions: [],
}

const DAY_MS = 86_400_000

/** A device renews 122 days before the end of its year; half of that is left when it is asked after. */
export const CERTIFICATE_NOTICE_MS = 60 * DAY_MS
/** Long enough for whoever makes keys to come back from a holiday. */
export const KEY_NOTICE_MS = 14 * DAY_MS
/** A device reports within a minute of joining; a slow start and a first attempt that failed are no news. */
export const UNHEARD_MS = 15 * 60_000
/** Of the hub's own certificate: an automatic renewal elsewhere has had its chance by then. */
export const SERVER_NOTICE_MS = { warning: 21 * DAY_MS, critical: 7 * DAY_MS }
/** A new authority means going to every device. */
export const AUTHORITY_NOTICE_MS = { warning: 180 * DAY_MS, critical: 30 * DAY_MS }

/** A copy tries again each minute: after a day without one it has gone, or was told apart. */
export const DUPLICATE_FRESH_MS = 86_400_000
