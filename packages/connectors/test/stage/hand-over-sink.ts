import { Sink } from '@skerry/contract/sinks/sink'

/** The sink of processes that are killed: what it takes is in `values/out.open.jsonl` of its folder. */
export const KILLED_SINK = Sink.parse({ name: 'out', protocol: 'file', connection: { folder: 'values' } })
