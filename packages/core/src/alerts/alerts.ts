/**
 * Alerts: derives from facts the problems that need a person. Nothing is stored: the same facts give the same alerts,
 * so an alert ends when its cause ends. Many devices in one state make one alert, or one for each site while there are
 * few sites.
 */
import {
  ALERT_OBJECTS_MAX,
  ALERTS_MAX,
  type Alert,
  type AlertCode,
  type AlertObject,
  AlertSeverity,
} from '@skerry/contract/alerts/alert'
import type { DeviceHealth } from '@skerry/contract/devices/device'
import { conditionAdvice } from '../devices/condition-advice.ts'
import { namesWords } from '../values/names-words.ts'
import {
  type AlertFacts,
  AUTHORITY_NOTICE_MS,
  type DeviceGroup,
  type EndingGroup,
  type RolloutFact,
  SERVER_NOTICE_MS,
  type SiteGroup,
} from './alert-facts.ts'
import { alertRules } from './alert-rules.ts'
import { downAlerts } from './down-alert.ts'
import { emptiedAlert } from './emptied-alert.ts'
import { failureAction, failureMessage } from './failure-alert.ts'
import { fileAlerts } from './file-alert.ts'
import { intrusionAlert } from './intrusion-alert.ts'
import { invalidAnswersAlert } from './invalid-answers-alert.ts'
import { movedAlert } from './moved-alert.ts'
import { silentAction, silentMessage } from './silent-alert.ts'
import { slowAlert } from './slow-alert.ts'

/** Places that have an alert each; more are one alert for all, or a storm would bury everything else. */
const SITES_APART_MAX = 3

/** A device with this condition is conflict-paused, and counted as such. */
const TOLD_BY_STATUS = 'generation_conflict'

/** All alerts, worst first, at most as many as an answer holds. */
export function alertsOf(facts: AlertFacts, nowMs: number): { alerts: Alert[]; omitted: number } {
  const alerts = [
    ...siteAlerts(facts.failed, {
      code: 'devices_failed',
      say: (who, isOne, group) => failureMessage(group, who, isOne, 'failed: no version of a model serves there'),
      act: failureAction,
      health: 'failed',
    }),
    ...siteAlerts(facts.degraded, {
      code: 'devices_degraded',
      say: (who, isOne, group) => failureMessage(group, who, isOne, 'rejected a version and serves an older one'),
      act: failureAction,
      health: 'degraded',
    }),
    ...siteAlerts(facts.stale, {
      code: 'devices_stale',
      say: silentMessage,
      act: silentAction,
      health: 'stale',
    }),
    ...siteAlerts(facts.unheard, {
      code: 'devices_unheard',
      say: (who, isOne) => `${who} joined, but ${isOne ? 'has' : 'have'} never reported`,
      health: 'never',
    }),
    ...siteAlerts(facts.pending, {
      code: 'devices_pending',
      say: (who, isOne) => `${who} ${isOne ? 'waits' : 'wait'} for approval`,
      health: 'pending',
    }),
    ...siteAlerts(facts.conflictPaused, {
      code: 'devices_conflict_paused',
      say: (who, isOne) => `${who} ${isOne ? 'follows' : 'follow'} a newer desired state than this hub knows`,
      selector: 'device.status == "conflict-paused"',
    }),
    ...siteAlerts(facts.quarantined, {
      code: 'devices_quarantined',
      say: (who, isOne) => `${who} ${isOne ? 'is in quarantine and gets' : 'are in quarantine and get'} no changes`,
      health: 'quarantined',
    }),
    ...siteAlerts(facts.duplicated, {
      code: 'devices_duplicated',
      say: (who, isOne) => `${who} ${isOne ? 'is' : 'are'} used in two places at once, with one key`,
    }),
    ...[...facts.troubles].flatMap(([code, group]) => (code === TOLD_BY_STATUS ? [] : [troubleAlert(code, group)])),
    ...certificateAlerts(facts),
    ...facts.rollouts.flatMap(rolloutAlerts),
    ...facts.emptied.map(emptiedAlert),
    ...facts.moved.map(movedAlert),
    ...facts.slow.map(slowAlert),
    ...facts.invalidAnswers.map(invalidAnswersAlert),
    ...downAlerts(facts.down),
    ...hubAlerts(facts, nowMs),
    ...keyAlerts(facts.keys),
    ...fileAlerts(facts.files),
    ...facts.intrusions.map(intrusionAlert),
    ...loosenedAlerts(facts.loosened),
  ].sort(worstFirst)
  return { alerts: alerts.slice(0, ALERTS_MAX), omitted: Math.max(0, alerts.length - ALERTS_MAX) }
}

