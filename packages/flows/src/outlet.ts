/** Outlet: the values that a sink gets, and their pace. */
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
  // `told`: the sink's last value, as far as known. `toldMs`: its time. `held`: the value that waits for its time.
  let told: FlowOutput | undefined
  let toldMs: number | undefined
  const held = newSignal()
  const outbox = createOutbox<Leaving>(sink.queue, {
    batchMax: 1,
    onDropped: () => undefined,
    async carry(items) {
      for (const { output, arrivedMs } of items) {
        const outcome = await deps.tell(sink, output)
        if (!outcome.ok) {
          // The value did not arrive. So the next value is sent, even if it is the same.
          told = undefined
          deps.onRefused()
        }
        deps.latency.record(deps.monotonicMs() - arrivedMs)
      }
    },
  })
  const it: Operator = {
    dueMs: NEVER_MS,
    // A value that the rate of the sink leaves out is no loss: `in` minus `out` has the number.
    get dropped() {
      return outbox.dropped
    },
    run(from, instant) {
      const signal = firstOf(from)
      const isNews = hasSpoken(signal, instant)
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
      // A full queue rejects the value, so that it will not arrive: the sink keeps its previous value, and the next
      // value is compared with that.
      if (!outbox.push({ output, arrivedMs: instant.arrivedMs })) return false
      told = output
      toldMs = instant.timeMs
      return true
    },
  }
  return { operator: it, outbox }
}

/** The time from which the next value may be sent. */
const freeFrom = ({ everyMs }: FlowSink, toldMs: number | undefined): number =>
  everyMs === undefined || toldMs === undefined ? Number.NEGATIVE_INFINITY : toldMs + everyMs

function isWorthTelling(sink: FlowSink, told: FlowOutput | undefined, output: FlowOutput): boolean {
  // Equipment keeps its value: a bad value must not overwrite it.
  if (sink.kind === 'tag' && output.quality === 'bad') return false
  if (!sink.onChange || !told) return true
  return sink.kind === 'tag' ? valueText(told) !== valueText(output) : contentText(told) !== contentText(output)
}

/** For a tag only the value counts: equipment cannot store a quality. */
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
  // A correct flow never sends a picture to a sink. Such an output only shows that it is one.
  return isWindow(other) ? [...other.values] : 'image'
}

const isWhole = (value: FlowContent): boolean =>
  Array.isArray(value) ? value.every(Number.isFinite) : typeof value === 'string' || Number.isFinite(value)
