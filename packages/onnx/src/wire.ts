/**
 * Decodes protobuf that a stranger sent. One pass over the wire format checks it against the schema and adds up the
 * size of the decoded objects, before anything is allocated for them: the decoder itself trusts lengths and wire types,
 * and makes a 400-byte object of two bytes.
 *
 * Stricter than protobuf: a field of the wrong wire type, a group, and a name that is not UTF-8 are rejected, not
 * skipped.
 */
import { type DescField, type DescMessage, fromBinary, type MessageShape, ScalarType } from '@bufbuild/protobuf'
import { accept, type Refusal, type Result, rejectModel } from './refusal.ts'

/** [Protocol Buffers] No message is longer than 2 GiB, in any implementation. */
export const FILE_BYTES_MAX = 2 ** 31 - 1

/** onnxruntime's own parser stops at 100 nested messages; a subgraph takes three, so some 30 `If` may nest. */
export const DEPTH_MAX = 100

/**
 * A gigabyte is half of the heap that Node takes by default on a machine with 4 GB. The largest graphs in use, a
 * million messages, weigh half of it; weights in `raw_data` weigh nothing, since they stay where they are.
 */
export const DECODED_BYTES_MAX = 2 ** 30

/** Bytes of heap, measured on Node 24: an empty message takes 60 to 416 (a tensor), a view into the file 112. */
const MESSAGE_WEIGHT = 416
const VIEW_WEIGHT = 112
/** A 64-bit integer is a bigint in a list, any other number a double in a list that grows by half. */
const BIGINT_WEIGHT = 35
const NUMBER_WEIGHT = 11

const VARINT = 0
const FIXED_64 = 1
const LENGTH_DELIMITED = 2
const FIXED_32 = 5

type Rule = {
  name: string
  /** The wire type of one value; numbers in a list may also come packed, as one length-delimited value. */
  wireType: number
  isRepeated: boolean
  isText: boolean
  weight: number
  message: DescMessage | undefined
}
type Cursor = { bytes: Uint8Array; at: number; weight: number }

/**
 * Decodes `bytes`, or gives the reason why they are no such message. Byte fields of the result are views into `bytes`.
 */
export function decode<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): Result<MessageShape<Desc>> {
  if (bytes.length > FILE_BYTES_MAX) {
    return rejectModel(
      'model_too_complex',
      'the file is over 2 GiB; export the model with its weights as external data',
    )
  }
  const flaw = scanMessage({ bytes, at: 0, weight: 0 }, bytes.length, schema, 1)
  return flaw ?? accept(fromBinary(schema, bytes, { recursionLimit: DEPTH_MAX }))
}

function scanMessage(cursor: Cursor, end: number, schema: DescMessage, depth: number): Refusal | undefined {
  if (depth > DEPTH_MAX) {
    return rejectModel(
      'model_too_complex',
      `messages nest deeper than ${DEPTH_MAX}; no runtime loads subgraphs that deep`,
    )
  }
  cursor.weight += MESSAGE_WEIGHT
  const rules = rulesOf(schema)
  while (cursor.at < end) {
    const flaw = scanField(cursor, end, schema, rules, depth)
    if (flaw) return flaw
    if (cursor.weight > DECODED_BYTES_MAX) {
      return rejectModel(
        'model_too_complex',
        'the decoded model would take over 1 GiB; keep weights in raw_data or external data',
      )
    }
  }
  return undefined
}

function scanField(cursor: Cursor, end: number, schema: DescMessage, rules: ReadonlyMap<number, Rule>, depth: number) {
  const tag = readVarint(cursor, end)
  if (tag === undefined) return cutShort(cursor, end, schema.name)
  const wireType = tag % 8
  const number = Math.floor(tag / 8)
  if (number === 0 || tag >= 2 ** 32) return broken(schema, 'a field number that does not exist')
  const rule = rules.get(number)
  if (rule && wireType !== rule.wireType && !(rule.isRepeated && wireType === LENGTH_DELIMITED)) {
    return broken(schema, `field ${rule.name} with wire type ${wireType} where ${rule.wireType} belongs`)
  }
  const size = valueSize(cursor, end, wireType)
  if (size === 'unknown') return broken(schema, `field ${number} with wire type ${wireType}, which ONNX does not use`)
  if (size === 'cut') return cutShort(cursor, end, `${schema.name}.${rule?.name ?? number}`)
  if (rule?.message) return scanMessage(cursor, cursor.at + size, rule.message, depth + 1)
  if (rule) return scanValue(cursor, cursor.at + size, schema, rule, wireType)
  cursor.weight += MESSAGE_WEIGHT + size
  cursor.at += size
  return undefined
}

