/**
 * S7 frame: requests and answers as bytes. Siemens has not published the protocol. This is the common understanding of
 * its CPUs, snap7 and Wireshark's dissector. [RFC 1006, 6: TPKT; ISO 8073, 13: COTP]
 */

export type Area = 'DB' | 'M' | 'I' | 'Q'

const AREA_CODES: Readonly<Record<Area, number>> = { I: 0x81, Q: 0x82, M: 0x83, DB: 0x84 }

/** Bytes of an area. With `bit`, only that bit. */
export type Item = { area: Area; db: number; start: number; length: number; bit?: number }

/** The CPU's answer for one item. */
export type ItemAnswer = { ok: true; bytes: Uint8Array } | { ok: false; code: number }

/** `connected`: the transport is connected. `answer`: to the request of this number. `error` is 0 for success. */
export type S7Frame =
  | { kind: 'connected' }
  | { kind: 'answer'; sequence: number; error: number; parameters: Uint8Array; data: Uint8Array }

/** The bytes before the data of an answer and of a request: TPKT, COTP, header, parameters and the head of an item. */
const ANSWER_HEAD = 14
const REQUEST_HEAD = 12
const ANSWER_ITEM = 4
const REQUEST_ITEM = 12

/** CPUs accept no more items in one request. */
const ITEMS_MAX = 20

/** The most bytes of one item, in a message of this size. */
export const itemBytesMax = (pdu: number): number => pdu - ANSWER_HEAD - ANSWER_ITEM

const evenly = (bytes: number) => bytes + (bytes % 2)

/**
 * Packs items into requests, in their order, so that neither a request nor its answer is longer than a message may be.
 */
export function packItems<Each extends { length: number }>(items: readonly Each[], pdu: number): Each[][] {
  const requests: Each[][] = []
  let answer = Number.POSITIVE_INFINITY
  for (const item of items) {
    const grown = answer + ANSWER_ITEM + evenly(item.length)
    const last = requests.at(-1)
    const count = (last?.length ?? 0) + 1
    const hasRoom = grown <= pdu && count <= ITEMS_MAX && REQUEST_HEAD + count * REQUEST_ITEM <= pdu
    if (last && hasRoom) {
      last.push(item)
      answer = grown
    } else {
      requests.push([item])
      answer = ANSWER_HEAD + ANSWER_ITEM + evenly(item.length)
    }
  }
  return requests
}

/** [RFC 1006, 6] Four bytes with the total length. */
const tpkt = (content: Uint8Array): Uint8Array => {
  const length = content.length + 4
  return Uint8Array.of(3, 0, length >> 8, length & 0xff, ...content)
}

const word = (value: number): [number, number] => [(value >> 8) & 0xff, value & 0xff]

/** [ISO 8073, 13.3] Connection request: class 0, TPDUs of 1024 bytes, and the identifiers of both ends. */
export function connectRequest(localTsap: number, remoteTsap: number): Uint8Array {
  const tsaps = [0xc1, 2, ...word(localTsap), 0xc2, 2, ...word(remoteTsap)]
  return tpkt(Uint8Array.of(17, 0xe0, 0, 0, 0, 1, 0, 0xc0, 1, 10, ...tsaps))
}

/** A job in a data TPDU that is whole. */
function job(sequence: number, parameters: readonly number[], data: readonly number[] = []): Uint8Array {
  const header = [0x32, 1, 0, 0, ...word(sequence), ...word(parameters.length), ...word(data.length)]
  return tpkt(Uint8Array.of(2, 0xf0, 0x80, ...header, ...parameters, ...data))
}

/** Proposes the length of messages, with one pending request at a time. */
export const setupRequest = (sequence: number, pdu: number): Uint8Array =>
  job(sequence, [0xf0, 0, 0, 1, 0, 1, ...word(pdu)])

export const readRequest = (sequence: number, items: readonly Item[]): Uint8Array =>
  job(sequence, [4, items.length, ...items.flatMap(addressBytes)])

/** Writes one item. A bit is written alone, and other bits stay unchanged. */
export function writeRequest(sequence: number, item: Item, bytes: Uint8Array): Uint8Array {
  const head = item.bit === undefined ? [0, 4, ...word(bytes.length * 8)] : [0, 3, ...word(1)]
  return job(sequence, [5, 1, ...addressBytes(item)], [...head, ...bytes])
}

function addressBytes({ area, db, start, length, bit }: Item): number[] {
  const at = start * 8 + (bit ?? 0)
  const kind = bit === undefined ? 2 : 1
  const count = bit === undefined ? length : 1
  const place = [(at >> 16) & 0xff, ...word(at)]
  return [0x12, 10, 0x10, kind, ...word(count), ...word(db), AREA_CODES[area], ...place]
}

/** The content of one TPKT. Undefined if it is unknown. */
export function parseFrame(bytes: Uint8Array): S7Frame | undefined {
  const [length = 0, kind] = bytes.subarray(4)
  if (kind === 0xd0) return { kind: 'connected' }
  if (kind !== 0xf0) return undefined
  const message = bytes.subarray(4 + length + 1)
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  // An answer with or without data.
  if (message.length < 12 || message[0] !== 0x32 || (message[1] !== 3 && message[1] !== 2)) return undefined
  const parametersLength = view.getUint16(6)
  const dataLength = view.getUint16(8)
  if (message.length < 12 + parametersLength + dataLength) return undefined
  const parameters = message.subarray(12, 12 + parametersLength)
  const data = message.subarray(12 + parametersLength, 12 + parametersLength + dataLength)
  return { kind: 'answer', sequence: view.getUint16(4), error: view.getUint16(10), parameters, data }
}

/** The agreed length of messages from now on. */
export function setupAnswer({ parameters }: { parameters: Uint8Array }): number | undefined {
  if (parameters.length < 8 || parameters[0] !== 0xf0) return undefined
  return (parameters[6] ?? 0) * 256 + (parameters[7] ?? 0)
}

/** The code for success, and the kinds of data with a length in bytes, not in bits. */
const GOOD = 0xff
const IN_BYTES = [7, 9]

/** The CPU's answer for each item of a read. Undefined if an item is missing. */
export function readAnswer(
  { data }: { data: Uint8Array },
  items: readonly { length: number }[],
): ItemAnswer[] | undefined {
  const answers: ItemAnswer[] = []
  let at = 0
  for (const { length } of items) {
    const answer = itemAnswer(data.subarray(at), length)
    if (!answer) return undefined
    answers.push(answer)
    at += ANSWER_ITEM + (answer.ok ? evenly(length) : 0)
  }
  return answers
}

function itemAnswer(data: Uint8Array, length: number): ItemAnswer | undefined {
  const [code, kind = 0, high = 0, low = 0] = data
  if (code === undefined) return undefined
  if (code !== GOOD) return { ok: false, code }
  const said = high * 256 + low
  const size = IN_BYTES.includes(kind) ? said : Math.ceil(said / 8)
  const bytes = data.subarray(ANSWER_ITEM, ANSWER_ITEM + length)
  return size === length && bytes.length === length ? { ok: true, bytes } : undefined
}

/** The CPU's answer for the one item of a write. */
export function writeAnswer({ data }: { data: Uint8Array }): ItemAnswer | undefined {
  const [code] = data
  if (code === undefined) return undefined
  return code === GOOD ? { ok: true, bytes: new Uint8Array() } : { ok: false, code }
}
