/**
 * Sealed file: a file handle that takes and gives plain bytes while the disk has sealed ones. Reading is from anywhere; writing only goes on at the end,
 * as blobs arrive. The last chunk stays in memory until it is whole, or until the file is synced or closed.
 *
 * Invariants: a write that fails leaves the handle as it was, and the bytes that it held; a chunk that a cut left half written ends the file when it
 * is opened again, and what came before it counts.
 */
import type { Digest } from '@skerry/contract/values/digest'
import type { FileHandle } from '../files/file-system.ts'
import {
  CHUNK_BYTES,
  chunkAt,
  type FileSeal,
  fileSealOf,
  HEADER_BYTES,
  keyIdOf,
  newFileSeal,
  openChunk,
  plainSizeOf,
  SealBroken,
  type SealKey,
  sealChunk,
  sealedChunkSizeOf,
  sealedSizeOf,
  totalBytesOf,
} from './sealed-format.ts'

/** Opens a whole file for reading. Throws SealBroken where a byte is missing or too many, or no key fits. */
export async function openSealedFile(file: FileHandle, keys: readonly SealKey[], digest: Digest): Promise<FileHandle> {
  const seal = fileSealOf(keys, await readHeader(file), digest)
  const totalBytes = totalBytesOf(seal)
  if ((await file.sizeBytes()) !== sealedSizeOf(totalBytes)) throw new SealBroken('the file has the wrong size')
  return new SealedFile(file, seal, totalBytes)
}

/** Opens a file that is still arriving: goes on with what is there, or begins anew where that is for something else. */
export async function resumeSealedFile(
  file: FileHandle,
  keys: readonly [SealKey, ...SealKey[]],
  { digest, totalBytes }: { digest: Digest; totalBytes: number },
): Promise<FileHandle> {
  const header = await readHeader(file)
  if (keys.some(({ id }) => id === keyIdOf(header))) {
    const seal = fileSealOf(keys, header, digest)
    if (totalBytesOf(seal) === totalBytes) return goOn(file, seal)
  }
  const begun = new SealedFile(file, newFileSeal(keys[0], digest, totalBytes), 0)
  await begun.truncate(0)
  return begun
}

async function goOn(file: FileHandle, seal: FileSeal): Promise<SealedFile> {
  const limit = Math.min(totalBytesOf(seal), plainSizeOf(await file.sizeBytes()))
  const reader = new SealedFile(file, seal, limit)
  const sizeBytes = await reader.wholeBytes()
  const lastBytes = sizeBytes % CHUNK_BYTES
  const tail = Buffer.alloc(lastBytes)
  await reader.read(tail, sizeBytes - lastBytes)
  return new SealedFile(file, seal, sizeBytes, tail)
}

async function readHeader(file: FileHandle): Promise<Uint8Array> {
  const header = new Uint8Array(HEADER_BYTES)
  return header.subarray(0, await file.read(header, 0))
}

class SealedFile implements FileHandle {
  readonly #file: FileHandle
  readonly #seal: FileSeal
  #sizeBytes: number
  /** The plain bytes of the last chunk, as long as it is not whole. */
  #tail: Buffer
  /** The disk does not have the tail. */
  #isTailDue = false
  /** The disk does not have the header: a file that nothing was written to is empty. */
  #isHeaderDue = false
  /** The chunk that was read last: whoever reads in order needs each once. */
  #read: { index: number; plain: Buffer } | undefined

  constructor(file: FileHandle, seal: FileSeal, sizeBytes: number, tail: Buffer = Buffer.alloc(0)) {
    this.#file = file
    this.#seal = seal
    this.#sizeBytes = sizeBytes
    this.#tail = tail
  }

