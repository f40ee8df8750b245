/**
 * Flow board: the functions through which flows of a runner reach other parts: the readings of sources, their tags, and
 * sinks.
 */
import type { GroupReading } from '@skerry/connectors/reading'
import type { FlowSink } from '@skerry/contract/flows/flow'
import type { FlowOutput } from '@skerry/contract/flows/flow-recording'
import type { Group } from '@skerry/contract/sources/source'
import type { TagContent } from '@skerry/contract/sources/tag'
import type { TellOutcome } from '@skerry/flows/outlet'
import type { FlowOrigin } from './flow-value.ts'

export type FlowBoard = {
  /**
   * Calls the listener for each reading of the source, until disposed. The listener must not keep or change a reading.
   */
  subscribe(source: string, listener: (reading: GroupReading, group: Group) => void): Disposable
  /** The tag's own rules judge the write, and the journal records it. */
  write(order: { flow: string; source: string; tag: string; value: TagContent }): Promise<TellOutcome>
  send(sink: Exclude<FlowSink, { kind: 'tag' }>, output: FlowOutput, from: FlowOrigin): Promise<TellOutcome>
  /** A signal of the flow has this value, which leaves for a sink. */
  told?(signal: { flow: string; signal: string }, output: FlowOutput): void
}

export const NO_SOURCE: TellOutcome = {
  ok: false,
  code: 'source_unknown',
  message: 'this device has no such source',
}

/** Topic and field do not form a valid name of a value. */
export const UNNAMED: TellOutcome = {
  ok: false,
  code: 'signal_unnamed',
  message: 'topic and field must be letters, digits, _ . / and -',
}
