/**
 * File system: the narrow door through which every durable write goes, so that tests can fail the n-th write or stop at
 * any byte. Calls throw Node's own errors (`code` ENOSPC, EACCES...), except if a missing file is an ordinary answer.
 */
import { execFile } from 'node:child_process'
import { createReadStream } from 'node:fs'
import * as fs from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'

export type FileFlags = 'r' | 'r+' | 'w' | 'wx' | 'wx+'

export type FileHandle = AsyncDisposable & {
  /** Fills the buffer from `position` as far as the file goes; gives the number of bytes read. */
  read(buffer: Uint8Array, position: number): Promise<number>
  /** Writes all of the bytes at `position`. */
  write(bytes: Uint8Array, position: number): Promise<void>
  truncate(sizeBytes: number): Promise<void>
  /** Returns when the file's bytes and size are on the disk (fsync). */
  sync(): Promise<void>
  sizeBytes(): Promise<number>
  close(): Promise<void>
}

export type FileStat = { sizeBytes: number; isFile: boolean; modifiedAtMs: number }

/** First and last byte, both included, as in Node and in HTTP's Range. */
export type ByteRange = { start?: number; end?: number }

export type FileSystem = {
  open(path: string, flags: FileFlags, mode?: number): Promise<FileHandle>
  /** Undefined when there is no such file. */
  readFile(path: string): Promise<Uint8Array | undefined>
  createReadStream(path: string, range?: ByteRange): Readable
  /** Undefined when there is nothing. */
  stat(path: string): Promise<FileStat | undefined>
  /** Names in a folder, sorted; none when there is no such folder. */
  list(path: string): Promise<string[]>
  /** Makes the folder and those above it; an existing one is fine. */
  makeFolder(path: string): Promise<void>
  /** Atomic within one file system; replaces an existing file. */
  rename(from: string, to: string): Promise<void>
  /** Removes a file; a missing one is fine. */
  removeFile(path: string): Promise<void>
  /** Removes a file, or a folder with all that is in it; a missing one is fine. Links are removed, not followed. */
  removeTree(path: string): Promise<void>
  /** Makes renames, creations and removals in this folder durable (fsync of the folder). */
  syncFolder(path: string): Promise<void>
  /**
   * Makes all changes of the file system that holds the path durable. One call for a folder with ten thousand new files:
   * a call for each of them takes minutes on a slow card.
   */
  syncAll(path: string): Promise<void>
  /** Bytes that this process may still use on the file system that holds the path. */
  freeBytes(path: string): Promise<number>
}

/**
 * Node's 64 KiB make four times as many trips to the thread pool; more than this gains nothing and is held for each
 * reader.
 */
const READ_BYTES = 256 * 1024

/** Most files are private; a caller that means others passes a mode. */
const OWNER_ONLY = 0o600

export const nodeFileSystem: FileSystem = {
  async open(path, flags, mode = OWNER_ONLY) {
    const handle = await fs.open(path, flags, mode)
    // The umask may have taken away a right that the caller gives to a group on purpose.
    if (flags !== 'r' && flags !== 'r+' && mode !== OWNER_ONLY) await handle.chmod(mode)
    return wrapHandle(handle)
  },
  readFile: (path) => unlessMissing(fs.readFile(path)),
  createReadStream: (path, range = {}) => createReadStream(path, { ...range, highWaterMark: READ_BYTES }),
  async stat(path) {
    const stat = await unlessMissing(fs.stat(path))
    return stat && { sizeBytes: stat.size, isFile: stat.isFile(), modifiedAtMs: stat.mtimeMs }
  },
  list: async (path) => ((await unlessMissing(fs.readdir(path))) ?? []).sort(),
  async makeFolder(path) {
    await fs.mkdir(path, { recursive: true })
  },
  rename: (from, to) => fs.rename(from, to),
  async removeFile(path) {
    await unlessMissing(fs.unlink(path))
  },
  removeTree: (path) => fs.rm(path, { recursive: true, force: true }),
  async syncFolder(path) {
    await using folder = await fs.open(path, 'r')
    await folder.sync()
  },
  async syncAll(path) {
    try {
      // [sync(1)] Node has no call for syncfs. The messages of the program depend on the language.
      await promisify(execFile)('sync', ['-f', path], { env: { PATH: process.env.PATH, LC_ALL: 'C' } })
    } catch (cause) {
      const code = syncCode(cause)
      throw code === undefined ? cause : Object.assign(new Error(`syncing the disk of ${path}`, { cause }), { code })
    }
  },
  async freeBytes(path) {
    const { bavail, bsize } = await fs.statfs(path)
    return bavail * bsize
  },
}

/** [errno(3)] The program names the error in words. A disk may notice only here that it has no room for written bytes. */
const SYNC_CODES = { 'No space left on device': 'ENOSPC', 'Disk quota exceeded': 'EDQUOT' } as const

function syncCode(error: unknown): string | undefined {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : ''
  return Object.entries(SYNC_CODES).find(([words]) => text.includes(words))?.[1]
}

function wrapHandle(handle: fs.FileHandle): FileHandle {
  return {
    async read(buffer, position) {
      let filled = 0
      while (filled < buffer.length) {
        const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, position + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return filled
    },
    async write(bytes, position) {
      let written = 0
      while (written < bytes.length) {
        const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, position + written)
        written += bytesWritten
      }
    },
    truncate: (sizeBytes) => handle.truncate(sizeBytes),
    sync: () => handle.sync(),
    sizeBytes: async () => (await handle.stat()).size,
    close: () => handle.close(),
    [Symbol.asyncDispose]: () => handle.close(),
  }
}

/** All bytes of an open file, in order. Each piece is overwritten by the next. */
export async function* chunksOf(file: Pick<FileHandle, 'read'>): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(READ_BYTES)
  for (let at = 0; ; ) {
    const length = await file.read(buffer, at)
    if (length === 0) return
    yield buffer.subarray(0, length)
    at += length
  }
}

/** A piece that is written out, the piece after it, and a piece that is being read. */
const PIECES_IN_USE = 3

/**
 * The bytes of an open file from `start` to `end`, both included, in order. The next piece is read ahead, and each piece
 * is overwritten by the third after it.
 */
export async function* piecesOf(
  file: Pick<FileHandle, 'read'>,
  { start, end }: Required<ByteRange>,
): AsyncGenerator<Uint8Array> {
  const ring: Buffer[] = []
  const size = Math.min(READ_BYTES, end + 1 - start)
  const read = async (at: number, turn: number) => {
    const left = Math.min(size, end + 1 - at)
    if (left <= 0) return undefined
    ring[turn % PIECES_IN_USE] ??= Buffer.allocUnsafeSlow(size)
    const buffer = ring[turn % PIECES_IN_USE]?.subarray(0, left)
    return buffer?.subarray(0, await file.read(buffer, at))
  }
  const begin = (at: number, turn: number) => {
    const reading = read(at, turn)
    // The failure is thrown when its piece is due.
    reading.catch(() => undefined)
    return reading
  }
  let reading = begin(start, 0)
  try {
    for (let [at, turn] = [start, 1]; ; turn++) {
      const piece = await reading
      if (!piece || piece.length === 0) return
      at += piece.length
      reading = begin(at, turn)
      yield piece
    }
  } finally {
    // The caller may close the file only when nothing reads it.
    await reading.catch(() => undefined)
  }
}

/** The code of a Node system error, such as `ENOENT`; undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Whether the disk, or the quota of this user, has no room. */
export const hasNoRoom = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '')

async function unlessMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}
