/** Prometheus text of the served models, with the meanings of Triton's nv_ metrics and the prefix skerry_. */
import type { SlotStatistics } from '../host/model-host.ts'
import type { FailureReason, Statistics } from '../host/statistics.ts'

type Metric = { name: string; kind: 'counter' | 'gauge'; help: string; value: (slot: SlotStatistics) => number }

const fromStatistics = (value: (statistics: Statistics) => number) => (slot: SlotStatistics) => value(slot.statistics)
const us = (value: number) => Math.round(value)

const METRICS: Metric[] = [
  {
    name: 'inference_request_success',
    kind: 'counter',
    help: 'Requests answered',
    value: fromStatistics((it) => it.success.count),
  },
  {
    name: 'inference_count',
    kind: 'counter',
    help: 'Items inferred: a request of five rows counts five',
    value: fromStatistics((it) => it.inferenceCount),
  },
  {
    name: 'inference_exec_count',
    kind: 'counter',
    help: 'Runs of the model',
    value: fromStatistics((it) => it.executionCount),
  },
  {
    name: 'inference_pending_request_count',
    kind: 'gauge',
    help: 'Requests without an answer yet',
    value: (slot) => slot.pending,
  },
  {
    name: 'inference_request_duration_us',
    kind: 'counter',
    help: 'From arrival to answer, in all',
    value: fromStatistics((it) => us(it.success.us)),
  },
  {
    name: 'inference_queue_duration_us',
    kind: 'counter',
    help: 'Waiting for a worker, in all',
    value: fromStatistics((it) => us(it.queue.us)),
  },
  {
    name: 'inference_compute_input_duration_us',
    kind: 'counter',
    help: 'Preparing inputs, in all',
    value: fromStatistics((it) => us(it.computeInput.us)),
  },
  {
    name: 'inference_compute_infer_duration_us',
    kind: 'counter',
    help: 'Running the model, in all',
    value: fromStatistics((it) => us(it.computeInfer.us)),
  },
  {
    name: 'inference_compute_output_duration_us',
    kind: 'counter',
    help: 'Taking outputs, in all',
    value: fromStatistics((it) => us(it.computeOutput.us)),
  },
]

/** Powers of two from 64 µs to 67 s: a tiny model's answer to a deadline's end, in 21 series a model. */
const LATENCY_DOUBLINGS = Array.from({ length: 21 }, (_, at) => at + 6)

/** All metrics of the slots that serve. */
export function metricsText(slots: readonly SlotStatistics[]): string {
  const active = slots.filter(({ name }) => name !== undefined)
  const families = METRICS.map(({ name, kind, help, value }) =>
    family(
      name,
      kind,
      help,
      active.map((slot) => `skerry_${name}{${labels(slot)}} ${value(slot)}`),
    ),
  )
  return [...families, failures(active), latencies(active)].join('')
}

const family = (name: string, kind: string, help: string, lines: string[]) =>
  `# HELP skerry_${name} ${help}\n# TYPE skerry_${name} ${kind}\n${lines.map((line) => `${line}\n`).join('')}`

function failures(slots: readonly SlotStatistics[]): string {
  const lines = slots.flatMap((slot) =>
    (Object.entries(slot.statistics.failures) as [FailureReason, number][]).map(
      ([reason, count]) => `skerry_inference_request_failure{${labels(slot)},reason="${reason}"} ${count}`,
    ),
  )
  return family('inference_request_failure', 'counter', 'Requests without an answer, by reason', lines)
}

function latencies(slots: readonly SlotStatistics[]): string {
  const lines = slots.flatMap((slot) => {
    const { latency } = slot.statistics
    const bucket = (le: string, count: number) =>
      `skerry_inference_latency_us_bucket{${labels(slot)},le="${le}"} ${count}`
    return [
      ...LATENCY_DOUBLINGS.map((doublings) => bucket(String(2 ** doublings), latency.countUpTo(doublings))),
      bucket('+Inf', latency.count()),
      `skerry_inference_latency_us_sum{${labels(slot)}} ${us(latency.sumUs())}`,
      `skerry_inference_latency_us_count{${labels(slot)}} ${latency.count()}`,
    ]
  })
  return family('inference_latency_us', 'histogram', 'From arrival to answer', lines)
}

const labels = ({ name = '', version = '' }: SlotStatistics) =>
  `model="${escapeLabel(name)}",version="${escapeLabel(version)}"`

/** [Prometheus text format] Backslash, quote and line feed are escaped in label values. */
const escapeLabel = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