function loosenedAlerts(loosened: AlertFacts['loosened']): Alert[] {
  if (!loosened) return []
  const { by, atMs, kinds } = loosened
  const message = `${by} switched off or changed the rule that ${kinds.join(', ')} need two people`
  const objects: AlertObject[] = [{ kind: 'hub', name: 'approvals' }]
  return [alertFor({ code: 'approvals_off', message, count: kinds.length, objects, sinceMs: atMs, link: '/audit' })]
}

const SEVERITIES = AlertSeverity.options

function worstFirst(a: Alert, b: Alert): number {
  const bySeverity = SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity)
  return bySeverity || b.count - a.count || (a.id < b.id ? -1 : 1)
}

type Finding = Pick<Alert, 'code' | 'message' | 'count' | 'objects' | 'link'> & Partial<Alert> & { about?: string }

function alertFor({ about, ...finding }: Finding): Alert {
  const { severity, action } = alertRules[finding.code]
  const id = about === undefined ? finding.code : `${finding.code}:${about}`
  return { id, severity, action, ...finding }
}

type SiteRule = {
  code: AlertCode
  /** `who` is a device or how many of them, and where. `group` is the worst one. */
  say: (who: string, isOne: boolean, group: SiteGroup | undefined) => string
  /** The next action for these devices; without it, the code's own action is shown. */
  act?: (group: SiteGroup | undefined) => string | undefined
  health?: DeviceHealth
  selector?: string
}

function siteAlerts(groups: readonly SiteGroup[], rule: SiteRule): Alert[] {
  const sorted = groups.toSorted((a, b) => b.count - a.count || (a.site < b.site ? -1 : 1))
  if (sorted.length > SITES_APART_MAX) return [fleetAlert(sorted, rule)]
  return sorted.map((group) => siteAlert(group, rule))
}

function siteAlert(group: SiteGroup, rule: SiteRule): Alert {
  const { site, count, device, sinceMs } = group
  const { code, say, health, selector } = rule
  const isOne = count === 1
  const place: AlertObject = { kind: 'site', name: site, ...(isOne ? {} : { count }) }
  return alertFor({
    code,
    about: site,
    message: say(isOne ? `${device} at ${site}` : `${countOf(count, 'device')} at ${site}`, isOne, group),
    ...actionOf(rule, group),
    count,
    objects: isOne ? [{ kind: 'device', name: device }, place] : [place],
    link: isOne ? devicePath(device) : devicesPath({ health, selector: both(selector, `site.name == "${site}"`) }),
    ...since(sinceMs),
  })
}

function fleetAlert(groups: readonly SiteGroup[], rule: SiteRule): Alert {
  const { code, say, health, selector } = rule
  const count = groups.reduce((sum, group) => sum + group.count, 0)
  const stopped = groups.reduce((sum, group) => sum + (group.stopped ?? 0), 0)
  const worst = groups[0] && { ...groups[0], count, stopped }
  const times = groups.flatMap(({ sinceMs }) => (sinceMs === undefined ? [] : [sinceMs]))
  return alertFor({
    code,
    message: say(`${countOf(count, 'device')} at ${countOf(groups.length, 'site')}`, false, worst),
    ...actionOf(rule, worst),
    count,
    objects: groups
      .slice(0, ALERT_OBJECTS_MAX)
      .map((group) => ({ kind: 'site' as const, name: group.site, count: group.count })),
    link: devicesPath({ health, selector }),
    ...since(times.length === 0 ? undefined : times.reduce((first, time) => Math.min(first, time))),
  })
}

function actionOf({ act }: SiteRule, group: SiteGroup | undefined): Partial<Pick<Alert, 'action'>> {
  const action = act?.(group)
  return action === undefined ? {} : { action }
}

function troubleAlert(trouble: string, group: DeviceGroup): Alert {
  const advice = conditionAdvice[trouble]
  const what = advice ? `${trouble}: ${advice.means}` : trouble
  return alertFor({
    ...deviceFinding(group, { health: 'degraded' }),
    code: 'devices_in_trouble',
    about: trouble,
    message: `${whoOf(group)} ${group.count === 1 ? 'reports' : 'report'} ${what}`,
    action: advice ? sentence(advice.action) : alertRules.devices_in_trouble.action,
  })
}

