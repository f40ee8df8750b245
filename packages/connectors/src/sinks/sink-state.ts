/** Sink state: the state of a sink, and the messages between its thread and its host. */
import { join } from 'node:path'
import type { TelemetryBatch } from '@skerry/contract/hub/telemetry'
import type { Sink } from '@skerry/contract/sinks/sink'
import type { Loss } from '@skerry/contract/sinks/sink-loss'
import type { Priority, SinkValue } from '@skerry/contract/sinks/sink-value'
import type { AnswerMessage, QuestionMessage } from '@skerry/platform/process/asking'
import type { GateMemory } from '@skerry/platform/process/lease-gate'
import type { ForwardFigures, ForwardState } from '../forwarding/forwarder.ts'
import type { Handed } from '../forwarding/hand-over.ts'
import type { HubAnswer, SinkCommand } from '../sink.ts'

export type SinkState =
  | ForwardState
  /** Its thread ended by itself, and restarts after a while. */
  | { kind: 'crashed'; cause: { code: 'connector_crashed'; message: string } }
  /** Its thread ended too often. The host starts it again only on a command. */
  | { kind: 'quarantined'; cause: { code: 'connector_crashed'; message: string } }

/** The data with which the host starts a sink's thread. */
export type SinkOrder = {
  sink: Sink
  /** The folder of its queue, which is also the folder for files that it writes. */
  folder: string
  secrets: Record<string, string>
  /** Closed while this device may not write. Absent if it always may. */
  gate?: GateMemory | undefined
}

/** `handed`: the count of values that were handed over before this run of the thread. */
export type SinkThreadOrder = SinkOrder & { handed: Handed }

/** The path of its queue, without the endings of its files. */
export const queuePathOf = ({ sink, folder }: Pick<SinkOrder, 'sink' | 'folder'>) => join(folder, sink.name)

/**
 * The host sends the thread a request. The answer comes when the values are on the disk, with the number of lost
 * values.
 */
export type OfferQuestions = {
  offer: { question: { values: readonly SinkValue[]; priority: Priority }; answer: { lost: number } }
}

/** The thread sends its host a request, because it has no link to the hub. */
export type HubQuestions = { telemetry: { question: TelemetryBatch; answer: HubAnswer } }

export type FromSink =
  | AnswerMessage<OfferQuestions>
  | QuestionMessage<HubQuestions>
  | { kind: 'state'; state: ForwardState }
  | { kind: 'figures'; figures: ForwardFigures; losses: Loss[] }
  | { kind: 'command'; command: SinkCommand }

export type ToSink = QuestionMessage<OfferQuestions> | AnswerMessage<HubQuestions> | { kind: 'stop' }
