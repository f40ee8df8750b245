/**
 * Alarm flow: the flow that runs a detector on its tags, raises its alarm, and names the tag that has the largest share
 * in it. The score has the threshold in it, so that the same flow fits later versions of the detector.
 */
import type { Flow } from '@skerry/contract/flows/flow'
import type { LearningSpec } from '@skerry/contract/learning/learning'
import type * as z from 'zod'
import { rowAgeMaxMs } from './row.ts'

/** The names of the signals that the device sends to the hub. */
export const ALARM = 'alarm'
export const SUSPECT = 'suspect'
export const SCORE = 'score'

export const alarmFlowName = (name: string): string => `${name}-alarm`

/** The tags with the largest shares, as a person reads them. */
const CAUSES = 'cause'

/** More suspects are no help. */
const CAUSES_SHOWN = 5

/** The first rows of a fault do not name its tag yet, so a later text must follow soon. */
const CAUSES_EVERY_MS = 1_000

/** The score is sent so often at most, because the hub stores each value. */
const SCORE_EVERY_MS = 10_000

/** The score of the threshold. */
export const THRESHOLD = 1

/** Of three windows, two must be over the threshold: a single lost value is no alarm. */
export const VOTES = { k: 2, last: 3 }

/** An expression has 4,000 characters, and a flow names 32 tags. */
const NAME_SHOWN = 100

export type AlarmParts = Pick<LearningSpec, 'name' | 'source' | 'tags' | 'everyMs' | 'samples' | 'lamp'>

export function alarmFlow({ name, source, tags, everyMs, samples, lamp }: AlarmParts): z.input<typeof Flow> {
  const maxAgeMs = rowAgeMaxMs(everyMs)
  const inputs = tags.map((tag, at) => ({ name: `tag_${at}`, source, tag, onBad: 'mark' as const, maxAgeMs }))
  const names = tags.map((tag) => `'${tag.slice(0, NAME_SHOWN)}'`).join(', ')
  return {
    name: alarmFlowName(name),
    description: `Alarm of the detector ${name}, made by learning what is normal`,
    inputs,
    steps: [
      { name: 'row', kind: 'align', from: inputs.map((input) => input.name), everyMs, maxAgeMs },
      { name: 'rows', kind: 'window', by: 'count', from: 'row', samples },
      { name: SCORE, kind: 'model', model: name, from: ['rows'], output: { name: 'score' } },
      { name: 'share', kind: 'model', model: name, from: ['rows'], output: { name: 'share', length: tags.length } },
      { name: 'strange', kind: 'threshold', from: SCORE, above: THRESHOLD },
      { name: ALARM, kind: 'k-of-n', from: ['strange'], ...VOTES },
      {
        name: SUSPECT,
        kind: 'expression',
        from: [ALARM, 'share'],
        // The first tag with the largest share, and no tag without an alarm.
        expression: `${ALARM} = 0 ? 'none' : ($most := $max(share); $at := $filter([0..${tags.length - 1}], function($i) { share[$i] = $most })[0]; [${names}][$at])`,
        gives: 'text',
      },
      {
        name: CAUSES,
        kind: 'expression',
        from: [ALARM, 'share'],
        expression: `${ALARM} = 0 ? 'none' : ($tags := [${names}]; $order := $sort([0..${tags.length - 1}], function($a, $b) { share[$a] < share[$b] }); $join($map($order[[0..${CAUSES_SHOWN - 1}]], function($i) { $tags[$i] & ' ' & $round(100 * share[$i]) & ' %' }), ', '))`,
        gives: 'text',
      },
    ],
    sinks: [
      { name: 'alarms', kind: 'hub', from: ALARM, onChange: true, priority: 'urgent' },
      { name: 'suspects', kind: 'hub', from: SUSPECT, onChange: true, priority: 'urgent' },
      // The shares of an alarm move with each row.
      { name: 'causes', kind: 'hub', from: CAUSES, onChange: true, everyMs: Math.max(CAUSES_EVERY_MS, everyMs) },
      // The tag's own bounds, rate and interlock decide about each write.
      ...(lamp ? [{ name: 'lamp', kind: 'tag' as const, from: ALARM, ...lamp }] : []),
      { name: 'scores', kind: 'hub', from: SCORE, everyMs: Math.max(SCORE_EVERY_MS, everyMs) },
    ],
  }
}
