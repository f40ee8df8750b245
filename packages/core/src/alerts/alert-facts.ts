/**
 * Alert facts: the input of the alert rules. The database computes the sums, so that the cost depends on the number of
 * problems and not on the size of the fleet.
 */
import type { AlertAnswer } from '@skerry/contract/alerts/alert'
import type { ConnectionKind } from '@skerry/contract/connections/connection'
import type { Intrusion } from '@skerry/contract/intrusion/intrusion'
import type { PausedBy, RolloutStatus } from '@skerry/contract/rollouts/rollout'
import type { OptimisationId, RolloutId } from '@skerry/contract/values/ids'
import type { Proposal } from '../builds/proposal.ts'
import type { AlarmFact } from './process-alarm.ts'

/** Devices of one site that are in the same state. */
export type SiteGroup = {
  site: string
  count: number
  /** One of them, for the case that there is only one. */
  device: string
  /** Since when the first of them. */
  sinceMs?: number | undefined
  /** How many of them are silent because their agent was stopped in order. */
  stopped?: number | undefined
  /** The failed version on `device`, if the group is about failures and the hub has read it. */
  failure?: FailureFact | undefined
}

/** A version that failed on a device that reports. */
export type FailureFact = {
  model: string
  version: number
  code: string
  message: string
  /** The device did not try the version again, because it failed there before. */
  remembered?: true | undefined
  /** The version of the model that serves in its place; undefined if none does. */
  serving?: number | undefined
  /** Other models that serve on the device, such as `ocr:3`. */
  others: readonly string[]
  /** Undefined if the deployment is gone. */
  deployment?: string | undefined
}

/** Devices that name one trouble, or share another property; the first few by name. */
export type DeviceGroup = {
  count: number
  devices: readonly string[]
  sinceMs?: number | undefined
  /** The site of the first device. */
  site?: string | undefined
  /** The deployment of the model that is in trouble on the first device. */
  deployment?: string | undefined
}

/** Devices whose certificates end before some time; those that end first are named. */
export type EndingGroup = DeviceGroup & { dueMs: number }

/** A deployment's newest rollout, unless it is done. */
export type RolloutFact = {
  id: RolloutId
  deployment: string
  revision: number
  status: RolloutStatus
  reason?: string | undefined
  pausedBy?: PausedBy | undefined
  /** The number of devices on which it failed, and the names of the first few. */
  failed?: { count: number; devices: readonly string[] } | undefined
  timedOut: number
  /** The time of its last change of course, if that was the hub's own decision. */
  decidedByHubAtMs?: number | undefined
  /** The gate that paused it, if no failed device did. */
  gate?: { wave: string; analysis: string } | undefined
}

/** A deployment whose model has left its last device. */
export type EmptiedFact = { deployment: string; deployable: string; rolloutId: RolloutId; sinceMs: number }

/** A monitored version that alerts. */
export type MovedFact = {
  model: string
  version: number
  sinceMs: number
  features: readonly MovedFeature[]
  /** The cohorts that moved while others did not, such as `site=hamburg`. */
  cohorts?: readonly string[]
  /** A deployment of the model, if there is one. */
  deployment?: string | undefined
  /** If the estimated accuracy alerts: the shares of right answers. */
  estimated?: { accuracy: number; reference: number }
  /** If the estimated error of a regression alerts: the mean absolute errors. */
  estimatedError?: { mae: number; reference: number }
}

/** The findings are words such as `drift`. */
export type MovedFeature = { feature: string; findings: readonly string[] }

/** A version whose p95 on devices is above the goal of its last optimisation. The device is the slowest. */
export type SlowFact = {
  proposal: Proposal
  optimisation: OptimisationId
  device: string
  count: number
  p95Us: number
}

/** A version of a language model whose answers break their schema too often. The device is the worst. */
export type InvalidAnswersFact = {
  model: string
  version: number
  device: string
  count: number
  invalidShare: number
  /** A deployment of the model, if there is one. */
  deployment?: string | undefined
}

