/** Files session: tells each line of a file once, and keeps how far it came, so that a restart goes on there. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { emptyReading } from '@skerry/connectors/reading'
import { type OpenSession, type Session, type SessionDeps, SourceTrouble, type Tell } from '@skerry/connectors/session'
import type { FilesTag } from '@skerry/contract/sources/protocols/source-files'
import type { FilesSource } from '@skerry/contract/sources/source'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { browseFile } from './browse.ts'
import { csvRecord, fieldsOf, readLine } from './line.ts'
import { openTail, type Tail, type TailLines, type TailMark } from './tail.ts'

/** A file that is moved is away for a moment. */
const GONE_MS = 5_000

/** How often at most it is kept how far the file was read: what is told twice after a crash is what came in so long. */
const KEEP_MS = 500

type Listener = { tags: readonly FilesTag[]; tell: Tell; signal: AbortSignal }
type Following = {
  source: FilesSource
  deps: SessionDeps
  tail: Tail
  listeners: Set<Listener>
  told: TailMark | undefined
}

/** Opens the file. Throws `SourceTrouble`. */
export const openFiles: OpenSession<FilesSource> = async (source, deps, signal): Promise<Session> => {
  const { connection } = source
  const hasHeading = connection.format === 'csv' && connection.columns === undefined
  const mark = connection.resume ? await readMark(deps) : undefined
  const { path, from } = connection
  const tail = await openTail({ path, from, hasHeading, mark }).catch((cause: unknown) => {
    throw new SourceTrouble('source_unreachable', `cannot read ${path} (${reasonOf(cause)})`, { cause })
  })
  if (signal.aborted) await tail[Symbol.asyncDispose]()
  signal.throwIfAborted()
  const it: Following = { source, deps, tail, listeners: new Set(), told: undefined }
  const stop = new AbortController()
  const everyMs = Math.min(...source.groups.map((group) => group.everyMs))
  let following: Promise<never> | undefined
  return {
    read: async (group) => emptyReading(group.tags.length),
    async subscribe({ name }, tell, waiting): Promise<never> {
      const tags = source.groups.find((group) => group.name === name)?.tags ?? []
      it.listeners.add({ tags, tell, signal: waiting })
      // All groups hear of a line before the next is read.
      if (it.listeners.size === source.groups.length) {
        following ??= follow(it, everyMs, AbortSignal.any([waiting, stop.signal]))
        return following
      }
      return silence(waiting)
    },
    write: async () => ({ ok: false, code: 'tag_read_only', message: 'a source of files cannot write' }),
    browse: (place) => browseFile(connection, place),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await following?.catch(() => undefined)
      // What cannot be kept is told again: better twice than never.
      if (it.told && connection.resume) await keepMark(deps, it.told).catch(() => undefined)
      await tail[Symbol.asyncDispose]()
    },
  }
}

function silence(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  if (signal.aborted) reject(signal.reason)
  signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  return promise
}

async function follow(it: Following, everyMs: number, signal: AbortSignal): Promise<never> {
  const { clock } = it.deps
  let kept: { mark: TailMark | undefined; atMs: number } = { mark: undefined, atMs: Number.NEGATIVE_INFINITY }
  let seenMs = clock.monotonicMs()
  for (;;) {
    const next = await lookAgain(it, clock.monotonicMs() - seenMs)
    if (next) seenMs = clock.monotonicMs()
    if (next) {
      await tellLines(it, next, signal)
      it.told = next.mark
    }
    const isNew = next !== undefined && next.mark.offset !== kept.mark?.offset
    if (isNew && it.source.connection.resume && clock.monotonicMs() - kept.atMs >= KEEP_MS) {
      await keepMark(it.deps, next.mark)
      kept = { mark: next.mark, atMs: clock.monotonicMs() }
    }
    signal.throwIfAborted()
    if (!next?.hasMore) await clock.sleep(everyMs, signal)
  }
}

/** Undefined while it is away. */
async function lookAgain({ tail, source }: Following, awayMs: number): Promise<TailLines | undefined> {
  try {
    return await tail.next()
  } catch (cause) {
    if (awayMs < GONE_MS && reasonOf(cause) === 'ENOENT') return undefined
    throw new SourceTrouble('source_lost', `cannot read ${source.connection.path} (${reasonOf(cause)})`, { cause })
  }
}

async function tellLines({ source, deps, listeners }: Following, next: TailLines, signal: AbortSignal): Promise<void> {
  const { connection } = source
  const columns = connection.columns ?? csvRecord(next.heading ?? '', connection.separator) ?? []
  for (const line of next.lines) {
    if (line.trim() === '') continue
    const fields = fieldsOf(line, connection, columns)
    for (const { tags, tell } of listeners) {
      await deps.room(signal)
      const { reading, places } = readLine(fields, { tags, time: connection.time }, deps.clock.nowMs())
      if (places.length > 0) tell(reading, places)
    }
  }
}

const markPath = ({ stateFolder }: SessionDeps) => join(stateFolder, 'file-mark.json')

async function readMark(deps: SessionDeps): Promise<TailMark | undefined> {
  const bytes = await readIfPresent(nodeFileSystem, markPath(deps))
  if (!bytes) return undefined
  try {
    return asMark(JSON.parse(Buffer.from(bytes).toString()))
  } catch {
    // A mark that cannot be read is none: the file is begun as if it were new.
    return undefined
  }
}

function asMark(value: unknown): TailMark | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (!('inode' in value && 'offset' in value && 'head' in value)) return undefined
  const { inode, offset, head } = value
  return typeof inode === 'number' && typeof offset === 'number' && typeof head === 'string'
    ? { inode, offset, head }
    : undefined
}

async function keepMark(deps: SessionDeps, mark: TailMark): Promise<void> {
  try {
    await mkdir(deps.stateFolder, { recursive: true })
    await writeAtomic(nodeFileSystem, markPath(deps), JSON.stringify(mark))
  } catch (cause) {
    throw new SourceTrouble('source_lost', `cannot store the reading position of the file (${reasonOf(cause)})`, {
      cause,
    })
  }
}

const reasonOf = (cause: unknown) =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : String(cause)
