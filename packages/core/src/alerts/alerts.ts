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
import {
  type AlertFacts,
  AUTHORITY_NOTICE_MS,
  type DeviceGroup,
  type EndingGroup,
  SERVER_NOTICE_MS,
  type SiteGroup,
} from './alert-facts.ts'
import { alertRules } from './alert-rules.ts'
import { downAlerts } from './down-alert.ts'
import { emptiedAlert } from './emptied-alert.ts'
import { failureAction, failureMessage } from './failure-alert.ts'
import { fileAlerts } from './file-alert.ts'
import { alertFor, countText } from './finding.ts'
import { intrusionAlert } from './intrusion-alert.ts'
import { invalidAnswersAlert } from './invalid-answers-alert.ts'
import { movedAlert } from './moved-alert.ts'
import { type ActionNames, namedAction, othersText } from './named-action.ts'
import { processAlarms } from './process-alarm.ts'
import { rolloutAlerts } from './rollout-alert.ts'
import { silentAction, silentMessage } from './silent-alert.ts'
import { slowAlert } from './slow-alert.ts'
import { vulnerableAlerts } from './vulnerable-alert.ts'

/** Places that have an alert each; more are one alert for all, or a storm would bury everything else. */
const SITES_APART_MAX = 3

/** A device with this condition is conflict-paused, and counted as such. */
const TOLD_BY_STATUS = 'generation_conflict'

/** All alerts, worst first and answered ones last, at most as many as an answer holds. */
export function alertsOf(facts: AlertFacts, nowMs: number): { alerts: Alert[]; omitted: number } {
  const alerts = [
    ...processAlarms(facts.alarms),
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
    ...vulnerableAlerts(facts.vulnerable),
    ...downAlerts(facts),
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
  const message = `${by} switched off or changed the rule that ${kinds.map(ruleWords).join(', ')} need two people`
  const objects: AlertObject[] = [{ kind: 'hub', name: 'approvals' }]
  return [alertFor({ code: 'approvals_off', message, count: kinds.length, objects, sinceMs: atMs, link: '/audit' })]
}

/** A moderated terminal has a holder and a moderator. */
const ruleWords = (kind: string) => (kind === 'moderated' ? 'terminals' : kind)

const SEVERITIES = AlertSeverity.options

function worstFirst(a: Alert, b: Alert): number {
  const byAnswers = Number(a.answer !== undefined) - Number(b.answer !== undefined)
  const bySeverity = SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity)
  return byAnswers || bySeverity || b.count - a.count || (a.id < b.id ? -1 : 1)
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
    message: say(isOne ? `${device} at ${site}` : `${countText(count, 'device')} at ${site}`, isOne, group),
    ...actionOf(rule, group, site),
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
    message: say(`${countText(count, 'device')} at ${countText(groups.length, 'site')}`, false, worst),
    ...actionOf(rule, worst),
    count,
    objects: groups
      .slice(0, ALERT_OBJECTS_MAX)
      .map((group) => ({ kind: 'site' as const, name: group.site, count: group.count })),
    link: devicesPath({ health, selector }),
    ...since(times.length === 0 ? undefined : times.reduce((first, time) => Math.min(first, time))),
  })
}

/** The action with the names of the group's device, and with the command that lists its other devices. */
function actionOf(
  { code, act, health }: SiteRule,
  group: SiteGroup | undefined,
  place?: string,
): Pick<Alert, 'action'> {
  const action = act?.(group) ?? alertRules[code].action
  const words = health === undefined ? undefined : `health:${health}`
  const names = { DEVICE: group?.device, SITE: group?.site }
  return { action: namedAction(action, names) + othersText(group?.count ?? 1, words, place) }
}

function troubleAlert(trouble: string, group: DeviceGroup): Alert {
  const advice = conditionAdvice[trouble]
  const what = advice ? `${trouble}: ${advice.means}` : trouble
  return alertFor({
    ...deviceFinding(group, { health: 'degraded' }),
    code: 'devices_in_trouble',
    about: trouble,
    message: `${whoOf(group)} ${group.count === 1 ? 'reports' : 'report'} ${what}`,
    action: namedAction(advice ? sentence(advice.action) : alertRules.devices_in_trouble.action, namesOf(group)),
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
      action: namedAction(alertRules[code].action, namesOf(group)),
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
    keys.length === 1 ? `the API key ${first.name} ends soon` : `${countText(keys.length, 'API key')} end soon`
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

const namesOf = ({ devices: [device], site, deployment }: DeviceGroup): ActionNames => ({
  DEVICE: device,
  SITE: site,
  DEPLOYMENT: deployment,
})

const whoOf = ({ count, devices }: DeviceGroup) => (count === 1 ? (devices[0] ?? '') : countText(count, 'device'))

const since = (sinceMs: number | undefined) => (sinceMs === undefined ? {} : { sinceMs })

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
