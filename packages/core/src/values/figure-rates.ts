/** Figure rates: how quickly counters rose between two looks at them. */
import type { FlowPartFigures } from '@skerry/contract/flows/flow-figures'

/** Of a counter that may have begun anew in between: then it counts from zero. Two digits behind the point show what comes once a minute. */
export function ratePerSecond(before: number, after: number, elapsedMs: number): number {
  if (elapsedMs <= 0) return 0
  const gained = after < before ? after : after - before
  return Math.round((gained / elapsedMs) * 100_000) / 100
}

export type PartRates = { inPerSecond: number; outPerSecond: number; lostPerSecond: number }

/** Of each part of `after`. A part that was not there before has counted from zero, and so has one whose counters are behind what they were. */
export function partRates(
  before: readonly FlowPartFigures[],
  after: readonly FlowPartFigures[],
  elapsedMs: number,
): PartRates[] {
  const known = new Map(before.map((figures) => [keyOf(figures), figures]))
  return after.map((now) => {
    const then = known.get(keyOf(now)) ?? { in: 0, out: 0, dropped: 0, late: 0 }
    const rate = (figureOf: (figures: Counted) => number) => ratePerSecond(figureOf(then), figureOf(now), elapsedMs)
    return {
      inPerSecond: rate((figures) => figures.in),
      outPerSecond: rate((figures) => figures.out),
      lostPerSecond: rate(({ dropped, late }) => dropped + late),
    }
  })
}

type Counted = Pick<FlowPartFigures, 'in' | 'out' | 'dropped' | 'late'>

/** A sink may have the name of a step. */
const keyOf = ({ part, name }: FlowPartFigures) => `${part} ${name}`
