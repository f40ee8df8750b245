import { Sink } from '@skerry/contract/sinks/sink'

/** The sink of processes that are killed. It writes values to `values/out.open.jsonl` in its folder. */
export const KILLED_SINK = Sink.parse({ name: 'out', protocol: 'file', connection: { folder: 'values' } })
