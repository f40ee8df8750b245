/**
 * Sink session: one open connection to a destination of values. Each protocol's folder has a `sink.ts` that opens one.
 * A session knows nothing of queues, orders or retries. If the destination can never take a value, the session returns
 * a rejection. If the connection no longer works, or the destination is not ready, it throws `SinkTrouble`.
 */

import type { TelemetryBatch } from '@skerry/contract/hub/telemetry'
import type { SinkBatch } from '@skerry/contract/sinks/sink-value'
import type { TagContent } from '@skerry/contract/sources/tag'
import type { Clock } from '@skerry/platform/process/clock'

export type SinkDeps = {
  clock: Clock
  random: () => number
  /** The secrets that the sink names as `{ secret: NAME }`, by name, if the device has them. */
  secrets: Readonly<Record<string, string>>
  /** The folder for a sink that writes files. */
  folder: string
  /** Sends to the hub, if the device has a hub. */
  hub?: HubTelemetry
  /**
   * Receives the wishes of a remote client to write tags, if the sink allows writes to them. Nobody waits for the
   * outcome.
   */
  onCommand?(command: SinkCommand): void
}

/** A write of a tag, which its source still judges, or the reason why the command is invalid. */
export type SinkCommand =
  | { ok: true; source: string; tag: string; value: TagContent }
  | { ok: false; source?: string; tag?: string; code: CommandRefusal; message: string }

export type CommandRefusal =
  | 'command_unreadable'
  /** The command would be repeated with every new connection. */
  | 'command_retained'
  | 'command_unknown'
  | 'command_type'
  /** More commands than can be pending at once. */
  | 'command_overrun'

/** Sends a batch to the hub over the device's link. */
export type HubTelemetry = (batch: TelemetryBatch, signal: AbortSignal) => Promise<HubAnswer>

/** `refused`: the hub will never accept the batch. `away`: there is no link, or the hub cannot accept it now. */
export type HubAnswer =
  | { kind: 'held'; last: number }
  | { kind: 'refused'; message: string }
  | { kind: 'away'; message: string }

/** `wanted`: writes at once. `max`: the limit. */
export const overrunBy = (wanted: number, max: number): { code: CommandRefusal; message: string } => ({
  code: 'command_overrun',
  message: `${wanted} writes are wanted at once; ${max} are the most`,
})

export type OpenSink<Sink> = (sink: Sink, deps: SinkDeps, signal: AbortSignal) => Promise<SinkSession>

export type SinkSession = AsyncDisposable & {
  /**
   * Resolves when the destination has the values: on its disk, as far as its protocol confirms that. One batch at a
   * time is sent. The same batch may be sent again. Throws `SinkTrouble`.
   */
  send(batch: SinkBatch, signal: AbortSignal): Promise<SendOutcome>
}

/**
 * Rejected: the destination would reject the same values at any time. For a batch, the queue then finds out which
 * values these are.
 */
export type SendOutcome = { ok: true } | { ok: false; code: SinkRefusal; message: string }
export type SinkRefusal = 'value_refused' | 'batch_too_large'

export type SinkTroubleCode =
  | 'sink_unreachable'
  /** The destination does not answer. */
  | 'sink_silent'
  /** The connection ended during a request. */
  | 'sink_lost'
  /** The destination denies access: credentials, permissions. A person has to correct that. */
  | 'sink_denied'
  /** The destination wants the request later. */
  | 'sink_busy'
  /** The configuration names something that does not exist: a secret, a table, a topic. */
  | 'sink_unfit'

/** The codes of TLS for a certificate that is not trusted, ours or the other side's. */
export const isOfCertificate = (code: unknown): boolean =>
  typeof code === 'string' && /CERT|SIGNATURE|ISSUER|ALTNAME|SSL/.test(code)

/** The outcome of the batch is unknown: it is sent again, over a new session. */
export class SinkTrouble extends Error {
  override name = 'SinkTrouble'
  readonly code: SinkTroubleCode
  /** The destination requested this delay before the next attempt. */
  readonly retryAfterMs: number | undefined

  constructor(code: SinkTroubleCode, message: string, options?: ErrorOptions & { retryAfterMs?: number | undefined }) {
    super(message, options)
    this.code = code
    this.retryAfterMs = options?.retryAfterMs
  }
}
