/** Sparkplug edge: which messages tell values to whoever follows an edge node: the births of what is new, then the data. [Sparkplug 3.0.0, 6.4] */
import type { SinkValue } from '@skerry/contract/sinks/sink-value'
import { DATATYPE, datatypeOf, rawOf } from '@skerry/core/equipment/sparkplug-value'
import { BD_SEQ, encodePayload, type OutMetric, REBIRTH } from './payload.ts'

export type EdgeMessage = { type: 'NBIRTH' | 'NDATA' | 'DBIRTH' | 'DDATA'; device: string | undefined; payload: Buffer }

/** By device: which of its metrics hosts may write. */
export type Writable = ReadonlyMap<string, ReadonlySet<string>>

export type EdgeMetric = { name: string; alias: number; datatype: number; newest: OutMetric }

export type Edge = {
  /** The node's birth, then those of its devices. */
  births(nowMs: number): EdgeMessage[]
  /** `isLate`: what had to wait, and is not so any more. */
  tell(values: readonly SinkValue[], isLate: boolean, nowMs: number): EdgeMessage[]
  /** What was born by that name, or by that alias where no name is said. */
  find(device: string, at: { name: string | undefined; alias: bigint | undefined }): EdgeMetric | undefined
}

/** [6.4.4] */
const SEQUENCE = 256

/** A message of some tens of kilobytes. */
const METRICS_MAX = 500

/** [6.4.14] */
const QUALITY_BAD = 0
const QUALITY_STALE = 500

/** It has told nothing yet. `bdSeq`: of the connection. */
export function createEdge(bdSeq: number, writable: Writable): Edge {
  const devices = new Map<string | undefined, Map<string, EdgeMetric>>([[undefined, new Map()]])
  let seq = 0
  let aliases = 0
  const say = (type: EdgeMessage['type'], device: string | undefined, metrics: OutMetric[], nowMs: number) => {
    const payload = encodePayload(nowMs, seq, metrics)
    seq = (seq + 1) % SEQUENCE
    return { type, device, payload }
  }
  const birthOf = (device: string | undefined, nowMs: number) => {
    const metrics = [...(devices.get(device)?.values() ?? [])].map((metric) => ({
      ...bornMetric(metric, nowMs),
      // Where hosts may write nothing at all, nobody needs to be told.
      ...(writable.size > 0 && { isReadOnly: !writable.get(device ?? '')?.has(metric.name) }),
    }))
    if (device !== undefined) return say('DBIRTH', device, metrics, nowMs)
    seq = 0
    return say('NBIRTH', undefined, [...ownMetrics(bdSeq, nowMs), ...metrics], nowMs)
  }
  const births = (nowMs: number) => [...devices.keys()].map((device) => birthOf(device, nowMs))

  /** True where it was not there, or of another type. */
  const know = (device: string | undefined, value: SinkValue): boolean => {
    const metrics = devices.get(device) ?? new Map<string, EdgeMetric>()
    devices.set(device, metrics)
    const name = nameOf(value)
    const known = metrics.get(name)
    const datatype = value.quality === 'bad' ? (known?.datatype ?? DATATYPE.double) : datatypeOf(value.value)
    if (known?.datatype === datatype) return false
    aliases += known ? 0 : 1
    metrics.set(name, { name, datatype, alias: known?.alias ?? aliases, newest: { raw: undefined } })
    return true
  }
  const bear = (values: readonly SinkValue[], nowMs: number): EdgeMessage[] => {
    const fresh = new Set(values.flatMap((value) => (know(value.source, value) ? [value.source] : [])))
    // [6.4.21] A metric of the node itself is told by the node's birth, which ends those of its devices.
    return fresh.has(undefined) ? births(nowMs) : [...fresh].map((device) => birthOf(device, nowMs))
  }
  const data = (values: readonly SinkValue[], isLate: boolean, nowMs: number): EdgeMessage[] =>
    partsOf(values).map(([device, some]) => {
      const metrics = some.flatMap((value) => {
        const known = devices.get(device)?.get(nameOf(value))
        return known ? [tellMetric(known, value, isLate)] : []
      })
      return say(device === undefined ? 'NDATA' : 'DDATA', device, metrics, nowMs)
    })
  return {
    births,
    find(device, { name, alias }) {
      const metrics = devices.get(device)
      if (name !== undefined) return metrics?.get(name)
      return [...(metrics?.values() ?? [])].find((metric) => alias === BigInt(metric.alias))
    },
    tell: (values, isLate, nowMs) =>
      // A type that changes in the middle is told before what has it.
      runsOf(values).flatMap((run) => [...bear(run, nowMs), ...data(run, isLate, nowMs)]),
  }
}

/** [6.4.19] What each node's birth has, besides what is its own. */
const ownMetrics = (bdSeq: number, timestampMs: number): OutMetric[] => [
  { name: BD_SEQ, timestampMs, datatype: DATATYPE.int64, raw: { case: 'long', value: BigInt(bdSeq) } },
  { name: REBIRTH, timestampMs, datatype: DATATYPE.boolean, raw: { case: 'boolean', value: false } },
]

const nameOf = ({ tag, signal, source }: SinkValue) => (source === undefined ? signal : (tag ?? signal))

/** [tck-id-payloads-name-birth-data-requirement] Each has a time, also one that has no value yet. */
const bornMetric = ({ name, alias, datatype, newest }: EdgeMetric, timestampMs: number): OutMetric => ({
  timestampMs,
  ...newest,
  name,
  alias,
  datatype,
})

function tellMetric(known: EdgeMetric, value: SinkValue, isLate: boolean): OutMetric {
  const raw = value.quality === 'bad' ? undefined : rawOf(known.datatype, value.value)
  const told: OutMetric = {
    raw,
    timestampMs: value.eventTimeMs,
    ...(value.quality === 'good' ? {} : { cause: value.cause }),
    ...(value.quality === 'bad' ? { quality: value.cause === 'value_stale' ? QUALITY_STALE : QUALITY_BAD } : {}),
  }
  // What is late is no news of how it is.
  if (!isLate) known.newest = told
  return { ...told, alias: known.alias, datatype: known.datatype, isHistorical: isLate }
}

/** Values in their order, cut where one has another type than the one before it of the same metric. */
function runsOf(values: readonly SinkValue[]): SinkValue[][] {
  const runs: SinkValue[][] = []
  let types = new Map<string, number>()
  for (const value of values) {
    const key = JSON.stringify([value.source, nameOf(value)])
    const type = value.quality === 'bad' ? types.get(key) : datatypeOf(value.value)
    const isOther = types.has(key) && types.get(key) !== type
    if (isOther || runs.length === 0) {
      runs.push([])
      types = new Map()
    }
    if (type !== undefined) types.set(key, type)
    runs.at(-1)?.push(value)
  }
  return runs
}

/** By device, each in its order, in messages that are not too large. */
function partsOf(values: readonly SinkValue[]): [device: string | undefined, values: SinkValue[]][] {
  const byDevice = Map.groupBy(values, ({ source }) => source)
  return [...byDevice].flatMap(([device, all]) => {
    const parts = Math.ceil(all.length / METRICS_MAX)
    return Array.from({ length: parts }, (_, part): [string | undefined, SinkValue[]] => [
      device,
      all.slice(part * METRICS_MAX, (part + 1) * METRICS_MAX),
    ])
  })
}