/** The number of vulnerabilities, and the worst one with the number of its devices. */
export type VulnerableFact = { count: number; worst: { id: string; severity: 'critical' | 'high'; devices: number } }

/** A source or a sink that does not work on a device that reports. */
export type DownFact = { name: string; device: string; sinceMs: number; message?: string | undefined }

/** The number of all, and the first few, the oldest first. */
export type DownGroup = { count: number; oldest: readonly DownFact[] }

/** Sources or sinks that are down, and that people have answered in this way. The answer is the newest one. */
export type AnsweredDown = DownGroup & { kind: ConnectionKind; answer: AlertAnswer }

export type AlertFacts = {
  /** The alarms that flows raise now. */
  alarms: readonly AlarmFact[]
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
  /** Monitored versions whose values moved. */
  moved: readonly MovedFact[]
  slow: readonly SlowFact[]
  invalidAnswers: readonly InvalidAnswersFact[]
  /** Severe open vulnerabilities on devices; undefined if there are none. */
  vulnerable: VulnerableFact | undefined
  /** The open ones. Empty if the caller may not read sources and sinks. */
  down: Readonly<Record<ConnectionKind, DownGroup>>
  /** The acknowledged and shelved ones. */
  answeredDown: readonly AnsweredDown[]
  /** The end of the hub's certificate; undefined if it cannot be read. */
  certificateNotAfterMs: number | undefined
  authorityNotAfterMs: number | undefined
  disk: 'roomy' | 'low' | 'full'
  /** Model files that another database owns, or that the database does not know; undefined if there are none. */
  files: { kind: 'foreign' | 'strays' | 'halted'; count: number; files: number; sinceMs: number } | undefined
  /** The person who switched off a two-person rule. */
  loosened: { by: string; atMs: number; kinds: readonly string[] } | undefined
  /** Keys that end soon, the first one first. Empty if the caller may not read keys. */
  keys: readonly { name: string; expiresAtMs: number }[]
  /** Open findings of intrusion detection, the newest first. Empty if the caller may not read them. */
  intrusions: readonly Intrusion[]
}

/** Nothing wrong, as far as is known. */
export const NO_FACTS: AlertFacts = {
  alarms: [],
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
  moved: [],
  slow: [],
  invalidAnswers: [],
  vulnerable: undefined,
  down: { source: { count: 0, oldest: [] }, sink: { count: 0, oldest: [] } },
  answeredDown: [],
  certificateNotAfterMs: undefined,
  authorityNotAfterMs: undefined,
  disk: 'roomy',
  files: undefined,
  loosened: undefined,
  keys: [],
  intrusions: [],
}

const DAY_MS = 86_400_000

/** A device renews 122 days before the end of its year. This alert comes when half of that time is left. */
export const CERTIFICATE_NOTICE_MS = 60 * DAY_MS
/** Long enough for the owner of a key to come back from a holiday. */
export const KEY_NOTICE_MS = 14 * DAY_MS
/** A device reports within a minute of joining. A slow start, or a failed first attempt, is no reason for an alert. */
export const UNHEARD_MS = 15 * 60_000
/**
 * Short gaps of a network and the restart of a PLC program pass within it. Lists and the overview show a source that is
 * down at once, and state when the alert follows.
 */
export const DOWN_MS = 60_000
/** For the hub's own certificate: by then, an automatic renewal elsewhere should have replaced it. */
export const SERVER_NOTICE_MS = { warning: 21 * DAY_MS, critical: 7 * DAY_MS }
/** A new authority means going to every device. */
export const AUTHORITY_NOTICE_MS = { warning: 180 * DAY_MS, critical: 30 * DAY_MS }

/** A copy tries again each minute. After a day without a try it is gone, or has been identified. */
export const DUPLICATE_FRESH_MS = 86_400_000
