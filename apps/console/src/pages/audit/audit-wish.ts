/** Audit wish: what the address of the audit page asks of the hub. */
import type { AuditSearch } from '../../search.ts'

/** What the hub is asked for. `from` may be so long before now. */
export function auditWish({ from, to, actor, action, object, result }: AuditSearch, nowMs: number) {
  const fromMs = instantOf(from, nowMs)
  const toMs = instantOf(to, nowMs)
  return {
    ...(fromMs !== undefined && { fromMs }),
    ...(toMs !== undefined && { toMs }),
    ...(actor && { actor }),
    ...(action && { action }),
    ...(object && { object }),
    ...(result && { result }),
  }
}

const SPANS: Readonly<Record<string, number>> = {
  '1h': 3_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
  '30d': 2_592_000_000,
}

function instantOf(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined
  const span = SPANS[text]
  if (span !== undefined) return Math.max(0, nowMs - span)
  const atMs = /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(atMs) || atMs < 0 ? undefined : atMs
}
