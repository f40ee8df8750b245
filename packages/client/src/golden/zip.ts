/**
 * Zip: the files of a small archive, such as numpy writes. It reads the directory at the end of the archive, files that
 * are stored or deflated, and checks their sums.
 *
 * Source: APPNOTE.TXT 6.3.10 (pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT), the numbers of sections below.
 */
import { Misfit } from './golden-reading.ts'

/** Golden cases travel in 16 MiB of base64. Arrays of 64-bit numbers for tensors of 16 bits need four times of it. */
const UNPACKED_BYTES_MAX = 64 * 1024 * 1024

/** A case has 128 tensors a side at most; some arrays may belong to other programs. */
const ENTRIES_MAX = 512

/** [4.3.16] The record at the end, and the longest comment behind it. */
const END = { signature: 0x06054b50, bytes: 22, commentMax: 0xffff }
/** [4.3.12] One file in the directory. */
const ENTRY = { signature: 0x02014b50, bytes: 46 }
/** [4.3.7] The header before the bytes of a file. */
const LOCAL = { signature: 0x04034b50, bytes: 30 }

/** [4.4.4] General purpose bit 0: encrypted. */
const ENCRYPTED = 1
/** [4.4.5] Compression methods. */
const STORED = 0
const DEFLATED = 8
/** [4.4.8] The real size is in an extra field, for files over 4 GB. */
const ZIP64 = 0xffffffff

/** Whether the bytes begin like an archive. */
export const isZip = (bytes: Uint8Array): boolean =>
  bytes.length >= 4 && viewOf(bytes).getUint32(0, true) === LOCAL.signature

/** All files of the archive by name. Throws a misfit if it is damaged, encrypted or too large. */
export async function unzip(bytes: Uint8Array<ArrayBuffer>): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const entries = readDirectory(bytes)
  const total = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  if (total > UNPACKED_BYTES_MAX) {
    throw new Misfit(`its arrays have over ${UNPACKED_BYTES_MAX / 1024 ** 2} MiB; use fewer or smaller cases`)
  }
  const files = new Map<string, Uint8Array<ArrayBuffer>>()
  for (const entry of entries) {
    const content = await contentOf(bytes, entry)
    if (crc32(content) !== entry.sum) throw damaged(`the checksum of ${entry.name} is wrong`)
    files.set(entry.name, content)
  }
  return files
}

type Entry = { name: string; method: number; sum: number; packedBytes: number; sizeBytes: number; at: number }

function readDirectory(bytes: Uint8Array): Entry[] {
  const view = viewOf(bytes)
  const end = findEnd(view)
  if (end === undefined) throw damaged('it has no directory')
  const count = view.getUint16(end + 10, true)
  if (count > ENTRIES_MAX) throw new Misfit(`it has ${count} arrays, and at most ${ENTRIES_MAX} are read`)
  const entries: Entry[] = []
  let at = view.getUint32(end + 16, true)
  for (let index = 0; index < count; index++) {
    if (at + ENTRY.bytes > end || view.getUint32(at, true) !== ENTRY.signature) throw damaged('its directory is wrong')
    const lengths = [28, 30, 32].map((offset) => view.getUint16(at + offset, true))
    const [nameBytes = 0] = lengths
    const entry = {
      name: decoder.decode(bytes.subarray(at + ENTRY.bytes, at + ENTRY.bytes + nameBytes)),
      method: view.getUint16(at + 10, true),
      sum: view.getUint32(at + 16, true),
      packedBytes: view.getUint32(at + 20, true),
      sizeBytes: view.getUint32(at + 24, true),
      at: view.getUint32(at + 42, true),
    }
    if ((view.getUint16(at + 8, true) & ENCRYPTED) !== 0) throw new Misfit(`${entry.name} is encrypted`)
    if ([entry.packedBytes, entry.sizeBytes, entry.at].includes(ZIP64)) throw new Misfit(`${entry.name} is over 4 GB`)
    entries.push(entry)
    at += ENTRY.bytes + lengths.reduce((sum, length) => sum + length, 0)
  }
  return entries
}

function findEnd(view: DataView): number | undefined {
  const least = Math.max(0, view.byteLength - END.bytes - END.commentMax)
  for (let at = view.byteLength - END.bytes; at >= least; at--) {
    if (view.getUint32(at, true) === END.signature) return at
  }
  return undefined
}

async function contentOf(bytes: Uint8Array<ArrayBuffer>, entry: Entry): Promise<Uint8Array<ArrayBuffer>> {
  const { name, at, method, packedBytes, sizeBytes } = entry
  const view = viewOf(bytes)
  if (at + LOCAL.bytes > bytes.length || view.getUint32(at, true) !== LOCAL.signature)
    throw damaged(`${name} is not there`)
  // The lengths here may differ from those of the directory: numpy adds an extra field only here.
  const start = at + LOCAL.bytes + view.getUint16(at + 26, true) + view.getUint16(at + 28, true)
  const packed = bytes.subarray(start, start + packedBytes)
  if (packed.length < packedBytes) throw damaged(`${name} is cut off`)
  if (method === STORED && packedBytes === sizeBytes) return packed
  if (method === DEFLATED) return inflate(packed, entry)
  throw new Misfit(`${name} is packed by the method ${method}; write it with np.savez or np.savez_compressed`)
}

/** [RFC 1951] Stops at the size that the directory states, so that a small file cannot fill the memory. */
async function inflate(packed: Uint8Array<ArrayBuffer>, { name, sizeBytes }: Entry): Promise<Uint8Array<ArrayBuffer>> {
  const content = new Uint8Array(sizeBytes)
  let length = 0
  try {
    for await (const chunk of new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'))) {
      if (length + chunk.length > sizeBytes) throw damaged(`${name} is larger than stated`)
      content.set(chunk, length)
      length += chunk.length
    }
  } catch (cause) {
    if (cause instanceof Misfit) throw cause
    throw damaged(`${name} cannot be unpacked`)
  }
  if (length < sizeBytes) throw damaged(`${name} is smaller than stated`)
  return content
}

const damaged = (what: string) => new Misfit(`the archive is damaged: ${what}; write it again`)

/** [4.4.7] CRC-32 of ISO 3309, reflected, with this polynomial. */
const POLYNOMIAL = 0xedb88320

function crc32(bytes: Uint8Array): number {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let sum = byte
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ POLYNOMIAL : sum >>> 1
    return sum
  })
  let sum = 0xffffffff
  for (const byte of bytes) sum = (sum >>> 8) ^ (table[(sum ^ byte) & 0xff] ?? 0)
  return (sum ^ 0xffffffff) >>> 0
}

const decoder = new TextDecoder()
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
