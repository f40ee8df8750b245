/** Rate cell: the values a second of a connection, or that nobody knows them yet. */
import type { ConnectionStatus } from '@skerry/contract/connections/connection'
import { knownRate, RATE_UNKNOWN } from '@skerry/core/equipment/known-rate'
import { number } from '../../texts/count.ts'

type RateProps = { status: ConnectionStatus | undefined; saidAtMs: number | undefined }

export function RateCell({ status, saidAtMs }: RateProps) {
  const rate = status && knownRate(status, saidAtMs)
  if (rate === undefined) return null
  if (rate === 'unknown') return <span className="text-soft whitespace-nowrap">{RATE_UNKNOWN}</span>
  return number.format(Math.round(rate * 10) / 10)
}
