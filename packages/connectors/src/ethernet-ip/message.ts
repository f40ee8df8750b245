/** CIP message: a service that is asked of an object, and what it says. [CIP 1, 2-4; services of Logix: Rockwell 1756-PM020, chapter 1] */
import { type CipStep, cipAddressOf } from '@skerry/contract/sources/cip-address'
import { u16, u32, viewOf } from './bytes.ts'

const GET_ATTRIBUTE_SINGLE = 0x0e
const MULTIPLE_SERVICE = 0x0a
const READ_TAG = 0x4c
const WRITE_TAG = 0x4d
const READ_MODIFY_WRITE = 0x4e
const READ_FRAGMENTED = 0x52
const INSTANCE_ATTRIBUTES = 0x55

/** The answer to a service has its number with this bit. */
const IS_REPLY = 0x80

/** `status` 0 is well; `extended` says more where it is not. */
export type Reply = { service: number; status: number; extended: number | undefined; data: Uint8Array }

/** [CIP 1, table B-1.1] */
export const PARTIAL = 0x06
export const NO_SUCH_SERVICE = 0x08
export const REPLY_TOO_LARGE = 0x11
/** One of several services failed; each says what became of it. */
const EMBEDDED_ERROR = 0x1e

/** [CIP 1, C-1.4.2] A class, and the one instance of it that every device has. */
const firstOf = (ofClass: number): number[] => [0x20, ofClass, 0x24, 1]

export const MESSAGE_ROUTER = firstOf(0x02)
export const CONNECTION_MANAGER = firstOf(0x06)
const IDENTITY = firstOf(0x01)

/** [CIP 1, C-1.4.2, C-1.4.3] A name is padded to whole words; a place takes as few bytes as it can. */
function stepBytes(step: CipStep): number[] {
  if ('name' in step) {
    const letters = [...Buffer.from(step.name, 'latin1')]
    return [0x91, letters.length, ...letters, ...(letters.length % 2 === 1 ? [0] : [])]
  }
  const { index } = step
  if (index <= 0xff) return [0x28, index]
  return index <= 0xffff ? [0x29, 0, ...u16(index)] : [0x2a, 0, ...u32(index)]
}

/** Of an address that was parsed; a bit is no part of it. */
export const tagPath = (address: string): number[] => (cipAddressOf(address)?.steps ?? []).flatMap(stepBytes)

export const request = (service: number, path: readonly number[], data: readonly number[] = []): Uint8Array =>
  Uint8Array.of(service, path.length / 2, ...path, ...data)

export const readTag = (path: readonly number[], count: number): Uint8Array => request(READ_TAG, path, u16(count))

/** From a byte on, where one answer does not hold all. */
export const readFragment = (path: readonly number[], count: number, from: number): Uint8Array =>
  request(READ_FRAGMENTED, path, [...u16(count), ...u32(from)])

/** `type` as the controller told it, with its handle where it is a structure; `data` are the elements, one after the other. */
export const writeTag = (path: readonly number[], { type, count, data }: Written): Uint8Array =>
  request(WRITE_TAG, path, [...type, ...u16(count), ...data])

type Written = { type: Uint8Array; count: number; data: Uint8Array }

/** Sets or clears one bit of an integer of so many bytes; the controller leaves its neighbours. */
export function writeBit(path: readonly number[], bytes: number, bit: number, value: boolean): Uint8Array {
  const place = Math.floor(bit / 8)
  const set = Array.from({ length: bytes }, (_, at) => (at === place && value ? 1 << (bit % 8) : 0))
  const keep = Array.from({ length: bytes }, (_, at) => (at === place && !value ? 0xff ^ (1 << (bit % 8)) : 0xff))
  return request(READ_MODIFY_WRITE, path, [...u16(bytes), ...set, ...keep])
}

/** The maker's number: what every device has, and costs it least. [CIP 1, 5A-2] */
export const askIdentity = (): Uint8Array => request(GET_ATTRIBUTE_SINGLE, [...IDENTITY, 0x30, 1])

/** [1756-PM020, chapter 2] An instance of the symbol class. */
const symbol = (instance: number): number[] => [
  0x20,
  0x6b,
  ...(instance > 0xffff ? [0x26, 0, ...u32(instance)] : [0x25, 0, ...u16(instance)]),
]

/** [1756-PM020, chapter 2] Names, types and dimensions of tags from an instance on, of the controller or of a program. */
export function listTags(program: string, from: number): Uint8Array {
  const scope = program === '' ? [] : stepBytes({ name: program })
  const name = 1
  const type = 2
  const dimensions = 8
  const asked = [...u16(3), ...u16(name), ...u16(type), ...u16(dimensions)]
  return request(INSTANCE_ATTRIBUTES, [...scope, ...symbol(from)], asked)
}

/** Bytes before the first of several, and by which each is longer than alone; as long in answers. */
export const SEVERAL_HEAD = 8
export const SEVERAL_EACH = 2

/** [CIP 1, A-4.10] Each begins at a place that is counted from the number of services on. */
export function several(requests: readonly Uint8Array[]): Uint8Array {
  let at = 2 + SEVERAL_EACH * requests.length
  const places = requests.map(({ length }) => {
    at += length
    return at - length
  })
  return request(MULTIPLE_SERVICE, MESSAGE_ROUTER, [
    ...u16(requests.length),
    ...places.flatMap(u16),
    ...requests.flatMap((one) => [...one]),
  ])
}

/** Undefined where it is no answer. */
export function parseReply(message: Uint8Array): Reply | undefined {
  const [service = 0, , status = 0, words = 0] = message
  const at = 4 + 2 * words
  if (message.length < at || service < IS_REPLY) return undefined
  const extended = words > 0 ? viewOf(message).getUint16(4, true) : undefined
  return { service: service - IS_REPLY, status, extended, data: message.subarray(at) }
}

/** What each of so many says; undefined where they were not judged one by one. */
export function severalReplies({ status, data }: Reply, count: number): (Reply | undefined)[] | undefined {
  if ((status !== 0 && status !== EMBEDDED_ERROR) || data.length < 2 + SEVERAL_EACH * count) return undefined
  const view = viewOf(data)
  if (view.getUint16(0, true) !== count) return undefined
  const places = Array.from({ length: count }, (_, index) => view.getUint16(2 + SEVERAL_EACH * index, true))
  return places.map((place, index) => parseReply(data.subarray(place, places[index + 1] ?? data.length)))
}
