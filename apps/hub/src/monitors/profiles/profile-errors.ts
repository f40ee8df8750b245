/** Profile errors: fits the model of errors of a regression to the labelled rows of a reference profile. */
import type { GoldenCase } from '@skerry/contract/devices/golden'
import type { ErrorModel, FeatureProfile } from '@skerry/contract/monitors/profile'
import type { ProfileRows } from '@skerry/contract/monitors/profile-rows'
import { errorOf } from '@skerry/core/captures/performance'
import { predictionOf } from '@skerry/core/captures/prediction'
import { type ErrorRow, errorModelOf, placeIn, placesOf } from '@skerry/core/monitors/error-model'
import { rowOutputsOf } from '@skerry/inference/capture/row-cut'
import { fromContract } from '@skerry/inference/host/raw-tensor'
import { problem } from '../../http/problem.ts'

/** Fewer rows than bins of a feature say nothing about its errors. */
const ROWS_MIN = 100

type Labelled = {
  cases: readonly GoldenCase[]
  features: readonly FeatureProfile[]
  data: Pick<ProfileRows, 'output'> & { labels: readonly string[] }
  rowsOf(inputs: GoldenCase['inputs']): number
  /** All values of the feature in one case. */
  valuesOf(feature: FeatureProfile, of: readonly GoldenCase[]): number[]
}

/** Throws if the answers or the labels are no numbers, or are too few. */
export function errorsIn({ cases, features, data, rowsOf, valuesOf }: Labelled): ErrorModel {
  const watched = features.filter(({ clusters }) => !clusters)
  const firsts = placesOf(watched)
  let next = 0
  const rows = cases.flatMap((one) => {
    const count = rowsOf(one.inputs)
    const parts = watched.map((feature, at) =>
      binsOf(feature, { first: firsts[at] ?? 0, count }, valuesOf(feature, [one])),
    )
    const outputs = Object.entries(one.outputs).map(([name, tensor]) => fromContract(name, tensor))
    return Array.from({ length: count }, (_, row): ErrorRow[] => {
      const { predicted = '' } = predictionOf(rowOutputsOf(outputs, row, count), {
        task: 'regression',
        output: data.output,
      })
      const error = errorOf(predicted, data.labels[next++] ?? '')
      if (error === undefined) return []
      const bins = parts.flatMap((part) => part[row] ?? [])
      return [{ places: bins.map(([place]) => place), shares: bins.map(([, share]) => share), error: Math.abs(error) }]
    }).flat()
  })
  if (rows.length < ROWS_MIN)
    throw problem(
      'profile_refused',
      `${rows.length} rows have a number as answer and label, and a model of errors needs ${ROWS_MIN}`,
    )
  return errorModelOf(rows, [...watched], data.output)
}

/** The bins with values of each row, and the share of its values in each. */
function binsOf(
  { edges }: FeatureProfile,
  { first, count }: { first: number; count: number },
  values: readonly number[],
): [place: number, share: number][][] {
  const size = values.length / count
  // A tensor without a place for each row, such as a sum over all, tells no rows apart.
  if (!Number.isInteger(size) || size === 0) return []
  return Array.from({ length: count }, (_, row) => {
    const shares = new Map<number, number>()
    for (let at = row * size; at < (row + 1) * size; at++) {
      const place = first + placeIn(edges, values[at] ?? Number.NaN)
      shares.set(place, (shares.get(place) ?? 0) + 1 / size)
    }
    return [...shares]
  })
}
