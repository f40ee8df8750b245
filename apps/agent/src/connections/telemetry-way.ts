/**
 * Telemetry way: sends batches of values to the hub over the current link. It stores nothing: its caller has the values
 * on disk until the hub holds them.
 */
import { ORPCError } from '@orpc/client'
import type { HubAnswer } from '@skerry/connectors/sink'
import { type TelemetryBatch, TelemetryHeld } from '@skerry/contract/hub/telemetry'
import type { LinkClient } from '../link/signed-streams.ts'

export type TelemetryWay = {
  /** Never rejects, and answers within half a minute. */
  send(batch: TelemetryBatch): Promise<HubAnswer>
  /** This link is used until the signal aborts. */
  use(client: Pick<LinkClient, 'telemetry'>, signal: AbortSignal): void
}

/** The same time as a sink waits for the hub. */
const TIMEOUT_MS = 30_000

/** Codes of the hub and of oRPC for values that the hub will never accept. */
const REFUSALS: ReadonlySet<string> = new Set(['input_invalid', 'BAD_REQUEST'])

/** At the start there is no link. */
export function createTelemetryWay(): TelemetryWay {
  let now: { client: Pick<LinkClient, 'telemetry'>; signal: AbortSignal } | undefined
  return {
    async send(batch) {
      if (!now || now.signal.aborted) return { kind: 'away', message: 'there is no link to the hub' }
      const signal = AbortSignal.any([now.signal, AbortSignal.timeout(TIMEOUT_MS)])
      try {
        const { last } = TelemetryHeld.parse(await now.client.telemetry(batch, { signal }))
        return { kind: 'held', last }
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        if (error instanceof ORPCError && REFUSALS.has(String(error.code))) return { kind: 'refused', message }
        return { kind: 'away', message }
      }
    },
    use(client, signal) {
      now = { client, signal }
    },
  }
}
