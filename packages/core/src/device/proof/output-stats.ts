/** Output stats: the moments of a version's numeric outputs, from parts [Chan, Golub, LeVeque 1979]. */
import type { OutputStats } from '@skerry/contract/devices/item'

/** All of them as if they were one, under the name of the first; undefined where there are none. */
export function mergeOutputs(all: readonly OutputStats[]): OutputStats | undefined {
  const [first, ...rest] = all
  return first && rest.reduce(merge, first)
}

function merge(a: OutputStats, b: OutputStats): OutputStats {
  const counts = {
    name: a.name,
    answers: a.answers + b.answers,
    empty: a.empty + b.empty,
    values: a.values + b.values,
    notFinite: a.notFinite + b.notFinite,
  }
  const of = momentsOf(a)
  const other = momentsOf(b)
  if (!of || !other) return { ...counts, ...(of ?? other) }
  const mean = of.mean + (other.mean - of.mean) * (b.values / counts.values)
  const squares = squaresOf(of, a.values, mean) + squaresOf(other, b.values, mean)
  return {
    ...counts,
    mean,
    std: Math.sqrt(squares / counts.values),
    min: Math.min(of.min, other.min),
    max: Math.max(of.max, other.max),
  }
}

type Moments = { mean: number; std: number; min: number; max: number }

function momentsOf({ values, mean, std, min, max }: OutputStats): Moments | undefined {
  const isWhole = mean !== undefined && std !== undefined && min !== undefined && max !== undefined
  return isWhole && values > 0 ? { mean, std, min, max } : undefined
}

/** The sum of the squared differences of so many values to a mean that is not their own. */
const squaresOf = ({ mean, std }: Moments, values: number, toMean: number) => values * (std ** 2 + (mean - toMean) ** 2)
