/**
 * Sparkplug edge: the messages that report values to hosts of an edge node. Births of new metrics come first, then the
 * data. [Sparkplug 3.0.0, 6.4]
 */
import type { SinkValue } from '@skerry/contract/sinks/sink-value'
import { DATATYPE, datatypeOf, rawOf } from '@skerry/core/equipment/sparkplug-value'
import { BD_SEQ, encodePayload, type OutMetric, REBIRTH } from './payload.ts'

export type EdgeMessage = { type: 'NBIRTH' | 'NDATA' | 'DBIRTH' | 'DDATA'; device: string | undefined; payload: Buffer }

/** By device: the metrics that hosts may write. */
export type Writable = ReadonlyMap<string, ReadonlySet<string>>

export type EdgeMetric = {
  name: string
  alias: number
  datatype: number
  unit: string | undefined
  newest: OutMetric
}

export type Edge = {
  /** The node's birth, then those of its devices. */
  births(nowMs: number): EdgeMessage[]
  /** `isLate`: the values had to wait, and are no longer current. */
  tell(values: readonly SinkValue[], isLate: boolean, nowMs: number): EdgeMessage[]
  /** The metric that was born by that name, or by that alias if there is no name. */
  find(device: string, at: { name: string | undefined; alias: bigint | undefined }): EdgeMetric | undefined
}

/** [6.4.4] */
const SEQUENCE = 256

/** The most values of a message: some tens of kilobytes. */
const METRICS_MAX = 500

/** [6.4.14] */
const QUALITY_BAD = 0
const QUALITY_STALE = 500

/** At the start nothing was reported. `bdSeq`: the number of the connection. */
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
      // If hosts may write nothing at all, the property is left out.
      ...(writable.size > 0 && { isReadOnly: !writable.get(device ?? '')?.has(metric.name) }),
    }))
    if (device !== undefined) return say('DBIRTH', device, metrics, nowMs)
    seq = 0
    return say('NBIRTH', undefined, [...ownMetrics(bdSeq, nowMs), ...metrics], nowMs)
  }
  const births = (nowMs: number) => [...devices.keys()].map((device) => birthOf(device, nowMs))

  /** True if the metric is new, or has another type or unit. */
  const know = (device: string | undefined, value: SinkValue): boolean => {
    const metrics = devices.get(device) ?? new Map<string, EdgeMetric>()
    devices.set(device, metrics)
    const name = nameOf(value)
    const known = metrics.get(name)
    const datatype = value.quality === 'bad' ? (known?.datatype ?? DATATYPE.double) : datatypeOf(value.value)
    const unit = value.unit ?? known?.unit
    if (known?.datatype === datatype && known.unit === unit) return false
    aliases += known ? 0 : 1
    metrics.set(name, { name, datatype, unit, alias: known?.alias ?? aliases, newest: { raw: undefined } })
    return true
  }
  const bear = (values: readonly SinkValue[], nowMs: number): EdgeMessage[] => {
    const fresh = new Set(values.flatMap((value) => (know(deviceOf(value), value) ? [deviceOf(value)] : [])))
    // [6.4.21] The node's own metrics are in the node's birth, which ends the births of its devices.
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
      // A changed type is announced before its values.
      runsOf(values).flatMap((run) => [...bear(run, nowMs), ...data(run, isLate, nowMs)]),
  }
}

/** [6.4.19] The metrics that every node's birth has, besides the values. */
const ownMetrics = (bdSeq: number, timestampMs: number): OutMetric[] => [
  { name: BD_SEQ, timestampMs, datatype: DATATYPE.int64, raw: { case: 'long', value: BigInt(bdSeq) } },
  { name: REBIRTH, timestampMs, datatype: DATATYPE.boolean, raw: { case: 'boolean', value: false } },
]

/** A value of a flow belongs to the node, even if it comes from one source: its tag is the name of another metric. */
const deviceOf = ({ flow, source }: SinkValue) => (flow === undefined ? source : undefined)

const nameOf = (value: SinkValue) => (deviceOf(value) === undefined ? value.signal : (value.tag ?? value.signal))

/** [tck-id-payloads-name-birth-data-requirement] Each metric has a time, even without a value yet. */
const bornMetric = ({ name, alias, datatype, unit, newest }: EdgeMetric, timestampMs: number): OutMetric => ({
  timestampMs,
  ...newest,
  name,
  alias,
  datatype,
  ...(unit !== undefined && { unit }),
})

function tellMetric(known: EdgeMetric, value: SinkValue, isLate: boolean): OutMetric {
  const raw = value.quality === 'bad' ? undefined : rawOf(known.datatype, value.value)
  const told: OutMetric = {
    raw,
    timestampMs: value.eventTimeMs,
    ...(value.quality === 'good' ? {} : { cause: value.cause }),
    ...(value.quality === 'bad' ? { quality: value.cause === 'value_stale' ? QUALITY_STALE : QUALITY_BAD } : {}),
  }
  // A late value is not the current state.
  if (!isLate) known.newest = told
  return { ...told, alias: known.alias, datatype: known.datatype, isHistorical: isLate }
}

/** Values in their order, cut when a metric has another type than before. */
function runsOf(values: readonly SinkValue[]): SinkValue[][] {
  const runs: SinkValue[][] = []
  let types = new Map<string, number>()
  for (const value of values) {
    const key = JSON.stringify([deviceOf(value), nameOf(value)])
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

/** By device, each in its order, in messages of limited size. */
function partsOf(values: readonly SinkValue[]): [device: string | undefined, values: SinkValue[]][] {
  const byDevice = Map.groupBy(values, deviceOf)
  return [...byDevice].flatMap(([device, all]) => {
    const parts = Math.ceil(all.length / METRICS_MAX)
    return Array.from({ length: parts }, (_, part): [string | undefined, SinkValue[]] => [
      device,
      all.slice(part * METRICS_MAX, (part + 1) * METRICS_MAX),
    ])
  })
}
