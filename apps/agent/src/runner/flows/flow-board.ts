/** Flow board: what the flows of a runner reach outside of it: the readings of sources, their tags, and sinks. */
import type { GroupReading } from '@skerry/connectors/reading'
import type { FlowSink } from '@skerry/contract/flows/flow'
import type { FlowOutput } from '@skerry/contract/flows/flow-recording'
import type { Group } from '@skerry/contract/sources/source'
import type { TagContent } from '@skerry/contract/sources/tag'
import type { TellOutcome } from '@skerry/flows/outlet'

export type FlowBoard = {
  /** Hears each reading of the source from now on, which is not to be kept or changed; until disposed. */
  subscribe(source: string, listener: (reading: GroupReading, group: Group) => void): Disposable
  /** Judged by the tag's own rules, and written down. */
  write(order: { flow: string; source: string; tag: string; value: TagContent }): Promise<TellOutcome>
  send(sink: Exclude<FlowSink, { kind: 'tag' }>, output: FlowOutput, flow: string): Promise<TellOutcome>
}

export const NO_SOURCE: TellOutcome = {
  ok: false,
  code: 'source_unknown',
  message: 'this device has no such source',
}

/** Topic and field make no name that a value could have. */
export const UNNAMED: TellOutcome = {
  ok: false,
  code: 'signal_unnamed',
  message: 'topic and field must be letters, digits, _ . / and -',
}
