/**
 * Forgetful disk: a real folder whose power can be cut. Then everything is lost that the program has not made durable: bytes
 * without `sync` of their file, and new, renamed and removed names without `syncFolder` of their folder. `syncAll` makes
 * all of it durable. A real disk may keep some of it, so `keeps` decides for each file and name.
 *
 *     const disk = forgetfulDisk(nodeFileSystem, { cutAt: 7, keeps: () => false })
 *     ... do the work with disk.fileSystem until it throws
 *     await disk.cutPower()
 *     ... start again with the plain file system: the folder has the old state or the new one
 */
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

export type DiskPlan = {
  /** The power is cut before this change; the first is 1. */
  cutAt: number
  /** Whether the power is already gone, because something else than a change of the disk has cut it. */
  isOff?(): boolean
  /** Whether the disk keeps one thing that was not made durable. */
  keeps(): boolean
}

export type ForgetfulDisk<T> = {
  fileSystem: T
  /** Whether the change at which the power is cut was reached. */
  isCut(): boolean
  /** Takes back all that the disk did not keep. */
  cutPower(): void
}

/** `path`: the file with its bytes before. Undefined if there was none. */
type Undo = { folder: string; take(): void }

type Call = (...args: readonly unknown[]) => unknown

const bytesOf = (path: string): Buffer | undefined => {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}

const restore = (path: string, bytes: Buffer | undefined) =>
  bytes === undefined ? rmSync(path, { force: true, recursive: true }) : writeFileSync(path, bytes)

/** Wraps anything with the methods of platform's `FileSystem`. Folders stay, because only their content matters. */
export function forgetfulDisk<T extends object>(
  real: T,
  { cutAt, isOff = () => false, keeps }: DiskPlan,
): ForgetfulDisk<T> {
  let changes = 0
  /** The durable bytes of files that were written since their last sync. */
  const unsynced = new Map<string, Buffer>()
  const names: Undo[] = []

  const isCut = () => changes >= cutAt || isOff()
  const count = (name: string) => {
    changes += 1
    if (isCut()) throw Object.assign(new Error(`the power is cut at ${name}`), { code: 'EIO' })
  }

  const noteName = (path: string) => {
    const before = bytesOf(path)
    names.push({ folder: dirname(path), take: () => restore(path, before) })
  }

  const openFile = async (call: Call, args: readonly unknown[]) => {
    const [path, flags] = args as [string, string]
    if (flags === 'r') return call(...args)
    count('open')
    const before = bytesOf(path)
    if (before === undefined) noteName(path)
    if (before === undefined || flags.startsWith('w'))
      unsynced.set(path, unsynced.get(path) ?? before ?? Buffer.alloc(0))
    return wrapHandle((await call(...args)) as object, path)
  }

  const wrapHandle = (handle: object, path: string) =>
    wrap(handle, async (name, call, args) => {
      if (name === 'write' || name === 'truncate') {
        count(name)
        if (!unsynced.has(path)) unsynced.set(path, bytesOf(path) ?? Buffer.alloc(0))
      }
      if (name === 'sync') count(name)
      const result = await call(...args)
      if (name === 'sync') unsynced.delete(path)
      return result
    })

  /** The files in the folder move with it, and so do their bytes that are not durable. */
  const renameFolder = async (call: Call, from: string, to: string) => {
    names.push({ folder: dirname(to), take: () => renameSync(to, from) })
    const result = await call(from, to)
    for (const [path, bytes] of [...unsynced].filter(([path]) => path.startsWith(`${from}/`))) {
      unsynced.delete(path)
      unsynced.set(to + path.slice(from.length), bytes)
    }
    return result
  }

  const rename = async (call: Call, args: readonly unknown[]) => {
    count('rename')
    const [from, to] = args as [string, string]
    if (statSync(from).isDirectory()) return renameFolder(call, from, to)
    noteName(to)
    const moved = unsynced.get(from)
    noteName(from)
    const result = await call(...args)
    if (moved !== undefined) unsynced.set(to, moved)
    unsynced.delete(from)
    return result
  }

  const fileSystem = wrap(real, async (name, call, args) => {
    if (name === 'open') return openFile(call, args)
    if (name === 'rename') return rename(call, args)
    const [path] = args as [string]
    if (name === 'removeFile') {
      count(name)
      noteName(path)
      unsynced.delete(path)
    }
    if (name === 'syncFolder' || name === 'syncAll') count(name)
    const result = await call(...args)
    if (name === 'syncFolder') forget(names, path)
    if (name === 'syncAll') {
      names.length = 0
      unsynced.clear()
    }
    return result
  })

  return {
    fileSystem,
    isCut,
    cutPower() {
      for (const [path, bytes] of unsynced) if (!keeps() && bytesOf(path) !== undefined) restore(path, bytes)
      // A name that the disk kept keeps all names before it in its folder, as journals do.
      const kept = new Set<string>()
      for (const { folder, take } of names.toReversed()) {
        if (kept.has(folder) || keeps()) kept.add(folder)
        else take()
      }
    },
  }
}

function forget(names: Undo[], folder: string): void {
  names.splice(0, names.length, ...names.filter((undo) => undo.folder !== folder))
}

type Handler = (name: string, call: Call, args: readonly unknown[]) => Promise<unknown>

/** Streams are given at once, not promised, and change nothing. */
function wrap<Target extends object>(target: Target, handle: Handler): Target {
  return new Proxy(target, {
    get(_, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function' || name === 'createReadStream') return member
      const call: Call = (...args) => Reflect.apply(member, target, args)
      return async (...args: readonly unknown[]) => handle(String(name), call, args)
    },
  })
}
