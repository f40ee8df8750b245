/** Sink line: a value as one line of JSON, the same for every sink that sends text. */
import { type SinkBatch, type SinkValue, sinkValueId } from '@skerry/contract/sinks/sink-value'

/** The id lets a receiver recognise a line that it gets twice. */
export const sinkLine = (id: string, { eventTimeMs, ...value }: SinkValue): string =>
  JSON.stringify({ id, time: new Date(eventTimeMs).toISOString(), ...value })

/** One line for each value, with a line end after each. */
export const sinkLines = (batch: SinkBatch): string =>
  batch.values.map((value, index) => `${sinkLine(sinkValueId(batch, batch.first + index), value)}\n`).join('')
