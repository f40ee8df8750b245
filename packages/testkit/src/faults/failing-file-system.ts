/**
 * Failing file system: a real one whose n-th change fails, to walk through every place where a disk can fill up or a
 * process can die.
 *
 *     for (let failAt = 1; ; failAt++) {
 *       const failing = failingFileSystem(nodeFileSystem, { failAt, code: 'ENOSPC' })
 *       ... do the work with failing.fileSystem; expect the old state or the new one, never a mixture
 *       if (!failing.hasFailed()) break
 *     }
 *
 * Changes are counted over the file system and all files opened through it. A failing write leaves the first half of
 * its bytes behind, as real ones do. The failing removal of a folder has already removed one thing in it.
 */
import { join } from 'node:path'

export type FailurePlan = {
  /** Which change fails; the first is 1. */
  failAt: number
  /** The code of the failure: ENOSPC, EIO... */
  code: string
  /** Whether later changes fail, too, as on a full disk or in a dead process. */
  after?: 'fails' | 'works'
}

export type FailingFileSystem<T> = {
  fileSystem: T
  /** The names of the changes so far, in order, the failed ones included. */
  changes: readonly string[]
  hasFailed(): boolean
}

/** The calls that change something on the disk; all others pass. Opening counts if it may create a file. */
const CHANGES = new Set([
  'write',
  'truncate',
  'sync',
  'makeFolder',
  'rename',
  'removeFile',
  'removeTree',
  'syncFolder',
  'syncAll',
])

type Call = (...args: readonly unknown[]) => unknown

/** Wraps anything with the methods of platform's `FileSystem`. */
export function failingFileSystem<T extends object>(
  real: T,
  { failAt, code, after = 'fails' }: FailurePlan,
): FailingFileSystem<T> {
  const changes: string[] = []

  const isDoomed = (name: string, args: readonly unknown[]) => {
    if (!CHANGES.has(name) && !(name === 'open' && String(args[1]).startsWith('w'))) return false
    changes.push(name)
    return after === 'fails' ? changes.length >= failAt : changes.length === failAt
  }

  const wrap = <Target extends object>(target: Target): Target =>
    new Proxy(target, {
      get(_, name) {
        const member: unknown = Reflect.get(target, name, target)
        // A stream is given at once, not promised, and changes nothing.
        if (typeof member !== 'function' || name === 'createReadStream') return member
        const call: Call = (...args) => Reflect.apply(member, target, args)
        return async (...args: readonly unknown[]) => {
          if (isDoomed(String(name), args)) {
            await failHalfway(target, { name: String(name), call, args })
            throw Object.assign(new Error(`${code}: planned failure of ${String(name)}`), { code })
          }
          const result: unknown = await call(...args)
          return name === 'open' && typeof result === 'object' && result !== null ? wrap(result) : result
        }
      },
    })

  return { fileSystem: wrap(real), changes, hasFailed: () => changes.length >= failAt }
}

type Doomed = { name: string; call: Call; args: readonly unknown[] }

/** The first half of the change, which a real disk has made when it fails. */
async function failHalfway(target: object, { name, call, args }: Doomed): Promise<void> {
  const [first, position] = args
  if (name === 'write' && first instanceof Uint8Array) await call(first.subarray(0, first.length / 2), position)
  if (name === 'removeTree') await removeFirst(target, String(first), call)
}

/** Removes the first thing in the folder, if the path is one with content. */
async function removeFirst(target: object, folder: string, removeTree: Call): Promise<void> {
  const list: unknown = Reflect.get(target, 'list', target)
  if (typeof list !== 'function') return
  const names: unknown = await Promise.resolve(Reflect.apply(list, target, [folder])).catch(() => [])
  const [first] = Array.isArray(names) ? names : []
  if (typeof first === 'string') await removeTree(join(folder, first))
}
