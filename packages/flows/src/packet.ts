/**
 * Packet: the data of one instant that a level hands to the next: copies of signals, and places for pending answers.
 * Packets are taken in order, each when its answers are there.
 */

import type { Signal } from '@skerry/core/flow/signal'
import { isWindow, newSignal } from '@skerry/core/flow/signal'
import type { AnswerContent } from '@skerry/core/flow/tensors/detections'

export type Answer =
  | {
      ok: true
      value: number | string | Float64Array | AnswerContent
      doubt: { code: string; message: string } | undefined
    }
  | { ok: false; code: string; message: string }
  /** The answer gives no output. */
  | { ok: 'dropped' }

export type Packet = {
  timeMs: number
  arrivedMs: number
  copies: { place: number; signal: Signal }[]
  answers: { place: number; answer: Answer | undefined }[]
}

/** A copy of a signal's current state. Windows are copied too, because their memory is reused. */
export function copyOf(from: Signal): Signal {
  const copy = newSignal()
  copyInto(from, copy)
  const { other } = from
  if (other instanceof Float64Array) copy.other = other.slice()
  else if (isWindow(other)) {
    copy.other = { ...other, values: other.values.slice(), timesMs: other.timesMs.slice() }
  }
  return copy
}

/** Copies a signal by reference. */
export function copyInto(from: Signal, to: Signal): void {
  to.quality = from.quality
  to.number = from.number
  to.other = from.other
  to.cause = from.cause
}

export const isSettled = ({ answers }: Packet): boolean => answers.every(({ answer }) => answer !== undefined)
