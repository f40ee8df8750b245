/** Down alert: sources or sinks that have not worked for a minute on devices that report. */
import { ALERT_OBJECTS_MAX, type Alert } from '@skerry/contract/alerts/alert'
import type { ConnectionKind } from '@skerry/contract/connections/connection'
import { answeredAlert } from './alert-answers.ts'
import type { AlertFacts, DownFact, DownGroup } from './alert-facts.ts'
import { alertRules } from './alert-rules.ts'

const CODES = { source: 'sources_down', sink: 'sinks_down' } as const

/** Longer messages of equipment hide the name of the source. */
const CAUSE_CHARACTERS = 300

/** One alert for all open ones of a kind: a switch that fails takes down many. It names the oldest one. */
export function downAlerts({ down, answeredDown }: Pick<AlertFacts, 'down' | 'answeredDown'>): Alert[] {
  const open = (['source', 'sink'] as const).map((kind) => ({ kind, answer: undefined, ...down[kind] }))
  return [...open, ...answeredDown].flatMap(({ kind, answer, ...group }) => {
    const [first] = group.oldest
    return first ? [answeredAlert(downAlert(kind, first, group), answer, true)] : []
  })
}

function downAlert(kind: ConnectionKind, first: DownFact, { count, oldest }: DownGroup): Alert {
  const code = CODES[kind]
  const { name, device, message, sinceMs } = first
  const devices = [...new Set(oldest.map((each) => each.device))].slice(0, ALERT_OBJECTS_MAX)
  const more = count === 1 ? '' : `, and ${count - 1} more`
  const cause = message === undefined ? '' : `: ${message.slice(0, CAUSE_CHARACTERS)}`
  return {
    id: code,
    code,
    severity: alertRules[code].severity,
    action: actionOf(kind, first),
    count,
    message: `the ${kind} ${name} on ${device}${more} ${count === 1 ? 'is' : 'are'} down${cause}`,
    objects: devices.map((each) => ({ kind: 'device', name: each })),
    sinceMs,
    link: count === 1 ? `/devices/${encodeURIComponent(device)}?tab=equipment` : `/${kind}s?sort=state`,
  }
}

const actionOf = (kind: ConnectionKind, { name, device }: DownFact): string =>
  kind === 'source'
    ? `See the reason with \`skerry source show ${name} --device ${device}\`. Check power, network and address of the equipment; the device tries again by itself`
    : `See the reason with \`skerry sink ls --device ${device}\`. Check the destination, its address and its secret; values wait on the device, and it tries again by itself`
