/**
 * Unpack layer: the files of a layer of an artefact, which is a tar archive, perhaps compressed. A stranger made it, so
 * it has limits, its paths are plain, and it has no links.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { FILE_SIZE_MAX, FilePath } from '@skerry/contract/models/model'
import { refuseHostileFile } from '@skerry/platform/imports/hostile'
import { importProblem } from '@skerry/platform/imports/import-problem'
import { readTarIndex } from '../../apps/archives/tar-index.ts'

/** Weights are nearly random, so that they shrink by a half at best. Zeros shrink a thousand times. */
const RATIO_MAX = 100

/** A small archive may hold a file of text that shrinks well. */
const UNPACKED_BYTES_FREE = 1024 * 1024

/** Unpacks the archive below the folder, and gives the paths of its files there. */
export async function unpackLayer(archive: string, folder: string, signal: AbortSignal): Promise<string[]> {
  const tar = `${archive}.tar`
  try {
    const plain = (await decompressed(archive, tar, signal)) ? tar : archive
    const paths: string[] = []
    for (const { path, offset, sizeBytes, linkTo } of (await readTarIndex(plain)).values()) {
      if (linkTo !== undefined || !FilePath.safeParse(path).success) throw unsafePath(path)
      const target = join(folder, path)
      await mkdir(dirname(target), { recursive: true })
      // An empty range would be read to the end of the archive.
      if (sizeBytes === 0) await (await open(target, 'w')).close()
      else
        await pipeline(
          createReadStream(plain, { start: offset, end: offset + sizeBytes - 1 }),
          createWriteStream(target),
          { signal },
        )
      await refuseHostileFile(target)
      paths.push(path)
    }
    return paths
  } finally {
    await rm(tar, { force: true })
  }
}

const unsafePath = (path: string) =>
  importProblem('import_refused', `the archive has a link, or a file with the path ${JSON.stringify(path)}`, {
    next: 'do not use this artefact: a path must be plain, and stay in its folder',
  })

/** By the first bytes, because the type of a layer is only a claim. False if it is not compressed. */
async function decompressed(archive: string, tar: string, signal: AbortSignal): Promise<boolean> {
  const unzip = await unzipOf(archive)
  if (!unzip) return false
  const { size } = await stat(archive)
  const limit = Math.min(FILE_SIZE_MAX, size * RATIO_MAX + UNPACKED_BYTES_FREE)
  const bounded = async function* (chunks: AsyncIterable<Buffer>) {
    let done = 0
    for await (const chunk of chunks) {
      done += chunk.length
      if (done > limit)
        throw importProblem('import_refused', `the archive unfolds to more than ${limit} bytes`, {
          next: 'do not use this artefact, or unpack it where it may do no harm',
        })
      yield chunk
    }
  }
  await pipeline(createReadStream(archive), unzip, bounded, createWriteStream(tar), { signal })
  return true
}

async function unzipOf(archive: string): Promise<Transform | undefined> {
  await using file = await open(archive)
  const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0)
  if (buffer[0] === 0x1f && buffer[1] === 0x8b) return createGunzip()
  return buffer.readUInt32LE(0) === 0xfd2fb528 ? createZstdDecompress() : undefined
}
