/** Alert view: a table of the conditions that need a person. Below, it gives the next step for each kind. */
import type { AlertCode, AlertSeverity, Alerts } from '@skerry/contract/alerts/alert'
import { soonTexts } from '@skerry/core/alerts/quiet-words'
import type { Session } from '../../program/session.ts'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { agoText, countText, instantText } from '../../program/terminal/words.ts'

/** Alerts of these codes have an action each. */
const OWN_ACTIONS: ReadonlySet<AlertCode> = new Set(['devices_in_trouble', 'process_alarm'])

/** The findings, or a text that there are none. The text also counts the devices in an unknown state. */
export function alertsText(found: Alerts, { style, io }: Pick<Session, 'style' | 'io'>): string {
  const { alerts, omitted, unknownDevices } = found
  const nowMs = io.nowMs()
  const soon = soonTexts(found, nowMs)
  if (alerts.length === 0) return quietText(unknownDevices, soon)
  const table = tableOf(
    style,
    ['SEVERITY', 'SINCE', 'ENDS', 'FINDING'],
    alerts.map(({ severity, sinceMs, dueMs, message }) => [
      paint(style, severity),
      agoText(sinceMs, nowMs),
      instantText(dueMs),
      message,
    ]),
    '',
  )
  const actions = new Map(alerts.map(({ code, id, action }) => [OWN_ACTIONS.has(code) ? id : code, action]))
  const more = omitted > 0 ? [`${countText(omitted, 'more finding')} not shown; handle these first`] : []
  return [table, factsOf(style, [...actions]), ...more, ...soon].join('\n\n')
}

function quietText(unknownDevices: number, soon: readonly string[]): string {
  const unknown = unknownDevices === 0 ? [] : [`the state of ${countText(unknownDevices, 'device')} is not known yet`]
  const doubts = [...unknown, ...soon]
  return doubts.length === 0 ? 'all quiet' : `no alerts, but ${doubts.join(', and ')}`
}

function paint(style: Style, severity: AlertSeverity): string {
  if (severity === 'info') return severity
  return severity === 'critical' ? style.red(severity) : style.yellow(severity)
}
