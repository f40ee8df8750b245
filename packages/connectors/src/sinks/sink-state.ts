/** Sink state: how a sink is, and what passes between its thread and whoever started it. */
import { join } from 'node:path'
import type { TelemetryBatch } from '@skerry/contract/hub/telemetry'
import type { Sink } from '@skerry/contract/sinks/sink'
import type { Loss } from '@skerry/contract/sinks/sink-loss'
import type { Priority, SinkValue } from '@skerry/contract/sinks/sink-value'
import type { AnswerMessage, QuestionMessage } from '@skerry/platform/process/asking'
import type { ForwardFigures, ForwardState } from '../forwarding/forwarder.ts'
import type { Handed } from '../forwarding/hand-over.ts'
import type { HubAnswer, SinkCommand } from '../sink.ts'

export type SinkState =
  | ForwardState
  /** Its thread ended by itself, and is started anew after a while. */
  | { kind: 'crashed'; cause: { code: 'connector_crashed'; message: string } }
  /** It did so too often, and is left alone until somebody says so. */
  | { kind: 'quarantined'; cause: { code: 'connector_crashed'; message: string } }

/** What a sink's thread is started with. */
export type SinkOrder = {
  sink: Sink
  /** Where its queue is, and where it may write files. */
  folder: string
  secrets: Record<string, string>
}

/** `handed`: what was handed over before this life of the thread. */
export type SinkThreadOrder = SinkOrder & { handed: Handed }

/** Where its queue is, without the endings of its files. */
export const queuePathOf = ({ sink, folder }: Pick<SinkOrder, 'sink' | 'folder'>) => join(folder, sink.name)

/** The host asks the thread. The answer comes when the values are on the disk, with the number of those that are not. */
export type OfferQuestions = {
  offer: { question: { values: readonly SinkValue[]; priority: Priority }; answer: { lost: number } }
}

/** The thread asks its host, because it has no link to the hub. */
export type HubQuestions = { telemetry: { question: TelemetryBatch; answer: HubAnswer } }

export type FromSink =
  | AnswerMessage<OfferQuestions>
  | QuestionMessage<HubQuestions>
  | { kind: 'state'; state: ForwardState }
  | { kind: 'figures'; figures: ForwardFigures; losses: Loss[] }
  | { kind: 'command'; command: SinkCommand }

export type ToSink = QuestionMessage<OfferQuestions> | AnswerMessage<HubQuestions> | { kind: 'stop' }
