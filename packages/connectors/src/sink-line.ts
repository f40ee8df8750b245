/** Sink line: a value as one line of JSON, the same for every sink that sends text. */
import { type SinkBatch, type SinkValue, sinkValueId } from '@skerry/contract/sinks/sink-value'

/** With the id by which whoever gets it twice can tell. */
export const sinkLine = (id: string, { eventTimeMs, ...value }: SinkValue): string =>
  JSON.stringify({ id, time: new Date(eventTimeMs).toISOString(), ...value })

/** A line for each, and a line's end after each. */
export const sinkLines = (batch: SinkBatch): string =>
  batch.values.map((value, index) => `${sinkLine(sinkValueId(batch, batch.first + index), value)}\n`).join('')
