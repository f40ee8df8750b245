/**
 * Together: ranks features by how far their drift goes together with the performance, over the same times [NannyML,
 * correlation ranker]. It shows where to look first. It proves no cause.
 */
import type { DriftRank } from '@skerry/contract/monitors/monitor'
import { correlationChance, falseDiscovery } from './chance.ts'

/** One time: the stability index of each feature, null without values, and the loss: larger is worse. */
type DriftPoint = { stability: readonly (number | null)[]; loss: number }

/** Fewer points go together by chance. */
export const RANKED_POINTS_MIN = 8

/**
 * The correlation of Pearson between drift and loss of each feature, highest first. A feature that has never moved, or has
 * values at too few times, is left out. The probabilities are corrected for the number of features.
 */
export function rankDrift(features: readonly string[], points: readonly DriftPoint[]): DriftRank[] {
  const ranks = features.flatMap((feature, at) => {
    const pairs = points.flatMap(({ stability, loss }): [number, number][] => {
      const drift = stability[at]
      return typeof drift === 'number' ? [[drift, loss]] : []
    })
    const correlation = pairs.length < RANKED_POINTS_MIN ? undefined : pearson(pairs)
    if (correlation === undefined) return []
    return [{ feature, correlation, points: pairs.length, pValue: correlationChance(correlation, pairs.length) }]
  })
  const corrected = falseDiscovery(ranks.map(({ pValue }) => pValue))
  return ranks
    .map((rank, at) => ({ ...rank, pValue: corrected[at] ?? 1 }))
    .toSorted((a, b) => b.correlation - a.correlation || (a.feature < b.feature ? -1 : 1))
}

/** Undefined if one side is always the same. */
function pearson(pairs: readonly [number, number][]): number | undefined {
  // The spread of equal numbers is not exactly 0.
  const isFlat = ([0, 1] as const).some((side) => pairs.every((pair) => pair[side] === pairs[0]?.[side]))
  if (isFlat) return undefined
  const mean = (side: 0 | 1) => pairs.reduce((sum, pair) => sum + pair[side], 0) / pairs.length
  const [meanX, meanY] = [mean(0), mean(1)]
  let [both, squaresX, squaresY] = [0, 0, 0]
  for (const [x, y] of pairs) {
    both += (x - meanX) * (y - meanY)
    squaresX += (x - meanX) ** 2
    squaresY += (y - meanY) ** 2
  }
  const spread = Math.sqrt(squaresX * squaresY)
  return spread > 0 ? Math.max(-1, Math.min(1, both / spread)) : undefined
}

/** Only these are worth a look: their drift goes with worse answers, and chance does not explain it. */
export const telling = (ranks: readonly DriftRank[], significance: number): DriftRank[] =>
  ranks.filter(({ correlation, pValue }) => correlation > 0 && pValue <= significance)
