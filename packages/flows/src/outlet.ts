/** Outlet: what a sink is told, and how often. */
import type { FlowSink } from '@skerry/contract/flows/flow'
import type { FlowContent, FlowOutput } from '@skerry/contract/flows/flow-recording'
import {
  hasSpoken,
  isDetections,
  isWindow,
  newSignal,
  type Operator,
  QUALITY,
  type Signal,
} from '@skerry/core/flow/signal'
import { detectionsText } from '@skerry/core/flow/tensors/detections'
import { createOutbox, type Outbox } from './host/outbox.ts'
import type { Latency } from './latency.ts'
import { firstOf, keep, NEVER_MS } from './operators/operator.ts'

export type Tell = (sink: FlowSink, output: FlowOutput) => Promise<TellOutcome>
export type TellOutcome = { ok: true } | { ok: false; code: string; message: string }

export type OutletDeps = { tell: Tell; monotonicMs: () => number; latency: Latency; onRefused(): void }

type Leaving = { output: FlowOutput; arrivedMs: number }

export function createOutlet(sink: FlowSink, deps: OutletDeps): { operator: Operator; outbox: Outbox<Leaving> } {
  // What it has by all that is known, and when it was told; and what waits for the time at which it may be told.
  let told: FlowOutput | undefined
  let toldMs: number | undefined
  const held = newSignal()
  let left = 0
  const outbox = createOutbox<Leaving>(sink.queue, {
    batchMax: 1,
    onDropped: () => undefined,
    async carry(items) {
      for (const { output, arrivedMs } of items) {
        const outcome = await deps.tell(sink, output)
        if (!outcome.ok) {
          // It did not arrive: the next value is told, even where it is the same.
          told = undefined
          deps.onRefused()
        }
        deps.latency.record(deps.monotonicMs() - arrivedMs)
      }
    },
  })
  const it: Operator = {
    dueMs: NEVER_MS,
    get dropped() {
      return left + outbox.dropped
    },
    run(from, instant) {
      const signal = firstOf(from)
      const isNews = hasSpoken(signal, instant)
      if (isNews && held.instant >= 0) left += 1
      if (isNews) keep(signal, held)
      const freeMs = freeFrom(sink, toldMs)
      if (instant.timeMs < freeMs) {
        it.dueMs = freeMs
        return false
      }
      it.dueMs = NEVER_MS
      const output = held.instant >= 0 ? outputOf(sink.name, held) : undefined
      held.instant = -1
      if (!output || !isWorthTelling(sink, told, output)) return false
      // What a full queue does not take will not arrive: the sink keeps what it was told before, and the next value is judged by that.
      if (!outbox.push({ output, arrivedMs: instant.arrivedMs })) return false
      told = output
      toldMs = instant.timeMs
      return true
    },
  }
  return { operator: it, outbox }
}

/** When it may be told again. */
const freeFrom = ({ everyMs }: FlowSink, toldMs: number | undefined): number =>
  everyMs === undefined || toldMs === undefined ? Number.NEGATIVE_INFINITY : toldMs + everyMs

function isWorthTelling(sink: FlowSink, told: FlowOutput | undefined, output: FlowOutput): boolean {
  // Equipment keeps what it has rather than being written a guess.
  if (sink.kind === 'tag' && output.quality === 'bad') return false
  if (!sink.onChange || !told) return true
  return sink.kind === 'tag' ? valueText(told) !== valueText(output) : contentText(told) !== contentText(output)
}

/** Of a tag only the value counts: equipment has no quality to be told. */
const valueText = (output: FlowOutput) => JSON.stringify('value' in output ? output.value : undefined)

const contentText = (output: FlowOutput) =>
  JSON.stringify([output.quality, 'value' in output ? output.value : output.cause.code])

const NO_CAUSE = { code: 'cause_unknown', message: 'nothing is known about it' }

function outputOf(sink: string, signal: Signal): FlowOutput {
  const head = { sink, timeMs: Math.round(signal.timeMs) }
  const cause = signal.cause ?? NO_CAUSE
  const value = contentFrom(signal)
  if (signal.quality === QUALITY.bad) return { ...head, quality: 'bad', cause }
  if (!isWhole(value)) {
    return {
      ...head,
      quality: 'bad',
      cause: { code: 'value_not_finite', message: 'the result is not a finite number' },
    }
  }
  return signal.quality === QUALITY.good
    ? { ...head, quality: 'good', value }
    : { ...head, quality: 'uncertain', value, cause }
}

function contentFrom({ number, other }: Signal): FlowContent {
  if (other === undefined) return number
  if (typeof other === 'string') return other
  if (other instanceof Float64Array) return [...other]
  if (isDetections(other)) return detectionsText(other)
  // No flow that is right leads a picture here: what would be told is that it is one.
  return isWindow(other) ? [...other.values] : 'image'
}

const isWhole = (value: FlowContent): boolean =>
  Array.isArray(value) ? value.every(Number.isFinite) : typeof value === 'string' || Number.isFinite(value)
