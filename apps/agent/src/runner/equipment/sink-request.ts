/**
 * Sink request: control's orders about sinks, and the path of their values for the hub through control, which has the
 * link.
 */
import type { HubAnswer, HubTelemetry } from '@skerry/connectors/sink'
import type { HubQuestions } from '@skerry/connectors/sinks/sink-state'
import type { TelemetryBatch } from '@skerry/contract/hub/telemetry'
import { assertNever } from '@skerry/core/values/assert-never'
import { createAsking } from '@skerry/platform/process/asking'
import type { RunnerAnswer } from '../runner-message.ts'
import type { SinkFleet, SinkFleetOrder } from './sink-fleet.ts'
import type { SinkTrialRequest } from './sink-trials.ts'

export type SinkRequest =
  /** From now on, exactly these sinks are wanted. */
  | { kind: 'sinks'; order: SinkFleetOrder }
  | ({ kind: 'test-sink' } & SinkTrialRequest)
  /** The outcome of the batch that the runner handed over under that number. */
  | { kind: 'hub-answer'; batch: number; answer: HubAnswer }

/** A batch for the hub. It always gets an answer, because control has a time limit of its own. */
export type HubQuestion = { kind: 'telemetry'; id: number; batch: TelemetryBatch }

/**
 * A device has at most 384 connections, and each sink sends one batch after the other. Control answers within a limit
 * of its own.
 */
const HUB_ASKED_MAX = 1_024

export type HubWay = { hub: HubTelemetry; answered(id: number, answer: HubAnswer): void }

/** Sends batches to control, one by one. */
export function createHubWay(ask: (question: HubQuestion) => void): HubWay {
  const asking = createAsking<HubQuestions>({
    inFlightMax: HUB_ASKED_MAX,
    send: ({ id, question }) => ask({ kind: 'telemetry', id, batch: question }),
  })
  return {
    async hub(batch) {
      const asked = await asking.ask('telemetry', batch)
      return asked.ok ? asked.answer : { kind: 'away', message: asked.message }
    },
    answered: (id, answer) => asking.answered({ kind: 'answer', id, answer }),
  }
}

export type Sinks = { fleet: SinkFleet; way: HubWay }

/** Carries out one sink request. */
export async function obeySinks(request: SinkRequest, { fleet, way }: Sinks): Promise<RunnerAnswer> {
  switch (request.kind) {
    case 'sinks':
      await fleet.become(request.order)
      return { ok: true }
    case 'test-sink':
      return fleet.test(request)
    case 'hub-answer':
      way.answered(request.batch, request.answer)
      return { ok: true }
    default:
      return assertNever(request)
  }
}
