/** Wasserstein distance: how far the values of one distribution must move, on average, to become the other. */
import type { FeatureCounts, FeatureProfile } from '@skerry/contract/monitors/profile'
import { deviationOf } from './bins.ts'
import { sharesOf } from './distance.ts'

/** `bound`: the true distance of the values is at most this far from `distance`. */
type Wasserstein = { distance: number; bound: number }

/**
 * From counts in bins: values are taken as evenly spread within their bin. The bins outside the edges end at the least and
 * the largest value of both sides. Undefined without values.
 */
export function wassersteinOf(
  { edges, ...reference }: Pick<FeatureProfile, 'edges' | 'counts' | 'moments'>,
  current: Pick<FeatureCounts, 'counts' | 'moments'>,
): Wasserstein | undefined {
  const [p, q] = [sharesOf(reference.counts), sharesOf(current.counts)]
  if (!p || !q || !reference.moments || !current.moments) return undefined
  const ends = [
    Math.min(reference.moments.min, current.moments.min, ...edges.slice(0, 1)),
    ...edges,
    Math.max(reference.moments.max, current.moments.max, ...edges.slice(-1)),
  ]
  let [away, distance, bound] = [0, 0, 0]
  for (const [at, share] of p.entries()) {
    const width = (ends[at + 1] ?? 0) - (ends[at] ?? 0)
    const next = away + share - (q[at] ?? 0)
    distance += width * meanDistance(away, next)
    bound += width * (share + (q[at] ?? 0))
    away = next
  }
  return { distance, bound }
}

/** The mean of |y| on a straight line from a to b. */
function meanDistance(a: number, b: number): number {
  if (a * b >= 0) return Math.abs(a + b) / 2
  return (a * a + b * b) / (2 * Math.abs(b - a))
}

/** Divided by the deviation of the reference, so that features compare. Undefined if the reference does not vary. */
export function wassersteinShare(reference: FeatureProfile, current: FeatureCounts): number | undefined {
  const deviation = reference.moments ? deviationOf(reference.moments) : 0
  const found = wassersteinOf(reference, current)
  return found && deviation > 0 ? found.distance / deviation : undefined
}
