/** Sparkplug payload: messages as bytes, both ways. [Sparkplug 3.0.0, 6.4] */
import { create, fromBinary, isFieldSet, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import {
  type Payload_Metric,
  Payload_MetricSchema,
  type Payload_PropertyValueSchema,
  PayloadSchema,
} from '@skerry/connectors/generated/sparkplug_b_pb'
import type { NodeMetric } from '@skerry/core/equipment/sparkplug-node'
import { DATATYPE, type RawValue } from '@skerry/core/equipment/sparkplug-value'

/** One metric of a received message. */
export type Metric = NodeMetric & {
  timestampMs: number | undefined
  isNull: boolean
  raw: RawValue | undefined
  /** [6.4.14] 0: bad, 192: good, 500: stale. */
  quality: number | undefined
}

export type Payload = { seq: number | undefined; bdSeq: number | undefined; metrics: Metric[] }

export const BD_SEQ = 'bdSeq'
export const REBIRTH = 'Node Control/Rebirth'
const QUALITY = 'Quality'

/** Undefined if the bytes are not a valid message. */
export function decodePayload(bytes: Uint8Array): Payload | undefined {
  try {
    const message = fromBinary(PayloadSchema, bytes)
    const metrics = message.metrics.map(metricOf)
    const bdSeq = metrics.find(({ name }) => name === BD_SEQ)?.raw
    return {
      metrics,
      seq: isFieldSet(message, PayloadSchema.field.seq) ? Number(message.seq) : undefined,
      bdSeq: bdSeq?.case === 'long' || bdSeq?.case === 'int' ? Number(bdSeq.value) : undefined,
    }
  } catch {
    return undefined
  }
}

function metricOf(message: Payload_Metric): Metric {
  const { properties } = message
  const quality = properties?.values[properties.keys.indexOf(QUALITY)]?.value
  const isSet = (field: 'name' | 'alias' | 'datatype' | 'timestamp') =>
    isFieldSet(message, Payload_MetricSchema.field[field])
  return {
    // A missing field differs from a field with the value 0.
    name: isSet('name') ? message.name : undefined,
    alias: isSet('alias') ? message.alias : undefined,
    datatype: isSet('datatype') ? message.datatype : undefined,
    timestampMs: isSet('timestamp') ? Number(message.timestamp) : undefined,
    isNull: message.isNull,
    quality: quality?.case === 'intValue' ? quality.value : undefined,
    raw: rawValueOf(message.value),
  }
}

function rawValueOf(value: Payload_Metric['value']): RawValue | undefined {
  switch (value.case) {
    case 'intValue':
      return { case: 'int', value: value.value }
    case 'longValue':
      return { case: 'long', value: value.value }
    case 'floatValue':
      return { case: 'float', value: value.value }
    case 'doubleValue':
      return { case: 'double', value: value.value }
    case 'booleanValue':
      return { case: 'boolean', value: value.value }
    case 'stringValue':
      return { case: 'string', value: value.value }
    case 'bytesValue':
      return { case: 'bytes', value: value.value }
    case undefined:
      return undefined
  }
}

/** One metric of a message to send. */
export type OutMetric = {
  name?: string
  alias?: number | bigint
  datatype?: number
  timestampMs?: number
  isHistorical?: boolean
  quality?: number
  /** The reason why it is bad or doubtful. Sparkplug has no field for it. */
  cause?: string
  /** In births: the unit of its values. */
  unit?: string
  /** In births: whether hosts may write it. */
  isReadOnly?: boolean
  /** Undefined if there is no value. */
  raw: RawValue | undefined
}

export function encodePayload(nowMs: number, seq: number | undefined, metrics: readonly OutMetric[]): Buffer {
  const message = create(PayloadSchema, {
    timestamp: BigInt(nowMs),
    metrics: metrics.map(initOf),
    ...(seq === undefined ? {} : { seq: BigInt(seq) }),
  })
  return Buffer.from(toBinary(PayloadSchema, message))
}

type MetricInit = MessageInitShape<typeof Payload_MetricSchema>

function initOf({ raw, ...metric }: OutMetric): MetricInit {
  const { name, alias, datatype, timestampMs, isHistorical } = metric
  const properties = propertiesOf(metric)
  return {
    ...(name === undefined ? {} : { name }),
    ...(alias === undefined ? {} : { alias: BigInt(alias) }),
    ...(datatype === undefined ? {} : { datatype }),
    ...(timestampMs === undefined ? {} : { timestamp: BigInt(timestampMs) }),
    ...(isHistorical === true ? { isHistorical } : {}),
    ...(properties ? { properties } : {}),
    ...(raw === undefined ? { isNull: true } : { value: initValueOf(raw) }),
  }
}

const CAUSE = 'Cause'

/** The specification defines no names for these properties. Hosts look for these ones. */
const READ_ONLY = 'readOnly'
const UNIT = 'engUnit'

type Property = { key: string; type: number; value: NonNullable<PropertyInit['value']> }
type PropertyInit = MessageInitShape<typeof Payload_PropertyValueSchema>

/** [6.4.13] */
function propertiesOf({ quality, cause, unit, isReadOnly }: Omit<OutMetric, 'raw'>): MetricInit['properties'] {
  const properties: Property[] = [
    ...(quality === undefined ? [] : [{ key: QUALITY, type: DATATYPE.int32, value: intOf(quality) }]),
    ...(cause === undefined ? [] : [{ key: CAUSE, type: DATATYPE.string, value: textOf(cause) }]),
    ...(unit === undefined ? [] : [{ key: UNIT, type: DATATYPE.string, value: textOf(unit) }]),
    ...(isReadOnly === undefined ? [] : [{ key: READ_ONLY, type: DATATYPE.boolean, value: flagOf(isReadOnly) }]),
  ]
  if (properties.length === 0) return undefined
  return { keys: properties.map(({ key }) => key), values: properties.map(({ type, value }) => ({ type, value })) }
}

const intOf = (value: number) => ({ case: 'intValue' as const, value })
const textOf = (value: string) => ({ case: 'stringValue' as const, value })
const flagOf = (value: boolean) => ({ case: 'booleanValue' as const, value })

function initValueOf(raw: RawValue): NonNullable<MetricInit['value']> {
  switch (raw.case) {
    case 'int':
      return { case: 'intValue', value: raw.value }
    case 'long':
      return { case: 'longValue', value: raw.value }
    case 'float':
      return { case: 'floatValue', value: raw.value }
    case 'double':
      return { case: 'doubleValue', value: raw.value }
    case 'boolean':
      return { case: 'booleanValue', value: raw.value }
    case 'string':
      return { case: 'stringValue', value: raw.value }
    case 'bytes':
      return { case: 'bytesValue', value: Uint8Array.from(raw.value) }
  }
}
