/**
 * Optimise search: a goal and recipes in the address, with which the wizard of an optimisation begins. The page reads them
 * itself, so that their code is not in the first load.
 */

export type OptimiseSearch = {
  agreement?: number
  difference?: number
  /** In bytes. */
  size?: number
  /** In milliseconds, as `measured` is. */
  p95?: number
  /** The p95 on a device that is the reason for the proposal. */
  measured?: number
  recipes?: string
  /** The batch whose devices computed the ranges. */
  ranges?: string
}

const AMOUNTS = ['agreement', 'difference', 'size', 'p95', 'measured'] as const

const TEXTS = ['recipes', 'ranges'] as const

/** Values of other types are left out: anybody can write an address. */
export function readOptimiseSearch(raw: Readonly<Record<string, unknown>>): OptimiseSearch {
  const found: OptimiseSearch = {}
  for (const name of TEXTS) {
    const value = raw[name]
    if (typeof value === 'string') found[name] = value
  }
  for (const name of AMOUNTS) {
    const value = raw[name]
    if (typeof value === 'number' && value >= 0) found[name] = value
  }
  return found
}
