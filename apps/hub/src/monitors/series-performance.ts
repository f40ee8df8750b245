/** Series performance: ranks the features of a series by how far their drift goes together with the performance. */
import type { PerformancePeriod } from '@skerry/contract/captures/performance'
import type { DriftRanking, StabilityPoint } from '@skerry/contract/monitors/monitor'
import type { ReferenceProfile } from '@skerry/contract/monitors/profile'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { RANKED_POINTS_MIN, rankDrift } from '@skerry/core/monitors/together'
import { modelPerformance, taskOf } from '../captures/performance.ts'
import type { Db } from '../store/store.ts'

/** A share of fewer labels is noise. */
const LABELS_MIN = 10

type Ranked = {
  organisationId: OrganisationId
  model: string
  profile: ReferenceProfile
  points: readonly StabilityPoint[]
  stepMs: number
}

/** Undefined if the performance is known at too few points. */
export async function rankingOf(
  db: Db,
  { organisationId, model, profile, points, stepMs }: Ranked,
): Promise<DriftRanking | undefined> {
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last || points.length < RANKED_POINTS_MIN) return undefined
  const { periods } = await modelPerformance(db, {
    organisationId,
    name: model,
    task: await taskOf(db, organisationId, model),
    nowMs: last.endMs,
    fromMs: first.startMs,
    periodSeconds: stepMs / 1_000,
  })
  const own = new Map(periods.filter(({ version }) => version === profile.version).map((one) => [one.fromMs, one]))
  for (const [by, lossOf] of LOSSES) {
    const known = points.flatMap(({ startMs, stability }) => {
      const period = own.get(startMs)
      const loss = period && lossOf(period)
      return loss === undefined ? [] : [{ stability, loss }]
    })
    if (known.length < RANKED_POINTS_MIN) continue
    const names = profile.features.map(({ feature }) => feature)
    return { by, features: rankDrift(names, known) }
  }
  return undefined
}

type Loss = (period: PerformancePeriod) => number | undefined

/** Never mixed: an estimate and labels differ by more than drift changes. */
const LOSSES: readonly [DriftRanking['by'], Loss][] = [
  [
    'labels',
    ({ labels, accuracy, mae }) => (labels < LABELS_MIN ? undefined : accuracy === undefined ? mae : 1 - accuracy),
  ],
  ['estimate', ({ estimated, estimatedError }) => (estimated ? 1 - estimated.accuracy : estimatedError?.mae)],
]
