import { expect, test } from 'vitest'
import { rankDrift, telling } from './together.ts'

/** Even, and without order. */
const noise = (at: number, seed: number) => (Math.sin(at * 12.9898 + seed * 78.233) * 43_758.5453) % 1

test('the correlation and its probability are those of SciPy', () => {
  // scipy.stats.pearsonr; the probability by its normal approximation, 2 * norm.sf(atanh(r) * sqrt(n - 3))
  const x = [0.1, 0.4, 0.2, 0.9, 0.7, 0.3, 0.8, 0.5]
  const y = [0.2, 0.3, 0.25, 0.7, 0.9, 0.2, 0.6, 0.55]
  const [rank] = rankDrift(
    ['x'],
    x.map((drift, at) => ({ stability: [drift], loss: y[at] ?? 0 })),
  )
  expect(rank?.correlation).toBeCloseTo(0.864_291_874_5, 9)
  expect(rank?.pValue).toBeCloseTo(0.003_396_230_4, 9)
  expect(rank?.points).toBe(8)
})

test('a feature whose drift comes with worse answers is first, and one that drifts for itself is chance', () => {
  const points = Array.from({ length: 24 }, (_, at) => {
    const loss = at < 12 ? 0.1 + 0.02 * noise(at, 1) : 0.3 + 0.02 * noise(at, 2)
    const with_ = at < 12 ? 0.02 + 0.01 * noise(at, 3) : 0.5 + 0.05 * noise(at, 4)
    const itself = at % 2 === 0 ? 0.9 : 0.1
    return { loss, stability: [itself, with_, 0.5 - with_, 0.3, at < 3 ? 0.1 : null] }
  })
  const ranks = rankDrift(['itself', 'with', 'against', 'never', 'rarely'], points)
  expect(ranks.map(({ feature }) => feature)).toEqual(['with', 'itself', 'against'])
  expect(ranks[0]?.correlation).toBeGreaterThan(0.95)
  expect(ranks[2]?.correlation).toBeLessThan(-0.95)
  expect(telling(ranks, 0.05).map(({ feature }) => feature)).toEqual(['with'])
})

test('a perfect correlation is no chance', () => {
  const points = Array.from({ length: 8 }, (_, at) => ({ stability: [at % 2, 1 - (at % 2)], loss: at % 2 }))
  expect(rankDrift(['x', 'y'], points)).toEqual([
    { feature: 'x', correlation: 1, points: 8, pValue: 0 },
    { feature: 'y', correlation: -1, points: 8, pValue: 0 },
  ])
})

test('too few times, and a performance that stays the same, rank nothing', () => {
  const point = (at: number, loss: number) => ({ stability: [at], loss })
  expect(
    rankDrift(
      ['x'],
      Array.from({ length: 7 }, (_, at) => point(at, at)),
    ),
  ).toEqual([])
  expect(
    rankDrift(
      ['x'],
      Array.from({ length: 9 }, (_, at) => point(at, 0.2)),
    ),
  ).toEqual([])
})

test('of many features that drift by chance, none is telling', () => {
  const features = Array.from({ length: 64 }, (_, at) => `x[${at}]`)
  const points = Array.from({ length: 20 }, (_, at) => ({
    loss: noise(at, 100),
    stability: features.map((_, seed) => Math.abs(noise(at, seed))),
  }))
  expect(telling(rankDrift(features, points), 0.05)).toEqual([])
})
