/** Sink request: what control tells the runner of its sinks, and the way on which their values for the hub go through control, which has the link. */
import type { HubAnswer, HubTelemetry } from '@skerry/connectors/sink'
import type { TelemetryBatch } from '@skerry/contract/telemetry'
import type { RunnerAnswer } from './runner-message.ts'
import type { SinkFleet, SinkFleetOrder } from './sink-fleet.ts'

export type SinkRequest =
  /** There are just these from now on. */
  | { kind: 'sinks'; order: SinkFleetOrder }
  /** What became of the batch that the runner handed over under that number. */
  | { kind: 'hub-answer'; batch: number; answer: HubAnswer }

/** A batch for the hub; it is answered always, for control has a limit of its own. */
export type HubQuestion = { kind: 'telemetry'; id: number; batch: TelemetryBatch }

export type HubWay = { hub: HubTelemetry; answered(id: number, answer: HubAnswer): void }

/** Asks control, batch by batch. */
export function createHubWay(ask: (question: HubQuestion) => void): HubWay {
  const asked = new Map<number, (answer: HubAnswer) => void>()
  let lastId = 0
  return {
    hub(batch) {
      lastId += 1
      const { promise, resolve } = Promise.withResolvers<HubAnswer>()
      asked.set(lastId, resolve)
      ask({ kind: 'telemetry', id: lastId, batch })
      return promise
    },
    answered(id, answer) {
      asked.get(id)?.(answer)
      asked.delete(id)
    },
  }
}

export type Sinks = { fleet: SinkFleet; way: HubWay }

/** Does one. */
export async function obeySinks(request: SinkRequest, { fleet, way }: Sinks): Promise<RunnerAnswer> {
  if (request.kind === 'sinks') await fleet.become(request.order)
  else way.answered(request.batch, request.answer)
  return { ok: true }
}
