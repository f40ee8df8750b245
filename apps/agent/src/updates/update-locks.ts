/**
 * Update locks: files with which applications on this device say that nothing shall be installed now. The file's name names the lock, its text
 * is the reason; a line `until 2026-11-26T06:00:00Z` ends it by itself. A lock dies with a reboot: a file that was seen before the last one
 * and has not been written since holds nothing.
 */
import { constants } from 'node:fs'
import { open, watch } from 'node:fs/promises'
import { join } from 'node:path'
import type { UpdateLock } from '@skerry/core/device/update-hold'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import { type FileSystem, systemCode } from '@skerry/platform/files/file-system'
import type { Log } from '@skerry/platform/process/log'
import * as z from 'zod'

export type UpdateLocks = AsyncDisposable & {
  /** Those that hold now, by name. */
  read(): Promise<UpdateLock[]>
}

export type UpdateLocksDeps = {
  fileSystem: FileSystem
  /** Where what has been seen is remembered over reboots. */
  data: string
  log: Log
  clock: { nowMs(): number }
  /** Another at each boot of the machine. */
  bootId: string
  /** One may have been taken or released. */
  onChange: () => void
}

/** A device has a handful of applications; what is past this is not read, and the first ones hold anyway. */
const LOCKS_MAX = 64

/** Longer reasons are for a log. */
const LOCK_BYTES_MAX = 1_024

/** A lock that is touched again and again is not worth a write each time. */
const REMEMBER_GAP_MS = 60_000

/** By name: which file it was, and in which boot it was first seen so. */
const Seen = z.record(z.string(), z.strictObject({ stamp: z.string(), bootId: z.string() }))
type Seen = z.infer<typeof Seen>

type LockFile = UpdateLock & { stamp: string }

/** Makes the folder where that is possible, and watches it. */
export async function openUpdateLocks(folder: string, deps: UpdateLocksDeps): Promise<UpdateLocks> {
  const { fileSystem, clock, log, bootId } = deps
  await fileSystem.makeFolder(folder).catch((error: unknown) => log.warn('locks_folder_missing', { folder, error }))
  const path = join(deps.data, 'locks-seen.json')
  let seen = await readSeen(fileSystem, path)
  let rememberedAtMs = Number.NEGATIVE_INFINITY
  const stop = new AbortController()
  const watching = watchFolder(folder, deps.onChange, stop.signal)
  return {
    async read() {
      const files = await readFolder(fileSystem, folder)
      const isOld = ({ name, stamp }: LockFile) => seen[name]?.stamp === stamp && seen[name].bootId !== bootId
      const next: Seen = Object.fromEntries(
        files.map((file) => [
          file.name,
          { stamp: file.stamp, bootId: isOld(file) ? (seen[file.name]?.bootId ?? bootId) : bootId },
        ]),
      )
      const isNew = files.some(({ name }) => seen[name] === undefined)
      const isDue = clock.nowMs() - rememberedAtMs > REMEMBER_GAP_MS
      if (JSON.stringify(next) !== JSON.stringify(seen) && (isNew || isDue)) {
        // What could not be remembered holds after a reboot, too, until it is released: the safe side.
        const problem = await remember(deps, path, next)
        if (problem === undefined) rememberedAtMs = clock.nowMs()
        if (problem === undefined) seen = next
      }
      return files
        .filter((file) => !isOld(file) && (file.untilMs ?? Number.POSITIVE_INFINITY) > clock.nowMs())
        .map(({ stamp: _, ...lock }) => lock)
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await watching
    },
  }
}

/** [kernel, random/boot_id] The machine's, also inside a container. */
export const readBootId = async (fileSystem: Pick<FileSystem, 'readFile'>): Promise<string> =>
  Buffer.from((await fileSystem.readFile('/proc/sys/kernel/random/boot_id')) ?? '')
    .toString()
    .trim()

/** The lock that a file's text says. */
export function parseLock(name: string, text: string): UpdateLock {
  const lines = text.split('\n').map((line) => line.trim())
  const until = lines.map((line) => /^until\s+(\S+)$/i.exec(line)?.[1]).find((at) => at !== undefined)
  const untilMs = until === undefined ? Number.NaN : Date.parse(until)
  const reason = lines.filter((line) => line !== '' && !/^until\s+\S+$/i.test(line)).join(' ')
  // An end that cannot be read is none: rather held too long than let go too early.
  return { name, reason: reason.slice(0, 200), ...(Number.isNaN(untilMs) ? {} : { untilMs }) }
}

async function readSeen(fileSystem: FileSystem, path: string): Promise<Seen> {
  try {
    return Seen.parse(JSON.parse(Buffer.from((await fileSystem.readFile(path)) ?? '{}').toString()))
  } catch {
    return {}
  }
}

async function remember({ fileSystem, log }: UpdateLocksDeps, path: string, seen: Seen): Promise<unknown> {
  try {
    await writeAtomic(fileSystem, path, JSON.stringify(seen))
    return undefined
  } catch (error) {
    log.warn('locks_not_remembered', { error })
    return error
  }
}

/** A folder that is there and cannot be read may hold a lock. */
async function readFolder(fileSystem: FileSystem, folder: string): Promise<LockFile[]> {
  try {
    const names = (await fileSystem.list(folder)).filter((name) => !name.startsWith('.')).slice(0, LOCKS_MAX)
    const files = await Promise.all(names.map((name) => readLockFile(join(folder, name), name)))
    return files.flatMap((file) => file ?? [])
  } catch (error) {
    return [{ name: folder, reason: `the folder cannot be read (${systemCode(error)})`, stamp: 'unreadable' }]
  }
}

/** Undefined where it has just gone, or is no file. Never waits for a pipe, and follows no link. */
async function readLockFile(path: string, name: string): Promise<LockFile | undefined> {
  const shown = name.slice(0, 64)
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    const stat = await file.stat()
    if (!stat.isFile()) return undefined
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LOCK_BYTES_MAX), 0, LOCK_BYTES_MAX, 0)
    return { ...parseLock(shown, buffer.toString('utf8', 0, bytesRead)), stamp: `${stat.ino} ${stat.mtimeMs}` }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    return { name: shown, reason: `it cannot be read (${systemCode(error)})`, stamp: 'unreadable' }
  }
}

/** Where the file system tells nothing of changes, the next pass of the reconciler sees them. */
async function watchFolder(folder: string, onChange: () => void, signal: AbortSignal): Promise<void> {
  try {
    for await (const _ of watch(folder, { signal, persistent: false })) onChange()
  } catch {
    // Aborted, or not watchable.
  }
}
