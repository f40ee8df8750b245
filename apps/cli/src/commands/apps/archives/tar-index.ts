/**
 * Tar index: the places of the files in a tar archive on disk. Nothing is unpacked, so no path of an archive is ever a
 * path on this machine. It reads ustar with the extensions of pax and GNU that container tools write.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { fail } from '../../../program/failure.ts'
import { unreadable } from '../../../program/input-file.ts'

export const BLOCK_BYTES = 512

/** An image has at most 128 layers. An archive of hundreds of images stays below it. */
const ENTRIES_MAX = 20_000

/** [pax] Records of an archive of images are paths. More is no header of a container tool. */
const HEADER_BYTES_MAX = 64 * 1024

/** `offset` is the place of the first byte. */
export type TarEntry = { path: string; offset: number; sizeBytes: number; linkTo?: string }

/** The entries by path. If two have one path, the last one counts, as it does when an archive is unpacked. */
export async function readTarIndex(file: string): Promise<Map<string, TarEntry>> {
  const handle = await open(file).catch((cause: unknown) => {
    throw unreadable(file, cause)
  })
  try {
    return await indexOf(handle, file)
  } finally {
    await handle.close()
  }
}

/** Values of extended headers, for the entry that follows. */
type Extended = { path?: string; linkTo?: string; sizeBytes?: number }

async function indexOf(handle: FileHandle, file: string): Promise<Map<string, TarEntry>> {
  const { size } = await handle.stat()
  const entries = new Map<string, TarEntry>()
  let extended: Extended = {}
  let count = 0
  for await (const { header, offset } of headersOf(handle, { file, size }, () => extended.sizeBytes)) {
    count += 1
    if (count > ENTRIES_MAX) throw invalid(file, `it has over ${ENTRIES_MAX} entries`)
    if (!isExtension(header.type)) {
      const entry = entryOf(header, extended, offset)
      if (entry) entries.set(entry.path, entry)
      extended = {}
      continue
    }
    if (header.sizeBytes > HEADER_BYTES_MAX) throw invalid(file, 'a header is too long')
    extended = { ...extended, ...readExtension(header.type, await readAt(handle, offset, header.sizeBytes)) }
  }
  return entries
}

/** Folders and devices are no entries. */
function entryOf({ path, type, ...header }: Header, extended: Extended, offset: number): TarEntry | undefined {
  const plain = (extended.path ?? path).replace(/^(\.\/)+/, '')
  if (type === '0') return { path: plain, offset, sizeBytes: header.sizeBytes }
  if (type === '2') return { path: plain, offset, sizeBytes: 0, linkTo: extended.linkTo ?? header.linkTo }
  return undefined
}

type Opened = { file: string; size: number }

/** Each header, with the place of the bytes behind it. A header before it may have given the size. */
async function* headersOf(handle: FileHandle, { file, size }: Opened, extendedSize: () => number | undefined) {
  let at = 0
  while (at + BLOCK_BYTES <= size) {
    const block = await readAt(handle, at, BLOCK_BYTES)
    if (block.every((byte) => byte === 0)) return
    const read = readHeader(block, file)
    const header = { ...read, sizeBytes: extendedSize() ?? read.sizeBytes }
    const offset = at + BLOCK_BYTES
    if (offset + header.sizeBytes > size) throw invalid(file, `it ends within ${header.path}; save it again`)
    yield { header, offset }
    at = offset + Math.ceil(header.sizeBytes / BLOCK_BYTES) * BLOCK_BYTES
  }
  if (at < size) throw invalid(file, 'it ends within a header; save it again')
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}

type Header = { path: string; sizeBytes: number; type: string; linkTo: string }

/** [POSIX.1-2001, pax, ustar Interchange Format] */
export function readHeader(block: Buffer, file: string): Header {
  if (block[0] === 0x1f && block[1] === 0x8b) {
    throw invalid(file, 'it is compressed; decompress it first, with "gunzip FILE"')
  }
  const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0)
  if (sum !== octal(block.subarray(148, 156))) throw invalid(file, 'it is no tar archive, or it is damaged')
  const prefix = block.subarray(257, 263).toString('latin1') === 'ustar\0' ? text(block.subarray(345, 500)) : ''
  const name = text(block.subarray(0, 100))
  const type = text(block.subarray(156, 157))
  return {
    path: prefix === '' ? name : `${prefix}/${name}`,
    sizeBytes: sizeOf(block.subarray(124, 136)),
    type: type === '' || type === '7' ? '0' : type,
    linkTo: text(block.subarray(157, 257)),
  }
}

const text = (bytes: Buffer) => {
  const end = bytes.indexOf(0)
  return bytes.subarray(0, end === -1 ? bytes.length : end).toString('utf8')
}

const octal = (bytes: Buffer) => Number.parseInt(text(bytes).trim() || '0', 8)

/** [GNU tar, Basic Tar Format] A size of 8 GiB or more is binary, with the highest bit set. */
function sizeOf(bytes: Buffer): number {
  return (bytes[0] ?? 0) >= 0x80 ? Number(bytes.readBigUInt64BE(4)) : octal(bytes)
}

/** pax headers, for one entry or for all, and the long names of GNU. */
export const isExtension = (type: string) => ['x', 'g', 'L', 'K'].includes(type)

export function readExtension(type: string, bytes: Buffer): Extended {
  if (type === 'L') return { path: text(bytes) }
  if (type === 'K') return { linkTo: text(bytes) }
  // A global header has comments, no paths.
  if (type === 'g') return {}
  const records = new Map<string, string>()
  for (let at = 0; at < bytes.length; ) {
    const length = Number.parseInt(bytes.subarray(at, at + 12).toString('latin1'), 10)
    if (!(length > 0)) break
    const [, key, value] = /^\d+ ([^=]+)=([\s\S]*)\n$/.exec(bytes.subarray(at, at + length).toString('utf8')) ?? []
    if (key !== undefined && value !== undefined) records.set(key, value)
    at += length
  }
  const size = records.get('size')
  const path = records.get('path')
  const linkTo = records.get('linkpath')
  return {
    ...(path !== undefined && { path }),
    ...(linkTo !== undefined && { linkTo }),
    ...(size !== undefined && { sizeBytes: Number(size) }),
  }
}

const invalid = (file: string, message: string) => fail('file_invalid', `${file}: ${message}`)
