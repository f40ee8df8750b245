/** Sink request: what control tells the runner of its sinks, and the way on which their values for the hub go through control, which has the link. */
import type { HubAnswer, HubTelemetry } from '@skerry/connectors/sink'
import type { HubQuestions } from '@skerry/connectors/sinks/sink-state'
import type { TelemetryBatch } from '@skerry/contract/hub/telemetry'
import { createAsking } from '@skerry/platform/process/asking'
import type { RunnerAnswer } from '../runner-message.ts'
import type { SinkFleet, SinkFleetOrder } from './sink-fleet.ts'

export type SinkRequest =
  /** There are just these from now on. */
  | { kind: 'sinks'; order: SinkFleetOrder }
  /** What became of the batch that the runner handed over under that number. */
  | { kind: 'hub-answer'; batch: number; answer: HubAnswer }

/** A batch for the hub; it is answered always, for control has a limit of its own. */
export type HubQuestion = { kind: 'telemetry'; id: number; batch: TelemetryBatch }

/** A device has at most 384 connections, and each sink sends one batch after the other. Control answers within a limit of its own. */
const HUB_ASKED_MAX = 1_024

export type HubWay = { hub: HubTelemetry; answered(id: number, answer: HubAnswer): void }

/** Asks control, batch by batch. */
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

/** Does one. */
export async function obeySinks(request: SinkRequest, { fleet, way }: Sinks): Promise<RunnerAnswer> {
  if (request.kind === 'sinks') await fleet.become(request.order)
  else way.answered(request.batch, request.answer)
  return { ok: true }
}
