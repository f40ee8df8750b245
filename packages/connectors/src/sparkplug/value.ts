/** Sparkplug value: what a metric says of a tag. */
import { badValue, tagValue } from '@skerry/connectors/value'
import type { SparkplugTag } from '@skerry/contract/sources/protocols/source-sparkplug'
import type { TagCause, TagValue } from '@skerry/contract/sources/tag'
import { contentOf } from '@skerry/core/equipment/sparkplug-value'
import type { Metric } from './payload.ts'

/** [Sparkplug 6.4.14] */
const BAD = 0
const STALE = 500

/** Its own time counts as that of the equipment. */
export function metricValue(tag: SparkplugTag, metric: Metric, datatype: number, receivedTimeMs: number): TagValue {
  const value = timelessValue(tag, metric, datatype, receivedTimeMs)
  return metric.timestampMs === undefined ? value : { ...value, sourceTimeMs: metric.timestampMs }
}

function timelessValue(tag: SparkplugTag, metric: Metric, datatype: number, receivedTimeMs: number): TagValue {
  const bad = (cause: TagCause) => badValue(tag.name, cause, receivedTimeMs)
  if (metric.quality === BAD) return bad({ code: 'quality_bad', message: 'the equipment marks it as bad' })
  if (metric.quality === STALE) return bad({ code: 'value_stale', message: 'the equipment marks it as stale' })
  if (metric.isNull || !metric.raw) return bad({ code: 'value_missing', message: 'the equipment has no value' })
  const content = contentOf(datatype, metric.raw)
  if (!content) return bad({ code: 'value_type', message: `a metric of datatype ${datatype} has no value` })
  return tagValue(tag, content, receivedTimeMs)
}