/** The cursor stands on the value, past its length; on return it stands on `valueEnd`. */
function scanValue(cursor: Cursor, valueEnd: number, schema: DescMessage, rule: Rule, wireType: number) {
  const start = cursor.at
  cursor.at = valueEnd
  if (wireType !== rule.wireType) {
    const count = packedCount(cursor.bytes, start, valueEnd, rule.wireType)
    if (count === undefined) return broken(schema, `field ${rule.name} with packed values that do not fill it`)
    cursor.weight += count * rule.weight
    return undefined
  }
  cursor.weight += rule.weight
  if (!rule.isText) return undefined
  cursor.weight += 2 * (valueEnd - start)
  return isUtf8(cursor.bytes, start, valueEnd) ? undefined : broken(schema, `field ${rule.name} that is not UTF-8`)
}

/** The number of bytes of the value from the cursor's next position on; a length in front of it is read here. */
function valueSize(cursor: Cursor, end: number, wireType: number): number | 'cut' | 'unknown' {
  if (wireType === VARINT) {
    const start = cursor.at
    if (readVarint(cursor, end) === undefined) return 'cut'
    const size = cursor.at - start
    cursor.at = start
    return size
  }
  if (wireType === LENGTH_DELIMITED) {
    const size = readVarint(cursor, end)
    return size === undefined || size > end - cursor.at ? 'cut' : size
  }
  if (wireType !== FIXED_32 && wireType !== FIXED_64) return 'unknown'
  const size = wireType === FIXED_32 ? 4 : 8
  return size > end - cursor.at ? 'cut' : size
}

/** Undefined if the number does not end before `end` or within ten bytes. Inexact above 2^53, which no length is. */
function readVarint(cursor: Cursor, end: number): number | undefined {
  let value = 0
  for (let shift = 0; shift < 70; shift += 7) {
    if (cursor.at >= end) return undefined
    const byte = cursor.bytes[cursor.at++] ?? 0
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) return value
  }
  return undefined
}

function packedCount(bytes: Uint8Array, start: number, end: number, wireType: number): number | undefined {
  if (wireType !== VARINT) {
    const count = (end - start) / (wireType === FIXED_32 ? 4 : 8)
    return Number.isInteger(count) ? count : undefined
  }
  let count = 0
  let length = 0
  for (let at = start; at < end; at++) {
    length++
    if (length > 10) return undefined
    if ((bytes[at] ?? 0) >= 0x80) continue
    count++
    length = 0
  }
  return length === 0 ? count : undefined
}

function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start
  while (at < end && (bytes[at] ?? 0) < 0x80) at++
  if (at === end) return true
  try {
    utf8.decode(bytes.subarray(at, end))
    return true
  } catch {
    return false
  }
}
const utf8 = new TextDecoder('utf-8', { fatal: true })

const broken = (schema: DescMessage, what: string) =>
  rejectModel('model_not_onnx', `not an ONNX model, or a damaged one: ${schema.name} has ${what}`)

/**
 * A field that runs over the end of the file was cut off. A field that runs over the end of its own message was
 * never right.
 */
function cutShort({ bytes, at }: Cursor, end: number, where: string): Refusal {
  if (end < bytes.length) {
    return rejectModel('model_not_onnx', `not an ONNX model, or a damaged one: ${where} is longer than what holds it`)
  }
  return rejectModel(
    'model_not_onnx',
    `the file ends inside ${where}, at byte ${at} of ${bytes.length}; it was cut short or is not an ONNX model`,
  )
}

const rulesBySchema = new WeakMap<DescMessage, ReadonlyMap<number, Rule>>()

function rulesOf(schema: DescMessage): ReadonlyMap<number, Rule> {
  const known = rulesBySchema.get(schema)
  if (known) return known
  const rules = new Map(schema.fields.map((field) => [field.number, ruleOf(field)]))
  rulesBySchema.set(schema, rules)
  return rules
}

function ruleOf(field: DescField): Rule {
  const { name, message, scalar } = field
  const isRepeated = field.fieldKind === 'list'
  if (message) return { name, wireType: LENGTH_DELIMITED, isRepeated, isText: false, weight: 0, message }
  const rule = scalarRules.get(scalar ?? ScalarType.INT32)
  if (!rule) throw new Error(`field ${name} has a type that onnx.proto did not use when this was written`)
  return { name, isRepeated, isText: scalar === ScalarType.STRING, message: undefined, ...rule }
}

/** [Protocol Buffers, Encoding] The types that onnx.proto uses; an enum is an int32. */
const scalarRules: ReadonlyMap<ScalarType, Pick<Rule, 'wireType' | 'weight'>> = new Map([
  [ScalarType.STRING, { wireType: LENGTH_DELIMITED, weight: VIEW_WEIGHT }],
  [ScalarType.BYTES, { wireType: LENGTH_DELIMITED, weight: VIEW_WEIGHT }],
  [ScalarType.FLOAT, { wireType: FIXED_32, weight: NUMBER_WEIGHT }],
  [ScalarType.DOUBLE, { wireType: FIXED_64, weight: NUMBER_WEIGHT }],
  [ScalarType.INT64, { wireType: VARINT, weight: BIGINT_WEIGHT }],
  [ScalarType.UINT64, { wireType: VARINT, weight: BIGINT_WEIGHT }],
  [ScalarType.INT32, { wireType: VARINT, weight: NUMBER_WEIGHT }],
])
