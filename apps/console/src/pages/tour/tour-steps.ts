/** Tour steps: the pages that the tour leads to, in their order. */
import { SAMPLE_FLOW, SAMPLE_MODEL } from './sample-data.ts'

export const TOUR_STEPS = [
  { name: 'overview', to: '/' },
  { name: 'devices', to: '/devices' },
  { name: 'sources', to: '/sources' },
  { name: 'model', to: `/models/${SAMPLE_MODEL}` },
  { name: 'flow', to: `/flows/${SAMPLE_FLOW}` },
  { name: 'end', to: '/' },
] as const

export type TourStep = (typeof TOUR_STEPS)[number]

/** A tab may remember a step of an older console. */
export const stepAt = (step: number): TourStep => TOUR_STEPS[Math.min(step, TOUR_STEPS.length - 1)] ?? TOUR_STEPS[0]

/** The step before or after; undefined beyond the ends. */
export const stepBeside = (step: number, by: 1 | -1): number | undefined => {
  const next = step + by
  return next >= 0 && next < TOUR_STEPS.length ? next : undefined
}
