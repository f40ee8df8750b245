/** Known rate: the rate of a connection, if the device has already measured for long enough to know it. */
import type { ConnectionStatus } from '@skerry/contract/connections/connection'

/** A device reports at once when a connection comes up, and then about once a minute. */
const FIRST_MS = 60_000

/** The word for a rate that nobody has measured yet. */
export const RATE_UNKNOWN = 'not known yet'

type Status = Pick<ConnectionStatus, 'sinceMs'> & { figures?: { valuesPerSecond: number } | undefined }

/**
 * The rate in values a second. `unknown`: the report is from the first minute, in which a rate of zero means nothing.
 * Undefined if the device reports no figures.
 */
export function knownRate({ sinceMs, figures }: Status, saidAtMs: number | undefined): number | 'unknown' | undefined {
  if (figures === undefined) return undefined
  const isFirst = saidAtMs !== undefined && saidAtMs - sinceMs < FIRST_MS
  return figures.valuesPerSecond === 0 && isFirst ? 'unknown' : figures.valuesPerSecond
}
