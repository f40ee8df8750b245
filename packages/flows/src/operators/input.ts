/** Input: what becomes of the samples of one tag, by the rule of the flow for what is bad and for silence. */
import type { FlowInput } from '@skerry/contract/flows/flow'
import type { BufferedSample } from '@skerry/core/flow/reorder-buffer'
import { QUALITY, type Signal, tellBad } from '@skerry/core/flow/signal'

export type InputOperator = {
  /** When its silence has lasted too long. */
  dueMs: number
  /** Whether the sample is told on, as it now stands in `out`. */
  take(sample: BufferedSample, out: Signal): boolean
  /** Too long silent: whether that is told. */
  expire(out: Signal): boolean
}

export function createInput({ onBad, maxAgeMs = Number.POSITIVE_INFINITY }: FlowInput): InputOperator {
  let goodMs = Number.NEGATIVE_INFINITY
  const it: InputOperator = {
    dueMs: Number.POSITIVE_INFINITY,
    take(sample, out) {
      const isBad = sample.quality === QUALITY.bad
      if (!isBad) goodMs = sample.timeMs
      if (!isBad || onBad === 'mark') {
        // Beyond it, not at it: a value may come exactly as often as it may be old.
        it.dueMs = sample.timeMs + maxAgeMs + 1
        return accept(sample, out)
      }
      if (onBad === 'skip' || sample.timeMs > goodMs + maxAgeMs) return false
      // What stands in `out` is the last one that was sound.
      out.quality = QUALITY.uncertain
      out.cause = { code: 'value_held', message: `the last good value is held: ${sample.cause?.message ?? 'bad'}` }
      return true
    },
    expire(out) {
      it.dueMs = Number.POSITIVE_INFINITY
      if (onBad !== 'skip') return tellBad(out, 'value_stale', `no good value arrived for ${maxAgeMs} ms`)
      // As if it had never spoken: whoever puts several together waits for it.
      out.instant = -1
      return false
    },
  }
  return it
}

function accept(sample: BufferedSample, out: Signal): true {
  out.quality = sample.quality
  out.cause = sample.cause
  out.number = sample.number
  out.other = sample.other
  return true
}
