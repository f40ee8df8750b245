/**
 * Sink session: one open connection to where values go. Each protocol's folder has a `sink.ts` that opens one, and knows nothing of queues, orders or
 * retries. What can never be taken is a refusal; a connection that is no good any more, or somebody who is not ready, is a `SinkTrouble`.
 */

import type { TelemetryBatch } from '@skerry/contract/hub/telemetry'
import type { SinkBatch } from '@skerry/contract/sinks/sink-value'
import type { TagContent } from '@skerry/contract/sources/tag'
import type { Clock } from '@skerry/platform/process/clock'

export type SinkDeps = {
  clock: Clock
  random: () => number
  /** What the sink names as `{ secret: NAME }`, by name, as far as the device has it. */
  secrets: Readonly<Record<string, string>>
  /** Where a sink that writes files may do so. */
  folder: string
  /** The way to the hub, where there is one. */
  hub?: HubTelemetry
  /** Hears what somebody on the other side wants of the tags that the sink lets be written. Nobody waits for what becomes of it. */
  onCommand?(command: SinkCommand): void
}

/** A tag that is to be written, which its source judges; or why it is none. */
export type SinkCommand =
  | { ok: true; source: string; tag: string; value: TagContent }
  | { ok: false; source?: string; tag?: string; code: CommandRefusal; message: string }

export type CommandRefusal =
  | 'command_unreadable'
  /** It would be obeyed again with every connection. */
  | 'command_retained'
  | 'command_unknown'
  | 'command_type'
  /** More than what can be under way. */
  | 'command_overrun'

/** Hands a batch to the hub over the device's link. */
export type HubTelemetry = (batch: TelemetryBatch, signal: AbortSignal) => Promise<HubAnswer>

/** `refused`: the hub will never take it. `away`: there is no link, or the hub cannot take it now. */
export type HubAnswer =
  | { kind: 'held'; last: number }
  | { kind: 'refused'; message: string }
  | { kind: 'away'; message: string }

/** `wanted` at once, of which some are the most. */
export const overrunBy = (wanted: number, max: number): { code: CommandRefusal; message: string } => ({
  code: 'command_overrun',
  message: `${wanted} writes are wanted at once; ${max} are the most`,
})

export type OpenSink<Sink> = (sink: Sink, deps: SinkDeps, signal: AbortSignal) => Promise<SinkSession>

export type SinkSession = AsyncDisposable & {
  /**
   * Gives when it is with whoever should have it: on their disk, as far as their protocol says so. One batch at a time is on its way; the same one may
   * come again. Throws `SinkTrouble`.
   */
  send(batch: SinkBatch, signal: AbortSignal): Promise<SendOutcome>
}

/** Refused: the same would be refused again, whenever it were sent. Of a batch, it is then found out which values these are. */
export type SendOutcome = { ok: true } | { ok: false; code: SinkRefusal; message: string }
export type SinkRefusal = 'value_refused' | 'batch_too_large'

export type SinkTroubleCode =
  | 'sink_unreachable'
  /** It does not answer. */
  | 'sink_silent'
  /** The connection ended in the middle. */
  | 'sink_lost'
  /** It does not let us in: credentials, permissions. Somebody has to mend that. */
  | 'sink_denied'
  /** It wants to be asked later. */
  | 'sink_busy'
  /** It cannot be so, as it is written down: no such secret, table, topic. */
  | 'sink_unfit'

/** What TLS says of a certificate that is not trusted, ours or theirs. */
export const isOfCertificate = (code: unknown): boolean =>
  typeof code === 'string' && /CERT|SIGNATURE|ISSUER|ALTNAME|SSL/.test(code)

/** Nothing is known of what was being sent: it is sent again, over a new session. */
export class SinkTrouble extends Error {
  override name = 'SinkTrouble'
  readonly code: SinkTroubleCode
  /** Not before so long, says whoever should take it. */
  readonly retryAfterMs: number | undefined

  constructor(code: SinkTroubleCode, message: string, options?: ErrorOptions & { retryAfterMs?: number | undefined }) {
    super(message, options)
    this.code = code
    this.retryAfterMs = options?.retryAfterMs
  }
}
