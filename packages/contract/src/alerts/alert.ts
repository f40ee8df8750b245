/**
 * Alerts: findings that need a person. The hub derives them from known facts at each request, so they appear and go by
 * themselves.
 */
import * as z from 'zod'
import { InstantMs, Name } from '../values/names.ts'

/** Codes are part of the API: `noun_problem`, never reused, described in docs/reference/alerts.md. */
export const AlertCode = z.enum([
  'process_alarm',
  'devices_failed',
  'devices_degraded',
  'devices_stale',
  'devices_unheard',
  'devices_pending',
  'devices_conflict_paused',
  'devices_quarantined',
  'devices_duplicated',
  'devices_in_trouble',
  'certificates_ended',
  'certificates_ending',
  'rollout_paused',
  'rollout_stopped',
  'rollout_timed_out',
  'deployment_empty',
  'model_moved',
  'model_slow',
  'answers_invalid',
  'sources_down',
  'sinks_down',
  'hub_certificate_ending',
  'hub_authority_ending',
  'hub_disk_full',
  'hub_disk_low',
  'hub_files_foreign',
  'hub_files_unknown',
  'keys_ending',
  'intrusion_suspected',
  'vulnerabilities_open',
  'approvals_off',
])
export type AlertCode = z.infer<typeof AlertCode>

/** critical: something does not work. warning: it will not, or not as intended. info: somebody waits for an answer. */
export const AlertSeverity = z.enum(['critical', 'warning', 'info'])
export type AlertSeverity = z.infer<typeof AlertSeverity>

/** The subject of an alert. The worst ones are named; `count` of the alert gives the number of all. */
export const AlertObject = z.strictObject({
  kind: z.enum(['site', 'device', 'rollout', 'key', 'user', 'hub']),
  name: z.string().max(128),
  /** The number of devices, if the object stands for several, such as a site for its devices. */
  count: z.int().min(1).optional(),
})
export type AlertObject = z.infer<typeof AlertObject>

/**
 * The alerts that a person answers: alarms of flows, and sources and sinks that are down. All other alerts end with
 * their cause.
 */
export const ANSWERABLE_CODES: ReadonlySet<AlertCode> = new Set<AlertCode>([
  'process_alarm',
  'sources_down',
  'sinks_down',
])

/** [ISA-18.2 11.4] A shelved alarm returns by itself. A day is longer than a shift, and no alarm is forgotten in it. */
export const SHELF_SECONDS_MAX = 86_400

/** A shorter time than a minute would end before the person has left the page. */
export const ShelfSeconds = z.int().min(60).max(SHELF_SECONDS_MAX)

/** The answer of a person to an alert. The alert stays listed, and is quiet. */
export const AlertAnswer = z.strictObject({
  /** `acknowledged`: until it ends. `shelved`: until a time, also when it occurs again. */
  state: z.enum(['acknowledged', 'shelved']),
  by: z.string().max(200),
  atMs: InstantMs,
  /** The comment of an acknowledgement, or the reason for shelving. */
  comment: z.string().max(500).optional(),
  /** When a shelved alert returns. */
  untilMs: InstantMs.optional(),
})
export type AlertAnswer = z.infer<typeof AlertAnswer>

/** A screen shows the worst few; more than this would be no findings but a list. */
export const ALERTS_MAX = 100
/** More names are no help; the link leads to them all. */
export const ALERT_OBJECTS_MAX = 5

/** The same for as long as the finding lasts. */
export const AlertId = z.string().min(1).max(200)

export const Alert = z.strictObject({
  id: AlertId,
  code: AlertCode,
  severity: AlertSeverity,
  /** The finding, in words for people. */
  message: z.string().max(1_000),
  /** The next action, in words for people. */
  action: z.string().max(1_000),
  /** The number of all subjects. */
  count: z.int().min(1),
  objects: z.array(AlertObject).max(ALERT_OBJECTS_MAX),
  /** Since when it lasts, if that is known. */
  sinceMs: InstantMs.optional(),
  /** When it gets worse by itself: a certificate or a key ends. */
  dueMs: InstantMs.optional(),
  /** Where to look: a path of the console. */
  link: z.string().max(1_000),
  /** The newest answer, if people have answered all of its subjects. Absent from older hubs. */
  answer: AlertAnswer.optional(),
})
export type Alert = z.infer<typeof Alert>

/** Devices that are silent, but not yet for as long as a restart may take. */
export const NewlySilent = z.strictObject({
  count: z.int().min(1),
  /** The first of them by name. */
  first: Name,
  /** Since when the longest of them is silent. */
  sinceMs: InstantMs,
  /** When the first of them becomes an alert, unless it reports before. */
  alertAtMs: InstantMs,
})
export type NewlySilent = z.infer<typeof NewlySilent>

/** Sources or sinks that are down, but not yet for so long that it is an alert. */
export const NewlyDown = z.strictObject({
  kind: z.enum(['source', 'sink']),
  count: z.int().min(1),
  /** The one that is down for the longest time, and its device. */
  name: Name,
  device: Name,
  sinceMs: InstantMs,
  /** When it becomes an alert, unless it is up again before. */
  alertAtMs: InstantMs,
})
export type NewlyDown = z.infer<typeof NewlyDown>

export const Alerts = z.strictObject({
  /** Worst first. The answered ones are last. */
  alerts: z.array(Alert).max(ALERTS_MAX),
  /** Alerts beyond the most that an answer holds. */
  omitted: z.int().min(0),
  /** Devices of which nothing is known now: quiet is not well. */
  unknownDevices: z.int().min(0),
  /** They are no alert yet. Absent if there are none, and from hubs up to 0.1.0. */
  newlySilent: NewlySilent.optional(),
  /** They are no alert yet. Absent if there are none, and from older hubs. */
  newlyDown: z.array(NewlyDown).max(2).optional(),
})
export type Alerts = z.infer<typeof Alerts>
