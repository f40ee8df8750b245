/** OPC UA value: what a server's value means, and how one of ours is written as the type that the node has. */
import { badValue, tagValue } from '@skerry/connectors/value'
import type { OpcuaTag } from '@skerry/contract/sources/protocols/source-opcua'
import type { TagContent, TagValue } from '@skerry/contract/sources/tag'
import { DataType, type DataValue, type Variant, VariantArrayType } from 'node-opcua-client'
import { isBad, isUncertain, statusCause } from './status.ts'

type Scalar = number | boolean | string

/** [OPC 10000-6, 5.1.2] Smallest and largest; those of 64 bits as far as our numbers are exact. */
const INTEGERS: ReadonlyMap<DataType, [min: number, max: number]> = new Map([
  [DataType.SByte, [-(2 ** 7), 2 ** 7 - 1]],
  [DataType.Byte, [0, 2 ** 8 - 1]],
  [DataType.Int16, [-(2 ** 15), 2 ** 15 - 1]],
  [DataType.UInt16, [0, 2 ** 16 - 1]],
  [DataType.Int32, [-(2 ** 31), 2 ** 31 - 1]],
  [DataType.UInt32, [0, 2 ** 32 - 1]],
  [DataType.Int64, [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]],
  [DataType.UInt64, [0, Number.MAX_SAFE_INTEGER]],
])

export const isInteger = (type: DataType): boolean => INTEGERS.has(type)
const isLong = (type: DataType) => type === DataType.Int64 || type === DataType.UInt64

/** The number that a good value is, read many times; NaN where it is none, or is one of 64 bits: then `readTag` says what it is. */
export function plainNumber({ statusCode, value }: DataValue): number {
  const content: unknown = value.value
  return typeof content === 'number' && !isBad(statusCode) && !isUncertain(statusCode) ? content : Number.NaN
}

export function readTag(tag: OpcuaTag, data: DataValue, receivedTimeMs: number): TagValue {
  const times = data.sourceTimestamp ? { sourceTimeMs: data.sourceTimestamp.getTime() } : {}
  if (isBad(data.statusCode)) {
    return { ...badValue(tag.name, statusCause(data.statusCode), receivedTimeMs), ...times }
  }
  const content = contentOf(data.value)
  if (!content) return { ...badValue(tag.name, kindProblem(data.value), receivedTimeMs), ...times }
  const read = tagValue(tag, content, receivedTimeMs)
  if (read.quality !== 'good' || !isUncertain(data.statusCode)) return { ...read, ...times }
  return { ...read, ...times, quality: 'uncertain', cause: statusCause(data.statusCode) }
}

function kindProblem({ dataType }: Variant) {
  if (dataType === DataType.Null) return { code: 'value_missing', message: 'the server has no value yet' }
  return { code: 'type_unknown', message: `values of the type ${DataType[dataType]} cannot be read` }
}

/** Of several dimensions: one after the other, the last index first. Undefined for what is no number, text, truth or time, or a list of them. */
export function contentOf({
  dataType,
  arrayType,
  value,
}: Variant): { value: TagContent; isInexact: boolean } | undefined {
  const content: unknown = value
  if (arrayType === VariantArrayType.Scalar) {
    const scalar = scalarOf(dataType, content)
    return scalar === undefined ? undefined : { value: scalar, isInexact: isBeyond(dataType, scalar) }
  }
  if (!isIterable(content)) return undefined
  const scalars = [...content].map((part) => scalarOf(dataType, part))
  const known = scalars.filter((part) => part !== undefined)
  if (known.length < scalars.length) return undefined
  return { value: known, isInexact: known.some((part) => isBeyond(dataType, part)) }
}

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value

const isBeyond = (type: DataType, value: Scalar) => isLong(type) && !Number.isSafeInteger(value)

function scalarOf(type: DataType, value: unknown): Scalar | undefined {
  if (isLong(type)) return Array.isArray(value) ? longOf(type, Number(value[0]), Number(value[1])) : undefined
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') return value
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  // [OPC 10000-3, 8.5] A text with its language.
  return typeof value === 'object' && value !== null && 'text' in value ? String(value.text ?? '') : undefined
}

/** The library gives both halves, each without a sign. */
function longOf(type: DataType, high: number, low: number): number {
  const unsigned = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
  return Number(type === DataType.Int64 ? BigInt.asIntN(64, unsigned) : unsigned)
}

/** What the library takes for a value; undefined where the type cannot hold it. */
export function rawOf(value: Scalar, type: DataType): unknown {
  if (typeof value === 'number') return rawNumber(value, type)
  if (typeof value === 'boolean') return type === DataType.Boolean ? value : undefined
  if (type === DataType.String) return value
  if (type === DataType.LocalizedText) return { text: value }
  if (type === DataType.ByteString) return Buffer.from(value, 'base64')
  const time = type === DataType.DateTime ? new Date(value) : undefined
  return time && !Number.isNaN(time.getTime()) ? time : undefined
}

function rawNumber(value: number, type: DataType): unknown {
  if (type === DataType.Double) return value
  if (type === DataType.Float) return Number.isFinite(Math.fround(value)) ? Math.fround(value) : undefined
  const [min, max] = INTEGERS.get(type) ?? [1, 0]
  if (!Number.isInteger(value) || value < min || value > max) return undefined
  if (!isLong(type)) return value
  const bits = BigInt.asUintN(64, BigInt(value))
  return [Number(bits >> 32n), Number(bits & 0xffff_ffffn)]
}
