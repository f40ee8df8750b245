/** SWU file: reads an image of an operating system from its file, without unpacking it. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { SwuImage } from '@skerry/contract/os/os-image'
import {
  DESCRIPTION_BYTES_MAX,
  isSwuEnd,
  readSwu,
  readSwuHead,
  SWU_HEAD_BYTES,
  type SwuEntry,
} from '@skerry/core/os/swu'

export type SwuReading = { ok: true; image: SwuImage } | { ok: false; message: string }

/** More entries than any image has. Each one costs two reads. */
const ENTRIES_MAX = 300

/** Reads the file once for the hashes of the protocol, and only the heads and the description otherwise. */
export async function readSwuFile(path: string, signal: AbortSignal): Promise<SwuReading> {
  await using file = await open(path)
  const index = await readIndex(file)
  if (!index.ok) return index
  const verdict = readSwu(index.entries, index.description)
  if (!verdict.ok) return verdict
  return { ok: true, image: { format: 'swupdate', ...verdict.image, ...(await hashesOf(path, signal)) } }
}

type Index = { ok: true; entries: SwuEntry[]; description: string } | { ok: false; message: string }

async function readIndex(file: FileHandle): Promise<Index> {
  const entries: SwuEntry[] = []
  let description = ''
  for (let at = 0; entries.length < ENTRIES_MAX; ) {
    const head = readSwuHead(await textAt(file, at, SWU_HEAD_BYTES), at)
    if (!head) return { ok: false, message: `there is no entry of a cpio archive (format crc) at byte ${at}` }
    const name = (await textAt(file, at + SWU_HEAD_BYTES, head.nameBytes)).replace(/\0[\s\S]*$/, '')
    if (isSwuEnd({ name })) return { ok: true, entries, description }
    if (entries.length === 0) {
      if (head.sizeBytes > DESCRIPTION_BYTES_MAX) return { ok: false, message: `${name} is over 1 MiB` }
      description = await textAt(file, head.contentAt, head.sizeBytes)
    }
    entries.push({ name, sizeBytes: head.sizeBytes })
    at = head.nextAt
  }
  return { ok: false, message: `it has over ${ENTRIES_MAX} entries` }
}

async function textAt(file: FileHandle, position: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead).toString('utf8')
}

async function hashesOf(path: string, signal: AbortSignal): Promise<Pick<SwuImage, 'sha1' | 'md5'>> {
  const sha1 = createHash('sha1')
  const md5 = createHash('md5')
  for await (const chunk of createReadStream(path, { signal })) {
    sha1.update(chunk as Buffer)
    md5.update(chunk as Buffer)
  }
  return { sha1: sha1.digest('hex'), md5: md5.digest('hex') }
}
