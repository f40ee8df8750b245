/** IEC 104 ASDU: which objects a message tells of, and what they say. [IEC 60870-5-101, 7] */
import { ELEMENTS, type Element, readTime, TIME_BYTES } from './element.ts'

export type AsduHeader = {
  type: number
  cause: number
  isNegative: boolean
  originator: number
  commonAddress: number
}

export type InformationObject = {
  address: number
  element: Element
  /** As its station has it, without a time zone; undefined where there is none, or its station says that it is wrong. */
  timeMs: number | undefined
}

export type Asdu = AsduHeader & {
  /** Of the first object, whatever the type. */
  firstAddress: number
  /** Empty where the type is none that tells of a state of the equipment. */
  objects: InformationObject[]
}

const HEADER_BYTES = 6
const ADDRESS_BYTES = 3

/** Throws where it is shorter than it says. */
export function decodeAsdu(bytes: Uint8Array): Asdu {
  if (bytes.length < HEADER_BYTES + ADDRESS_BYTES) throw new Error('a message that ends before its first object')
  const [type = 0, qualifier = 0, cause = 0, originator = 0, low = 0, high = 0] = bytes
  const header: AsduHeader = {
    type,
    originator,
    commonAddress: low + 256 * high,
    cause: cause & 0x3f,
    isNegative: (cause & 0x40) !== 0,
  }
  const objects = objectsOf(bytes.subarray(HEADER_BYTES), type, qualifier)
  return { ...header, firstAddress: addressAt(bytes, HEADER_BYTES), objects }
}

/** [7.2.2] With SQ the objects stand one after the other behind one address, without each has its own. */
function objectsOf(bytes: Uint8Array, type: number, qualifier: number): InformationObject[] {
  const form = ELEMENTS.get(type)
  if (!form) return []
  const isSequence = (qualifier & 0x80) !== 0
  const size = form.bytes + TIME_BYTES[form.time]
  const first = addressAt(bytes, 0)
  return Array.from({ length: qualifier & 0x7f }, (_, index) => {
    const at = isSequence ? ADDRESS_BYTES + index * size : index * (ADDRESS_BYTES + size) + ADDRESS_BYTES
    const part = bytes.subarray(at, at + size)
    if (part.length < size) throw new Error('a message that ends before its last object')
    const view = new DataView(part.buffer, part.byteOffset, part.byteLength)
    return {
      address: isSequence ? first + index : addressAt(bytes, at - ADDRESS_BYTES),
      element: form.read(view),
      timeMs: form.time === 'cp56' ? readTime(view, form.bytes) : undefined,
    }
  })
}

const addressAt = (bytes: Uint8Array, at: number) =>
  (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0) + 65_536 * (bytes[at + 2] ?? 0)

export type Order = {
  type: number
  cause: number
  originator: number
  commonAddress: number
  address: number
  element: Uint8Array
}

/** One object. */
export function encodeAsdu({ type, cause, originator, commonAddress, address, element }: Order): Uint8Array {
  const header = [type, 1, cause, originator, commonAddress & 0xff, commonAddress >> 8]
  return Uint8Array.from([...header, address & 0xff, (address >> 8) & 0xff, address >> 16, ...element])
}

/** [7.2.3] Causes of transmission that this end sends or looks at. */
export const CAUSE = { activation: 6, confirmation: 7, termination: 10 } as const

/** [7.2.3] Why a station does not do what it is told. */
export const REFUSALS: ReadonlyMap<number, string> = new Map([
  [44, 'the station does not know this type of command'],
  [45, 'the station does not know this cause of transmission'],
  [46, 'the station does not know this common address'],
  [47, 'the station does not know this object address'],
])

/** [7.2.1] Types that this end sends. */
export const TYPE = { single: 45, double: 46, normalised: 48, scaled: 49, float: 50, interrogation: 100 } as const
