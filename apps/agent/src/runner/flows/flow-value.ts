/** Flow value: what a flow tells a sink, as the value that leaves the device. */
import type { FlowSink } from '@skerry/contract/flows/flow'
import type { FlowOutput } from '@skerry/contract/flows/flow-recording'
import { SinkValue } from '@skerry/contract/sinks/sink-value'

const CAUSE_MAX = 64

/** Undefined where its topic and field make no name of a signal. */
export function sinkValueOf(
  sink: Exclude<FlowSink, { kind: 'tag' }>,
  output: FlowOutput,
  flow: string,
): SinkValue | undefined {
  const parsed = SinkValue.safeParse({
    signal: signalOf(sink, flow),
    flow,
    eventTimeMs: output.timeMs,
    quality: output.quality,
    ...(output.quality === 'bad' ? {} : { value: output.value }),
    ...(output.quality === 'good' ? {} : { cause: output.cause.code.slice(0, CAUSE_MAX) || 'cause_unknown' }),
  })
  return parsed.data
}

/** `flow/sink`, unless the flow says what to call it there. */
function signalOf(sink: Exclude<FlowSink, { kind: 'tag' }>, flow: string): string {
  if (sink.kind === 'hub') return `${flow}/${sink.name}`
  return `${sink.topic ?? flow}/${sink.field ?? sink.name}`
}
