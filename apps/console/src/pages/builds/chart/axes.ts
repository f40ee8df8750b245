/** Axes: the costs and the fidelity that the chart can show, with their marks and texts. */
import { durationText, sizeText } from '../../../components/charts/amounts.ts'
import { numberTicks } from '../../../components/charts/series-scale.ts'
import type { BuildAxis, BuildMeasure } from '../../../search.ts'
import type { Form } from '../build-forms.ts'
import { agreementText, differenceText } from '../fidelity-text.ts'

/** The costs of a form on one class of hardware. */
export type Costs = { p50Ms: number; peakBytes: number }
export type CostsOf = (key: string) => Costs | undefined

type Range = { low: number; high: number }

export type Axis = { text: (value: number) => string; ticks: (range: Range, about: number) => number[] }

const bytes: Axis = {
  text: sizeText,
  // Round numbers of the unit that the largest one has.
  ticks: ({ low, high }, about) => {
    const unit = 1024 ** Math.max(0, Math.floor(Math.log2(Math.max(1, high)) / 10))
    return numberTicks(low / unit, high / unit, about).map((tick) => tick * unit)
  },
}
const milliseconds: Axis = {
  text: (ms) => durationText(ms * 1_000),
  ticks: ({ low, high }, about) => numberTicks(low, high, about),
}

export const COST_AXIS: Readonly<Record<BuildAxis, Axis>> = { size: bytes, time: milliseconds, memory: bytes }

/** The cost of a form; undefined if nobody has measured it. */
export function costOf(axis: BuildAxis, { key, modelBytes }: Form, costsOf: CostsOf): number | undefined {
  if (axis === 'size') return modelBytes
  const costs = costsOf(key)
  return axis === 'time' ? costs?.p50Ms : costs?.peakBytes
}

/** More is better: a difference counts down from 0. */
export const MEASURE_AXIS: Readonly<Record<BuildMeasure, Axis>> = {
  agreement: { text: agreementText, ticks: ({ low, high }, about) => numberTicks(low, high, about) },
  difference: {
    text: (value) => differenceText(Math.abs(value)),
    ticks: ({ low, high }, about) => numberTicks(low, high, about),
  },
}

export function fidelityOf(measure: BuildMeasure, { agreement, difference }: Form): number | undefined {
  if (measure === 'agreement') return agreement
  return difference === undefined ? undefined : -difference
}