/** Turns a link between documents into a path, because an alert is read outside of the documents. */
const sentence = (text: string) =>
  text.charAt(0).toUpperCase() + text.slice(1).replace(/\[([^\]]+)\]\(\.\.\/([^)]+)\)/g, 'docs/$2')

function certificateAlerts({ certificatesEnded, certificatesEnding }: AlertFacts): Alert[] {
  const alertOf = (code: AlertCode, group: EndingGroup, says: string) =>
    alertFor({
      ...deviceFinding(group, {}),
      code,
      message: `${group.count === 1 ? 'the certificate' : 'the certificates'} of ${whoOf(group)} ${says}`,
      dueMs: group.dueMs,
    })
  return [
    ...(certificatesEnded
      ? [alertOf('certificates_ended', certificatesEnded, certificatesEnded.count === 1 ? 'has ended' : 'have ended')]
      : []),
    ...(certificatesEnding
      ? [
          alertOf(
            'certificates_ending',
            certificatesEnding,
            certificatesEnding.count === 1 ? 'ends soon and is not renewed' : 'end soon and are not renewed',
          ),
        ]
      : []),
  ]
}

/** `reason` ends a sentence that the hub began, so it comes last in the message. */
function rolloutAlerts(rollout: RolloutFact): Alert[] {
  const { id, deployment, revision, status, pausedBy, timedOut, decidedByHubAtMs } = rollout
  const name = `${deployment}, revision ${revision}`
  const common = { about: id, objects: [{ kind: 'rollout' as const, name: id }], link: `/rollouts/${id}` }
  // The pause is part of the strategy, so nothing is wrong.
  if (status === 'paused' && pausedBy === 'plan') return []
  if (decidedByHubAtMs !== undefined && status !== 'rolling') {
    const [code, verb] =
      status === 'paused'
        ? (['rollout_paused', 'is paused'] as const)
        : (['rollout_stopped', status === 'aborted' ? 'was aborted' : 'was rolled back'] as const)
    return [
      alertFor({
        ...common,
        code,
        count: 1,
        message: `the rollout of ${name} ${verb}${becauseOf(rollout)}`,
        sinceMs: decidedByHubAtMs,
        ...actionAfter(rollout),
      }),
    ]
  }
  if (status === 'rolled-back') return [rejectedSpec(rollout, common)]
  // No alert for the others: the person who paused or aborted the rollout knows about it.
  if (status !== 'rolling' || timedOut === 0) return []
  const message = `${countOf(timedOut, 'device')} did not answer in time in the rollout of ${name}`
  return [alertFor({ ...common, code: 'rollout_timed_out', count: timedOut, message })]
}

/** The action of a stopped rollout. The first revision has no earlier one to return to. */
function actionAfter({ deployment, revision, status, gate }: RolloutFact): Partial<Pick<Alert, 'action'>> {
  if (status !== 'paused') return {}
  const back =
    revision === 1
      ? anewText(deployment)
      : `return to the earlier revision with \`skerry deployment rollback ${deployment}\``
  if (gate) return { action: gateAction(deployment, gate, back) }
  return {
    action: `Check the failed devices. Then continue with \`skerry rollout resume ${deployment} --reason REASON\`, or ${back}`,
  }
}

const anewText = (deployment: string) =>
  `deploy another version, or remove the deployment with \`skerry deployment rm ${deployment}\``

/** The reason, and the devices behind it. */
function becauseOf({ reason, failed }: RolloutFact): string {
  if (reason === undefined) return ''
  const who = failed && failed.count > 0 ? ` (${namesWords(failed.devices, failed.count)})` : ''
  return `: ${reason}${who}`
}

/** A person rolled it back and knows that. The spec still names the version, so the next change may bring it back. */
const rejectedSpec = (
  { deployment, revision }: RolloutFact,
  common: Pick<Finding, 'about' | 'objects' | 'link'>,
): Alert =>
  alertFor({
    ...common,
    code: 'rollout_stopped',
    severity: 'info',
    count: 1,
    message: `the spec of ${deployment} names the version of revision ${revision}, which was rolled back`,
    action:
      revision === 1
        ? `Deploy a better version, or remove the deployment with \`skerry deployment rm ${deployment}\``
        : `Deploy a better version, or run \`skerry deployment rollback ${deployment}\`: it gives the spec the earlier version`,
  })

