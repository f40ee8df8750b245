/** Flow value: a flow's value for a sink, in the form in which it leaves the device. */
import type { FlowSink } from '@skerry/contract/flows/flow'
import type { FlowOutput } from '@skerry/contract/flows/flow-recording'
import { SinkValue } from '@skerry/contract/sinks/sink-value'
import type { SignalOrigin } from '@skerry/core/flow/signal-origin'

const CAUSE_MAX = 64

/** The flow that sends a value, and the origin of its signal there. */
export type FlowOrigin = SignalOrigin & { flow: string }

/** Undefined if its topic and field do not form the name of a signal. */
export function sinkValueOf(
  sink: Exclude<FlowSink, { kind: 'tag' }>,
  output: FlowOutput,
  from: FlowOrigin,
): SinkValue | undefined {
  const parsed = SinkValue.safeParse({
    signal: signalOf(sink, from.flow),
    ...from,
    // The author of the flow knows better.
    ...(sink.unit !== undefined && { unit: sink.unit }),
    eventTimeMs: output.timeMs,
    quality: output.quality,
    ...(output.quality === 'bad' ? {} : { value: output.value }),
    ...(output.quality === 'good' ? {} : { cause: output.cause.code.slice(0, CAUSE_MAX) || 'cause_unknown' }),
  })
  return parsed.data
}

/** `flow/sink`, unless the flow gives another name. */
function signalOf(sink: Exclude<FlowSink, { kind: 'tag' }>, flow: string): string {
  if (sink.kind === 'hub') return `${flow}/${sink.name}`
  return `${sink.topic ?? flow}/${sink.field ?? sink.name}`
}