  async read(buffer: Uint8Array, position: number): Promise<number> {
    const until = Math.min(this.#sizeBytes, position + buffer.length)
    for (let at = position; at < until; ) {
      const plain = await this.#chunk(Math.floor(at / CHUNK_BYTES))
      const from = at % CHUNK_BYTES
      const piece = plain.subarray(from, from + until - at)
      if (piece.length === 0) throw new SealBroken('a chunk is shorter than it should be')
      buffer.set(piece, at - position)
      at += piece.length
    }
    return Math.max(0, until - position)
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    if (position !== this.#sizeBytes) throw new Error(`a sealed file goes on at ${this.#sizeBytes}, not at ${position}`)
    if (position + bytes.length > totalBytesOf(this.#seal)) throw new Error('a sealed file got more bytes than it has')
    let rest = Buffer.concat([this.#tail, bytes])
    // Should a write fail on its way, the disk may have lost what it had of this chunk.
    this.#isTailDue = this.#tail.length > 0
    for (let index = this.#tailIndex; rest.length >= CHUNK_BYTES; index++) {
      await this.#writeChunk(index, rest.subarray(0, CHUNK_BYTES))
      rest = rest.subarray(CHUNK_BYTES)
    }
    this.#tail = Buffer.from(rest)
    this.#isTailDue = rest.length > 0
    this.#sizeBytes += bytes.length
  }

  /** To nothing, as a new file; or to its size, which takes away what failed writes left behind it. */
  async truncate(sizeBytes: number): Promise<void> {
    if (sizeBytes === 0) return this.#begin()
    if (sizeBytes !== this.#sizeBytes) throw new Error('a sealed file can only be cut to nothing')
    if (this.#isHeaderDue) return this.#file.truncate(0)
    const hasTail = this.#tail.length > 0 && !this.#isTailDue
    await this.#file.truncate(chunkAt(this.#tailIndex) + (hasTail ? sealedChunkSizeOf(this.#tail.length) : 0))
  }

  async sync(): Promise<void> {
    await this.#writeHeader()
    await this.#flush()
    await this.#file.sync()
  }

  async sizeBytes(): Promise<number> {
    return this.#sizeBytes
  }

  async close(): Promise<void> {
    // What cannot be kept of a part is fetched again.
    await this.#flush().catch(() => undefined)
    await this.#file.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** How many bytes from the beginning on are as they were sealed. */
  async wholeBytes(): Promise<number> {
    for (let at = 0; at < this.#sizeBytes; ) {
      const length = await this.#chunk(at / CHUNK_BYTES).then(
        (plain) => plain.length,
        (error: unknown) => {
          if (error instanceof SealBroken) return 0
          throw error
        },
      )
      at += length
      if (length < CHUNK_BYTES) return at
    }
    return this.#sizeBytes
  }

  get #tailIndex(): number {
    return (this.#sizeBytes - this.#tail.length) / CHUNK_BYTES
  }

  async #chunk(index: number): Promise<Buffer> {
    if (this.#read?.index === index) return this.#read.plain
    if (index === this.#tailIndex && this.#tail.length > 0) return this.#tail
    const length = Math.min(CHUNK_BYTES, this.#sizeBytes - index * CHUNK_BYTES)
    const sealed = Buffer.allocUnsafe(sealedChunkSizeOf(length))
    const found = await this.#file.read(sealed, chunkAt(index))
    const plain = openChunk(this.#seal, index, sealed.subarray(0, found))
    this.#read = { index, plain }
    return plain
  }

  async #flush(): Promise<void> {
    if (!this.#isTailDue) return
    await this.#writeChunk(this.#tailIndex, this.#tail)
    this.#isTailDue = false
  }

  async #writeChunk(index: number, plain: Uint8Array): Promise<void> {
    this.#read = undefined
    await this.#writeHeader()
    await this.#file.write(sealChunk(this.#seal, index, plain), chunkAt(index))
  }

  async #writeHeader(): Promise<void> {
    if (!this.#isHeaderDue) return
    await this.#file.write(this.#seal.header, 0)
    this.#isHeaderDue = false
  }

  async #begin(): Promise<void> {
    await this.#file.truncate(0)
    this.#isHeaderDue = true
    this.#sizeBytes = 0
    this.#tail = Buffer.alloc(0)
    this.#isTailDue = false
    this.#read = undefined
  }
}
