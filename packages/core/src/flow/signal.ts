/**
 * Signal: what a step of a flow told last. One place for each signal, written anew each time: a flow of 100,000 samples a second leaves no object
 * behind for each. Whoever keeps something of it copies it.
 */
import type { TagCause } from '@skerry/contract/sources/tag'
import type { Image } from '../equipment/image.ts'
import type { AnswerContent, Detection } from './tensors/detections.ts'
import type { TensorContent } from './tensors/image-tensor.ts'

/** As numbers, so that the worst of several is the greatest. */
export const QUALITY = { good: 0, uncertain: 1, bad: 2 } as const
export type Quality = (typeof QUALITY)[keyof typeof QUALITY]

/** Rows of a window, the oldest first, row after row. */
export type WindowContent = { rows: number; columns: number; values: Float64Array; timesMs: Float64Array }

export type Signal = {
  /** The instant it spoke in last; -1 before it has spoken. */
  instant: number
  timeMs: number
  quality: Quality
  /** A number stands here, all else in `other`. */
  number: number
  other:
    | string
    | Float64Array
    | WindowContent
    | Image
    | TensorContent
    | AnswerContent
    | readonly Detection[]
    | undefined
  /** Of what is not good. */
  cause: TagCause | undefined
}

/** It has not spoken. */
export const newSignal = (): Signal => ({
  instant: -1,
  timeMs: Number.NaN,
  quality: QUALITY.bad,
  number: Number.NaN,
  other: undefined,
  cause: undefined,
})

/** What a step is run in: a time, a number that tells instants of the same time apart, and when what caused it came in. */
export type Instant = { id: number; timeMs: number; arrivedMs: number }

/** A step as it runs. What it remembers is its own; which signals it is made of is the graph's. */
export type Operator = {
  /** When it wants to be run although nobody speaks; Infinity for never. */
  dueMs: number
  /** Run where one of its signals spoke, or its time has come. Whether it tells something, which then stands in `out`. */
  run(from: readonly Signal[], instant: Instant, out: Signal): boolean | Promise<boolean>
  /** What it lost by policy. */
  dropped: number
}

export const isWindow = (other: Signal['other']): other is WindowContent => typeof other === 'object' && 'rows' in other

export const isDetections = (other: Signal['other']): other is readonly Detection[] => Array.isArray(other)

export const hasSpoken = ({ instant }: Signal, now: Instant): boolean => instant === now.id

/** The worst quality of several, and its cause, into `out`. */
export function takeWorst(from: readonly Signal[], out: Signal): Quality {
  out.quality = QUALITY.good
  out.cause = undefined
  for (const signal of from) {
    if (signal.quality <= out.quality) continue
    out.quality = signal.quality
    out.cause = signal.cause
  }
  return out.quality
}

export const tellNumber = (out: Signal, value: number): true => {
  out.number = value
  out.other = undefined
  return true
}

export const tellBad = (out: Signal, code: string, message: string): true => {
  out.quality = QUALITY.bad
  out.cause = { code, message }
  out.number = Number.NaN
  out.other = undefined
  return true
}

/** How many numbers a signal is. */
export const widthOf = ({ other }: Signal): number => (other instanceof Float64Array ? other.length : 1)

/** Writes the numbers of a signal into `row` from `at` on; gives where the next stands. */
export function writeRow(signal: Signal, row: Float64Array, at: number): number {
  if (signal.other instanceof Float64Array) row.set(signal.other, at)
  else row[at] = signal.number
  return at + widthOf(signal)
}
