/**
 * Layer files: some files of the layers of an image, in memory. A layer is read once, as a stream, and nothing is
 * unpacked. A later layer replaces and removes files of the earlier ones. [OCI image specification 1.1, layer]
 */
import { Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import type { ArchivedBlob } from './image-archive.ts'
import { BLOCK_BYTES, isExtension, readExtension, readHeader } from './tar-index.ts'

/** The record of the packages of a whole distribution has some 10 MiB. */
const FILE_BYTES_MAX = 32 * 1024 ** 2

/** An application has some thousand packages of npm. */
const FILES_MAX = 50_000

/** The wanted files of the image by their paths. A file that is too large is left out. */
export async function readLayerFiles(
  layers: readonly ArchivedBlob[],
  isWanted: (path: string) => boolean,
): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  for (const layer of layers) {
    const added = new Map<string, string>()
    for await (const { path, text } of filesOf(layer, isWanted)) {
      if (text === undefined) removeHidden(files, path)
      else if (added.size < FILES_MAX) added.set(path, text)
    }
    for (const [path, text] of added) files.set(path, text)
  }
  return files
}

const HIDDEN = '.wh.'
const HIDDEN_ALL = '.wh..wh..opq'

/** `a/.wh.b` removes `a/b` with all below it, and `a/.wh..wh..opq` all below `a`. */
function removeHidden(files: Map<string, string>, mark: string): void {
  const at = mark.lastIndexOf('/') + 1
  const folder = mark.slice(0, at)
  const name = mark.slice(at)
  const target = name === HIDDEN_ALL ? folder : `${folder}${name.slice(HIDDEN.length)}`
  const isBelow = (path: string) => path === target || path.startsWith(target.endsWith('/') ? target : `${target}/`)
  for (const path of files.keys()) if (isBelow(path)) files.delete(path)
}

type LayerFile = { path: string; text: string | undefined }

async function* filesOf(layer: ArchivedBlob, isWanted: (path: string) => boolean): AsyncGenerator<LayerFile> {
  const reader = readerOf(await decompressed(layer))
  let extended: ReturnType<typeof readExtension> = {}
  for (;;) {
    const block = await reader.take(BLOCK_BYTES)
    if (block.length < BLOCK_BYTES || block.every((byte) => byte === 0)) return
    const header = readHeader(block, layer.place)
    const sizeBytes = extended.sizeBytes ?? header.sizeBytes
    const padding = (BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES
    if (isExtension(header.type)) {
      extended = { ...extended, ...readExtension(header.type, await reader.take(sizeBytes)) }
      await reader.skip(padding)
      continue
    }
    const path = (extended.path ?? header.path).replace(/^(\.?\/)+/, '')
    extended = {}
    const isMark = path.split('/').at(-1)?.startsWith(HIDDEN) === true
    if (isMark) yield { path, text: undefined }
    const isKept = !isMark && header.type === '0' && sizeBytes <= FILE_BYTES_MAX && isWanted(path)
    if (isKept) yield { path, text: (await reader.take(sizeBytes)).toString('utf8') }
    await reader.skip(padding + (isKept ? 0 : sizeBytes))
  }
}

/** By the first bytes: archives often state no type. */
async function decompressed(layer: ArchivedBlob): Promise<AsyncIterable<Uint8Array>> {
  const first = await readerOf(layer.read(0)).take(4)
  const stream = () => Readable.from(layer.read(0), { objectMode: false })
  if (first[0] === 0x1f && first[1] === 0x8b) return stream().compose(createGunzip())
  if (first.readUInt32LE(0) === 0xfd2fb528) return stream().compose(createZstdDecompress())
  return layer.read(0)
}

/** Reads bytes in pieces of any length. At the end of the bytes, a piece is shorter. */
function readerOf(bytes: AsyncIterable<Uint8Array>) {
  const chunks = bytes[Symbol.asyncIterator]()
  let rest: Uint8Array = Buffer.alloc(0)
  const next = async () => {
    const { done, value } = await chunks.next()
    rest = done ? Buffer.alloc(0) : value
    return !done
  }
  return {
    async take(length: number): Promise<Buffer> {
      const parts: Uint8Array[] = []
      let left = length
      while (left > 0 && (rest.length > 0 || (await next()))) {
        parts.push(rest.subarray(0, left))
        left -= Math.min(left, rest.length)
        rest = rest.subarray(parts.at(-1)?.length ?? 0)
      }
      return Buffer.concat(parts)
    },
    async skip(length: number): Promise<void> {
      let left = length
      while (left > 0 && (rest.length > 0 || (await next()))) {
        const step = Math.min(left, rest.length)
        left -= step
        rest = rest.subarray(step)
      }
    },
  }
}
