/**
 * Tail: the lines of a file that somebody else writes, as they are finished. It bears a file that is moved away and begun anew, and one that is cut to
 * nothing; a last line without its end waits for it.
 */
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** How far it was read: `head` are the first bytes, by which another file at the same place is known. */
export type TailMark = { inode: number; offset: number; head: string }

export type TailLines = {
  lines: string[]
  /** The first line of their file, where it names columns. */
  heading: string | undefined
  /** To go on behind them. */
  mark: TailMark
  /** More may be there already. */
  hasMore: boolean
}

export type Tail = AsyncDisposable & {
  /** What has come since. Throws where there is no file any more. */
  next(): Promise<TailLines>
}

export type TailOptions = { path: string; from: 'start' | 'end'; hasHeading: boolean; mark: TailMark | undefined }

const CHUNK_BYTES = 65_536

/** A longer line is no reading; one that never ends would fill the memory. */
const LINE_BYTES_MAX = 1_048_576

const HEAD_BYTES = 256
const NEWLINE = 10

/** `partial`: bytes of a line that is not finished, which `offset` counts and the mark does not. */
type Opened = {
  handle: FileHandle
  inode: number
  offset: number
  partial: Uint8Array
  heading: string | undefined
  head: string
}

/** Opens the file, or what it was moved to since it was read last. */
export async function openTail(options: TailOptions): Promise<Tail> {
  let file = await openFirst(options)
  return {
    async next() {
      if (options.hasHeading && !(await readHeading(file))) return resultOf(file, [], await replaced())
      const bytes = await readChunk(file)
      if (bytes.length > 0) return resultOf(file, linesOf(file, bytes), true)
      if ((await file.handle.stat()).size < file.offset) {
        restart(file)
        return resultOf(file, [], true)
      }
      if (!(await isReplaced(file, options.path))) return resultOf(file, [], false)
      // Nobody finishes its last line any more, so it is one.
      const lines = file.partial.length > 0 ? [Buffer.from(file.partial).toString()] : []
      const { heading } = file
      await replaced()
      return { ...resultOf(file, lines, true), heading }
    },
    [Symbol.asyncDispose]: () => file.handle.close(),
  }

  async function replaced(): Promise<boolean> {
    if (!(await isReplaced(file, options.path))) return false
    const next = await openAt(options.path)
    await file.handle.close()
    file = next
    return true
  }
}

const resultOf = (file: Opened, lines: string[], hasMore: boolean): TailLines => ({
  lines,
  heading: file.heading,
  hasMore,
  mark: { inode: file.inode, offset: file.offset - file.partial.length, head: file.head },
})

async function openAt(path: string): Promise<Opened> {
  const handle = await open(path, 'r')
  const { ino: inode } = await handle.stat()
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
  const head = buffer.subarray(0, bytesRead).toString('base64')
  return { handle, inode, offset: 0, partial: new Uint8Array(), heading: undefined, head }
}

async function openFirst({ path, from, mark }: TailOptions): Promise<Opened> {
  const moved = mark && (await findMarked(path, mark))
  if (moved) return moved
  const file = await openAt(path)
  // A file that was followed and is gone was moved somewhere else: this one is new to its first line.
  if (from === 'end' && !mark) await toEnd(file)
  return file
}

/** The file of the mark, wherever beside its place it was moved to. */
async function findMarked(path: string, mark: TailMark): Promise<Opened | undefined> {
  const folder = dirname(path)
  for (const candidate of [path, ...(await readdir(folder)).map((name) => join(folder, name))]) {
    const found = await stat(candidate).catch(() => undefined)
    if (!found?.isFile() || found.ino !== mark.inode || found.size < mark.offset) continue
    const file = await openAt(candidate)
    if (isSameHead(file.head, mark.head)) return Object.assign(file, { offset: mark.offset })
    await file.handle.close()
  }
  return undefined
}

/** A file that was short has grown since; what it began with stays. */
function isSameHead(now: string, before: string): boolean {
  const bytes = Buffer.from(before, 'base64')
  return Buffer.from(now, 'base64').subarray(0, bytes.length).equals(bytes)
}

/** Behind the last line that is finished. */
async function toEnd(file: Opened): Promise<void> {
  const { size } = await file.handle.stat()
  const from = Math.max(0, size - LINE_BYTES_MAX)
  const { buffer, bytesRead } = await file.handle.read(Buffer.alloc(size - from), 0, size - from, from)
  file.offset = from + buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1
}

/** Whether the first line is known. It is never among the lines. */
async function readHeading(file: Opened): Promise<boolean> {
  if (file.heading !== undefined) return true
  const { buffer, bytesRead } = await file.handle.read(Buffer.alloc(LINE_BYTES_MAX), 0, LINE_BYTES_MAX, 0)
  const end = buffer.subarray(0, bytesRead).indexOf(NEWLINE)
  if (end === -1) return false
  file.heading = textOf(buffer.subarray(0, end)).replace(/^\ufeff/, '')
  file.offset = Math.max(file.offset, end + 1)
  return true
}

async function readChunk(file: Opened): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.handle.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, file.offset)
  if (file.offset === 0 && bytesRead > 0)
    file.head = buffer.subarray(0, Math.min(bytesRead, HEAD_BYTES)).toString('base64')
  file.offset += bytesRead
  return buffer.subarray(0, bytesRead)
}

function linesOf(file: Opened, bytes: Uint8Array): string[] {
  const all = Buffer.concat([file.partial, bytes])
  const end = all.lastIndexOf(NEWLINE) + 1
  const rest = all.subarray(end)
  file.partial = rest.length > LINE_BYTES_MAX ? new Uint8Array() : Uint8Array.from(rest)
  return end === 0
    ? []
    : textOf(all.subarray(0, end - 1))
        .split('\n')
        .map((line) => line.replace(/\r$/, ''))
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString().replace(/\r$/, '')

/** The same file, cut to nothing: all of it is new. */
function restart(file: Opened): void {
  Object.assign(file, { offset: 0, partial: new Uint8Array(), heading: undefined, head: '' })
}

/** Whether another file stands at the place. Throws where none does. */
async function isReplaced(file: Opened, path: string): Promise<boolean> {
  return (await stat(path)).ino !== file.inode
}
