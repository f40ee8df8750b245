/** Image plan: how a picture becomes a tensor, as the form holds it. Pure. */
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { sizeOf } from '../input-entry.ts'
import {
  type ChannelOrder,
  frameOf,
  guessLayout,
  type Layout,
  NORMALISATIONS,
  type Normalisation,
  type NormalisationName,
  usualNormalisation,
} from './image-tensor.ts'

export type ImagePlan = {
  layout: Layout
  order: ChannelOrder
  normalisation: NormalisationName | 'custom'
  /** What `custom` means, as typed. */
  scale: string
  mean: string
  deviation: string
  /** Of a side that the model leaves open; empty for the picture's own. */
  width: string
  height: string
}

/** What the signature makes likely. */
export const firstPlan = (spec: TensorSpec): ImagePlan => ({
  layout: guessLayout(spec) ?? 'NCHW',
  order: 'RGB',
  normalisation: usualNormalisation(spec),
  scale: '0.00392156862745098',
  mean: '0, 0, 0',
  deviation: '1, 1, 1',
  width: '',
  height: '',
})

/** A picture of a telephone has 4,000 a side; as floats that is 200 MiB, which nobody takes. */
const OWN_SIDE_MAX = 1_024

type Sides = { width: number; height: number }

/** The size that the picture is brought to; undefined where a side is no number. */
export function sidesOf(spec: TensorSpec, plan: ImagePlan, picture: Sides | undefined): Sides | undefined {
  const frame = frameOf(spec, plan.layout)
  const own = picture ?? { width: 0, height: 0 }
  const shrink = Math.min(1, OWN_SIDE_MAX / Math.max(own.width, own.height, 1))
  const side = (stated: number | undefined, typed: string, natural: number) =>
    stated ?? (typed.trim() === '' ? Math.max(1, Math.round(natural * shrink)) : sizeOf(typed.trim()))
  const width = frame && side(frame.width, plan.width, own.width)
  const height = frame && side(frame.height, plan.height, own.height)
  return width === undefined || height === undefined ? undefined : { width, height }
}

export type NormalisationReading =
  | { ok: true; value: Normalisation }
  | { ok: false; field: 'scale' | 'mean' | 'deviation' }

/** What the plan does to each pixel, or which field is wrong. */
export function normalisationOf({ normalisation, scale, mean, deviation }: ImagePlan): NormalisationReading {
  if (normalisation !== 'custom') return { ok: true, value: NORMALISATIONS[normalisation] }
  const factor = numbersOf(scale)
  const means = numbersOf(mean)
  const deviations = numbersOf(deviation)
  if (factor?.length !== 1) return { ok: false, field: 'scale' }
  if (means?.length !== 3) return { ok: false, field: 'mean' }
  if (deviations?.length !== 3 || deviations.includes(0)) return { ok: false, field: 'deviation' }
  return { ok: true, value: { scale: factor[0] ?? 1, mean: means, deviation: deviations } }
}

function numbersOf(text: string): number[] | undefined {
  const parts = text.split(',').map((part) => part.trim())
  const numbers = parts.map(Number)
  return parts.every((part) => part !== '') && numbers.every(Number.isFinite) ? numbers : undefined
}