/** No device failed, so the action is about the gate. */
const gateAction = (deployment: string, { wave, analysis }: NonNullable<RolloutFact['gate']>, back: string) =>
  `See the gate ${analysis} of wave ${wave} with \`skerry rollout show ${deployment}\`. Measure it again with \`skerry rollout retry ${deployment} --reason REASON\`, then continue with \`skerry rollout resume ${deployment} --reason REASON\`. Resume without a retry accepts its result. Or ${back}`

function hubAlerts({ certificateNotAfterMs, authorityNotAfterMs, disk }: AlertFacts, nowMs: number): Alert[] {
  const common = { count: 1, objects: [{ kind: 'hub' as const, name: 'hub' }], link: '/settings?tab=about' }
  const ending = (code: AlertCode, notAfterMs: number | undefined, notice: typeof SERVER_NOTICE_MS, what: string) => {
    const leftMs = (notAfterMs ?? Number.POSITIVE_INFINITY) - nowMs
    if (notAfterMs === undefined || leftMs > notice.warning) return []
    const severity = leftMs > notice.critical ? ('warning' as const) : ('critical' as const)
    const message = `the ${what} of the hub ${leftMs > 0 ? 'ends soon' : 'has ended'}`
    return [alertFor({ ...common, code, message, severity, dueMs: notAfterMs })]
  }
  const disks = {
    roomy: [],
    low: [alertFor({ ...common, code: 'hub_disk_low', message: 'the disk of the hub is nearly full' })],
    full: [
      alertFor({
        ...common,
        code: 'hub_disk_full',
        message: 'the disk of the hub is full: it rejects uploads',
      }),
    ],
  }
  return [
    ...ending('hub_certificate_ending', certificateNotAfterMs, SERVER_NOTICE_MS, 'certificate'),
    ...ending('hub_authority_ending', authorityNotAfterMs, AUTHORITY_NOTICE_MS, 'certificate authority'),
    ...disks[disk],
  ]
}

function keyAlerts(keys: AlertFacts['keys']): Alert[] {
  const [first] = keys
  if (!first) return []
  const message =
    keys.length === 1 ? `the API key ${first.name} ends soon` : `${countOf(keys.length, 'API key')} end soon`
  const objects = keys.slice(0, ALERT_OBJECTS_MAX).map(({ name }) => ({ kind: 'key' as const, name }))
  const link = '/settings?tab=keys'
  return [alertFor({ code: 'keys_ending', message, count: keys.length, objects, dueMs: first.expiresAtMs, link })]
}

/** Few devices are found by their names, many by how they fare. */
function deviceFinding({ count, devices, sinceMs }: DeviceGroup, { health }: { health?: DeviceHealth }) {
  const [first = ''] = devices
  const named = devices.slice(0, ALERT_OBJECTS_MAX)
  const selector = count === named.length ? `device.name in ${JSON.stringify(named)}` : undefined
  return {
    count,
    objects: named.map((name) => ({ kind: 'device' as const, name })),
    link: count === 1 ? devicePath(first) : devicesPath(selector === undefined ? { health } : { selector }),
    ...since(sinceMs),
  }
}

const whoOf = ({ count, devices }: DeviceGroup) => (count === 1 ? (devices[0] ?? '') : countOf(count, 'device'))

const since = (sinceMs: number | undefined) => (sinceMs === undefined ? {} : { sinceMs })

const number = (value: number) => String(value).replace(/\B(?=(\d{3})+$)/g, ',')
const countOf = (count: number, noun: string) => `${number(count)} ${noun}${count === 1 ? '' : 's'}`

const both = (a: string | undefined, b: string) => (a === undefined ? b : `${a} && ${b}`)

const devicePath = (name: string) => `/devices/${encodeURIComponent(name)}`

function devicesPath({
  health,
  selector,
}: {
  health?: DeviceHealth | undefined
  selector?: string | undefined
}): string {
  const search = [
    ...(health === undefined ? [] : [`health=${health}`]),
    ...(selector === undefined ? [] : [`q=${encodeURIComponent(selector)}`]),
  ]
  return search.length === 0 ? '/devices' : `/devices?${search.join('&')}`
}
