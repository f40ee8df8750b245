/** Telemetry way: takes batches of values to the hub over the link of now. It keeps nothing: whoever asks has them on disk until they are held there. */
import { ORPCError } from '@orpc/client'
import type { HubAnswer } from '@skerry/connectors/sink'
import { type TelemetryBatch, TelemetryHeld } from '@skerry/contract/hub/telemetry'
import type { LinkClient } from '../link/signed-streams.ts'

export type TelemetryWay = {
  /** Never rejects, and answers within half a minute. */
  send(batch: TelemetryBatch): Promise<HubAnswer>
  /** There is this link until the signal fires. */
  use(client: Pick<LinkClient, 'telemetry'>, signal: AbortSignal): void
}

/** As long as a sink waits for the hub. */
const TIMEOUT_MS = 30_000

/** What the hub says, and oRPC before it, of what it will never take. */
const REFUSALS: ReadonlySet<string> = new Set(['input_invalid', 'BAD_REQUEST'])

/** No link yet. */
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
