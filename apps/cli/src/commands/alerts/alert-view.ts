/** Alert view: what needs a person as a table, with what to do about each kind of it below. */
import type { AlertSeverity, Alerts } from '@skerry/contract/alerts/alert'
import type { Session } from '../../program/session.ts'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { agoText, countText, instantText } from '../../program/terminal/words.ts'

/** The findings, or that there are none, without passing over what is unknown. */
export function alertsText(
  { alerts, omitted, unknownDevices }: Alerts,
  { style, io }: Pick<Session, 'style' | 'io'>,
): string {
  if (alerts.length === 0) return quietText(unknownDevices)
  const nowMs = io.nowMs()
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
  const actions = new Map(alerts.map(({ code, id, action }) => [code === 'devices_in_trouble' ? id : code, action]))
  const more = omitted > 0 ? [`${countText(omitted, 'more finding')} not shown; handle these first`] : []
  return [table, factsOf(style, [...actions]), ...more].join('\n\n')
}

const quietText = (unknownDevices: number) =>
  unknownDevices === 0
    ? 'all quiet'
    : `no alerts, but the state of ${countText(unknownDevices, 'device')} is not known yet`

function paint(style: Style, severity: AlertSeverity): string {
  if (severity === 'info') return severity
  return severity === 'critical' ? style.red(severity) : style.yellow(severity)
}
