/** Alert view: a table of the conditions that need a person. Below, it gives the next step for each kind. */
import {
  type Alert,
  type AlertCode,
  type AlertSeverity,
  type Alerts,
  ANSWERABLE_CODES,
} from '@skerry/contract/alerts/alert'
import { answerText } from '@skerry/core/alerts/alert-answers'
import { soonTexts } from '@skerry/core/alerts/quiet-words'
import type { Session } from '../../program/session.ts'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { agoText, countText, instantText } from '../../program/terminal/words.ts'

/** Alerts of these codes have an action each. */
const OWN_ACTIONS: ReadonlySet<AlertCode> = new Set(['devices_in_trouble', ...ANSWERABLE_CODES])

/** The findings, or a text that there are none. The text also counts the devices in an unknown state. */
export function alertsText(found: Alerts, { style, io }: Pick<Session, 'style' | 'io'>): string {
  const { alerts, omitted, unknownDevices } = found
  const nowMs = io.nowMs()
  const soon = soonTexts(found, nowMs)
  if (alerts.length === 0) return quietText(unknownDevices, soon)
  const table = tableOf(
    style,
    ['SEVERITY', 'SINCE', 'ENDS', 'FINDING'],
    alerts.map((alert) => [
      alert.answer ? style.dim(alert.answer.state) : paint(style, alert.severity),
      agoText(alert.sinceMs, nowMs),
      instantText(alert.dueMs),
      findingText(alert, style),
    ]),
    '',
  )
  const open = alerts.filter(({ answer }) => answer === undefined)
  const actions = new Map(open.map(({ code, id, action }) => [OWN_ACTIONS.has(code) ? id : code, action]))
  const steps = actions.size === 0 ? [] : [factsOf(style, [...actions])]
  const more = omitted > 0 ? [`${countText(omitted, 'more finding')} not shown; handle these first`] : []
  return [table, ...steps, ...answerHint(open), ...more, ...soon].join('\n\n')
}

/** The severity of an answered alert has made room for its answer, so the text has both. */
const findingText = ({ answer, severity, message }: Alert, style: Style): string =>
  answer ? `${style.dim(`${severity}, ${answerText(answer, instantText)}:`)} ${message}` : message

function answerHint(open: readonly Alert[]): string[] {
  const first = open.find(({ code }) => ANSWERABLE_CODES.has(code))
  if (!first) return []
  return [
    `Acknowledge an alert about equipment, such as \`skerry alerts ack ${first.id}\`, or shelve it, such as \`skerry alerts shelve ${first.id} --for 8h --reason REASON\``,
  ]
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
