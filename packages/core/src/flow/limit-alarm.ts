/**
 * Limit alarm: the flow of an alarm at a limit of one tag. A person who has equipment and no model starts with it; it
 * is an ordinary flow, and can be changed like any other.
 */
import type { Flow } from '@skerry/contract/flows/flow'
import type * as z from 'zod'

export type LimitAlarm = {
  source: string
  tag: string
  /** The side of the limit on which the alarm is set. */
  side: 'above' | 'below'
  limit: number
  /** The value at which the alarm ends; the limit itself if absent. A value between both avoids a flickering alarm. */
  clear?: number
  /** The value must be beyond the limit for this time. */
  forSeconds: number
  /** Without a value for this time the alarm is unknown. Absent: equipment that sends only changes may be silent. */
  silenceSeconds?: number
}

/** The names of the signals that the device sends to the hub. */
const ALARM = 'alarm'
const VALUE = 'value'

/** The hub stores each value, so a fast tag is sent this often at most. */
const VALUE_EVERY_MS = 2_000

/** A name is a DNS label of at most 63 characters, and `-alarm` is six of them. */
const NAME_START_MAX = 57

/** Such as `pump-1-temperature-alarm`. */
export function limitAlarmName({ source, tag }: Pick<LimitAlarm, 'source' | 'tag'>): string {
  const words = `${source}-${tag}`.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  return `${words.slice(0, NAME_START_MAX).replace(/^-+|-+$/g, '')}-alarm`
}

export function limitAlarmFlow(alarm: LimitAlarm): z.input<typeof Flow> {
  const { source, tag, side, limit, clear, forSeconds, silenceSeconds } = alarm
  const forMs = Math.round(forSeconds * 1_000)
  const maxAgeMs = silenceSeconds === undefined ? undefined : Math.round(silenceSeconds * 1_000)
  return {
    name: limitAlarmName(alarm),
    description: `Raises an alarm while ${tag} of ${source} is ${side} ${limit}`,
    inputs: [{ name: VALUE, source, tag, onBad: 'mark', ...(maxAgeMs !== undefined && { maxAgeMs }) }],
    steps: [
      {
        name: ALARM,
        kind: 'threshold',
        from: VALUE,
        [side]: limit,
        ...(clear !== undefined && { clear }),
        ...(forMs > 0 && { forMs }),
      },
    ],
    sinks: [
      // The priority makes it an alarm: the hub raises an alert while it is 1.
      { name: ALARM, kind: 'hub', from: ALARM, onChange: true, priority: 'urgent' },
      { name: VALUE, kind: 'hub', from: VALUE, everyMs: VALUE_EVERY_MS },
    ],
  }
}
