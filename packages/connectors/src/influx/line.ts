/** Influx line: a value in line protocol. [docs.influxdata.com/influxdb/v1/write_protocols/line_protocol_reference] */
import type { SinkValue } from '@skerry/contract/sinks/sink-value'

/** Where it is from is a tag, which Influx indexes; all else is a field. What is bad has no `number`, so that no average counts it. */
export function influxLine(measurement: string, value: SinkValue): string {
  const { signal, source, tag, flow, unit, quality, eventTimeMs } = value
  const tags = Object.entries({ signal, source, tag, flow, unit })
  const series = tags.flatMap(([name, text]) => (text === undefined ? [] : [`,${name}=${tagText(text)}`]))
  const fields = [
    ...(value.quality === 'bad' ? [] : [contentField(value.value)]),
    `quality=${fieldText(quality)}`,
    ...(value.quality === 'good' ? [] : [`cause=${fieldText(value.cause)}`]),
  ]
  return `${measurement}${series.join('')} ${fields.join(',')} ${eventTimeMs}`
}

type Content = Extract<SinkValue, { quality: 'good' }>['value']

/** One field has one type for ever, so numbers and booleans are numbers, and all else is text. */
function contentField(content: Content): string {
  if (typeof content === 'number') return `number=${content}`
  if (typeof content === 'boolean') return `number=${content ? 1 : 0}`
  return `text=${fieldText(typeof content === 'string' ? content : JSON.stringify(content))}`
}

/** A backslash, or what does not print, has no safe way into a tag. */
const tagText = (text: string) => text.replaceAll(/[\\\p{Cc}]/gu, '_').replaceAll(/[,= ]/g, '\\$&')

const fieldText = (text: string) => `"${text.replaceAll(/[\\"]/g, '\\$&')}"`
