/** Process alarm: an alarm that a flow raises on a device now, with its source, its tag and the reason. */
import { ALERT_OBJECTS_MAX, type Alert, type AlertAnswer } from '@skerry/contract/alerts/alert'
import type { AlarmSignal } from '../flow/alarm-signals.ts'
import { answeredAlert, byAnswer } from './alert-answers.ts'
import { alertFor, countText } from './finding.ts'

/** A raised alarm. */
export type AlarmFact = AlarmSignal & {
  device: string
  site: string
  sinceMs: number
  /** The device does not report now, so that the alarm may have ended. */
  isSilent: boolean
  /** Of the signal, if it depends on one source or one tag only. */
  source?: string | undefined
  tag?: string | undefined
  /** The newest texts of the flow, by signal. */
  reasons: Readonly<Record<string, string>>
  /** The answer of a person to this occurrence. */
  answer?: AlertAnswer | undefined
}

/** One alarm on more devices is one alert: a storm of alarms must not bury all other alerts. */
const DEVICES_APART_MAX = 3

/** Longer reasons hide the names in the message. */
const REASON_CHARACTERS = 200

/** The texts of a flow while it has no alarm. */
const NO_REASON = 'none'

/** An alert for each alarm, or one for an alarm that many devices raise. */
export const processAlarms = (alarms: readonly AlarmFact[]): Alert[] => alarmGroups(alarms).map(({ alert }) => alert)

/** The alarms that the alert of this id stands for, the oldest first. Empty if there is no such alert now. */
export const alarmsOfAlert = <Fact extends AlarmFact>(alarms: readonly Fact[], id: string): Fact[] =>
  (alarmGroups(alarms).find(({ alert }) => alert.id === id)?.group ?? []).toSorted((a, b) => a.sinceMs - b.sinceMs)

function alarmGroups<Fact extends AlarmFact>(alarms: readonly Fact[]): { alert: Alert; group: Fact[] }[] {
  const bySignal = Map.groupBy(alarms, ({ signal }) => signal)
  return [...bySignal.values()]
    .flatMap(byAnswer)
    .flatMap(({ group, answer }) =>
      group.length > DEVICES_APART_MAX
        ? [{ alert: answeredAlert(manyAlert(group), answer, true), group }]
        : group.map((fact) => ({ alert: answeredAlert(oneAlert(fact), fact.answer, false), group: [fact] })),
    )
}

function oneAlert(fact: AlarmFact): Alert {
  const { signal, device, site, sinceMs, isSilent } = fact
  const silent = isSilent ? ' (last known: the device is silent)' : ''
  return alertFor({
    code: 'process_alarm',
    about: `${device}:${signal}`,
    message: `${signal} on ${device} at ${site}: ${reasonOf(fact)}${silent}`,
    action: actionFor(fact),
    count: 1,
    objects: [
      { kind: 'device', name: device },
      { kind: 'site', name: site },
    ],
    sinceMs,
    link: linkTo(device),
  })
}

function manyAlert(group: readonly AlarmFact[]): Alert {
  const oldestFirst = group.toSorted((a, b) => a.sinceMs - b.sinceMs)
  const [first] = oldestFirst as [AlarmFact]
  const shown = oldestFirst.slice(0, ALERT_OBJECTS_MAX)
  return alertFor({
    code: 'process_alarm',
    about: first.signal,
    message: `${first.signal} on ${countText(group.length, 'device')}. For example, on ${first.device} at ${first.site}: ${reasonOf(first)}`,
    action: actionFor(first),
    count: group.length,
    objects: shown.map(({ device }) => ({ kind: 'device', name: device })),
    sinceMs: first.sinceMs,
    link: linkTo(first.device),
  })
}

const actionFor = ({ signal, device }: AlarmFact) =>
  `Look at the equipment. See the values with \`skerry flow look ${flowOf(signal)} --device ${device}\`, and their course in the tab Values of the device. The alert ends when the flow clears its alarm`

const flowOf = (signal: string) => signal.slice(0, signal.indexOf('/'))

const linkTo = (device: string) => `/devices/${encodeURIComponent(device)}?tab=values`

/** The texts of the flow if it has some, else its condition; then the place of the values. */
function reasonOf(fact: AlarmFact): string {
  const texts = fact.texts.flatMap(({ signal, name }) => {
    const text = fact.reasons[signal] ?? NO_REASON
    return text === '' || text === NO_REASON ? [] : [`${name} ${text.slice(0, REASON_CHARACTERS)}`]
  })
  const { source, tag } = originOf(fact)
  const place = [...(source === undefined ? [] : [`source ${source}`]), ...(tag === undefined ? [] : [`tag ${tag}`])]
  return [...(texts.length === 0 ? [fact.condition] : texts), ...place].join(', ')
}

/** A text that is the name of an input's tag names the tag, as the suspect of a detector does. */
function originOf({ source, tag, inputs, reasons }: AlarmFact): {
  source: string | undefined
  tag: string | undefined
} {
  const named = new Set(Object.values(reasons))
  const input = inputs.find((each) => named.has(each.tag))
  const sources = new Set(inputs.map((each) => each.source))
  const only = sources.size === 1 ? [...sources][0] : undefined
  return { source: source ?? input?.source ?? only, tag: tag ?? input?.tag }
}
