/** Amounts: numbers of devices, or shares of them, as people write them (`5`, `"12.5%"`); counted exactly, in hundredths of a per cent. */
import type { Amount } from '@skerry/contract/deployments/amount'

/** A share is in hundredths of a per cent, so that no rounding decides whether a limit holds. */
export type ParsedAmount = { kind: 'count'; count: number } | { kind: 'share'; hundredths: number }

const WHOLE = 10_000

/** What the text means. */
export function parseAmount(amount: Amount): ParsedAmount {
  if (typeof amount === 'number') return { kind: 'count', count: amount }
  const [units = '', fraction = ''] = amount.slice(0, -1).split('.')
  return { kind: 'share', hundredths: Number(units) * 100 + Number(fraction.padEnd(2, '0')) }
}

/** How many of `total` that is; a share is rounded up, so that a small share of a small fleet is one device and not none. */
export function resolveAmount(amount: Amount, total: number): number {
  const parsed = parseAmount(amount)
  return parsed.kind === 'count' ? parsed.count : Math.ceil((total * parsed.hundredths) / WHOLE)
}

/** Whether `part` of `total` is more than the amount. Nothing of nothing is more than no share. */
export function exceeds(amount: Amount, { part, total }: { part: number; total: number }): boolean {
  const parsed = parseAmount(amount)
  return parsed.kind === 'count' ? part > parsed.count : part * WHOLE > total * parsed.hundredths
}
