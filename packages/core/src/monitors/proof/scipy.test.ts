/** Every measure beside SciPy itself, on seeded samples. The quick tests compare with numbers that SciPy gave once. */
import { spawnSync } from 'node:child_process'
import { isInstalled } from '@skerry/testkit/judges/judge'
import { deep } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { countsOf, deviationOf, edgesOf, mergeCounts } from '../bins.ts'
import { chiSquareTest, falseDiscovery } from '../chance.ts'
import { jensenShannon, kolmogorovSmirnov, stabilityIndex } from '../distance.ts'
import { wassersteinOf } from '../wasserstein.ts'

/** Reads samples and bins, and computes each figure from the samples. */
const JUDGE = `
import json, sys
import numpy
from scipy import stats
from scipy.spatial.distance import jensenshannon
found = []
for case in json.load(sys.stdin):
    before, now, edges = numpy.array(case["before"]), numpy.array(case["now"]), case["edges"]
    bins = numpy.concatenate([[-numpy.inf], edges, [numpy.inf]])
    p, q = numpy.histogram(before, bins)[0], numpy.histogram(now, bins)[0]
    a, b = numpy.maximum(p / p.sum(), 1e-4), numpy.maximum(q / q.sum(), 1e-4)
    places = [numpy.searchsorted(edges, values, side="right") for values in (before, now)]
    test = stats.chi2_contingency([p, q], correction=False)
    found.append({
        "p": p.tolist(), "q": q.tolist(),
        "stability": numpy.sum((b - a) * numpy.log(b / a)),
        "jensenShannon": jensenshannon(p, q),
        "kolmogorovSmirnov": stats.ks_2samp(*places, method="asymp").statistic,
        "statistic": test.statistic, "pValue": test.pvalue,
        "wasserstein": stats.wasserstein_distance(before, now),
        "mean": now.mean(), "deviation": now.std(),
    })
corrected = stats.false_discovery_control([one["pValue"] for one in found])
json.dump({"found": found, "corrected": corrected.tolist()}, sys.stdout)
`

type Found = Record<
  'stability' | 'jensenShannon' | 'kolmogorovSmirnov' | 'statistic' | 'pValue' | 'wasserstein' | 'mean' | 'deviation',
  number
> & { p: number[]; q: number[] }

/** [Park, Miller 1988] */
function sample(count: number, seed: number, of: (share: number) => number): number[] {
  let state = seed
  return Array.from({ length: count }, () => {
    state = (state * 48_271) % 2_147_483_647
    return of(state / 2_147_483_647)
  })
}

/** Samples of one shape, moved by more and more: from the same distribution to one far away. */
const cases = Array.from({ length: 24 }, (_, at) => {
  const shape = [(share: number) => share, (share: number) => -Math.log(share), (share: number) => share ** 3][at % 3]
  if (!shape) throw new Error('three shapes')
  const before = sample(2_000, at * 7_919 + 11, shape)
  const now = sample(1_000 + at, at * 104_729 + 3, (share) => shape(share) * (1 + at / 40) + at / 60)
  return { before, now, edges: edgesOf(before) }
})

const near = (found: number | undefined, wanted: number) =>
  Math.abs((found ?? Number.NaN) - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted))

test.skipIf(!isInstalled('/usr/bin/python3', '-c', 'import scipy.stats'))(
  'all measures are those of SciPy within 1e-9, and the Wasserstein distance is within its bound',
  deep('SciPy takes seconds to start; the quick tier has its constants'),
  () => {
    const { stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', JUDGE], {
      input: JSON.stringify(cases),
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    const { found, corrected } = JSON.parse(stdout) as { found: Found[]; corrected: number[] }
    expect(found).toHaveLength(cases.length)
    const pValues: number[] = []
    for (const [at, { before, now, edges }] of cases.entries()) {
      const wanted = found[at]
      if (!wanted) throw new Error(`SciPy has no case ${at}`)
      const half = now.length >>> 1
      const reference = countsOf(edges, before)
      const current = mergeCounts(countsOf(edges, now.slice(0, half)), countsOf(edges, now.slice(half)))
      const chance = chiSquareTest(reference.counts, current.counts)
      pValues.push(chance?.pValue ?? Number.NaN)
      expect([reference.counts, current.counts]).toEqual([wanted.p, wanted.q])
      const moved = wassersteinOf({ edges, ...reference }, current)
      const agreed = {
        stability: near(stabilityIndex(reference.counts, current.counts), wanted.stability),
        jensenShannon: near(jensenShannon(reference.counts, current.counts), wanted.jensenShannon),
        kolmogorovSmirnov: near(kolmogorovSmirnov(reference.counts, current.counts), wanted.kolmogorovSmirnov),
        statistic: near(chance?.statistic, wanted.statistic),
        pValue: near(chance?.pValue, wanted.pValue),
        mean: near(current.moments?.mean, wanted.mean),
        deviation: near(current.moments && deviationOf(current.moments), wanted.deviation),
        wasserstein: moved !== undefined && Math.abs(moved.distance - wanted.wasserstein) <= moved.bound,
      }
      expect([at, Object.entries(agreed).filter(([, isEqual]) => !isEqual)]).toEqual([at, []])
    }
    expect(falseDiscovery(pValues).every((value, at) => near(value, corrected[at] ?? Number.NaN))).toBe(true)
  },
)
