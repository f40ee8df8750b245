/** Atomic file: replaces a small file so that after a crash at any moment it holds the old bytes or the new ones, never a mixture. */
import { randomBytes } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import type { FileSystem } from './file-system.ts'

const TEMPORARY = /^\..+\.[0-9a-f]{12}\.tmp$/

/**
 * Writes beside the file, makes the bytes durable, renames over it, makes the name durable. `mode` is that of the new file, for its owner only by default.
 * When it throws, the old file is untouched.
 */
export async function writeAtomic(
  fileSystem: FileSystem,
  path: string,
  bytes: Uint8Array | string,
  mode = 0o600,
): Promise<void> {
  const folder = dirname(path)
  // The name only has to differ from that of another writer at this moment; nothing else depends on it.
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    await writeDurably(fileSystem, temporary, typeof bytes === 'string' ? Buffer.from(bytes) : bytes, mode)
    await fileSystem.rename(temporary, path)
  } catch (cause) {
    // Best effort: the start-up cleaning takes what stays behind.
    await fileSystem.removeFile(temporary).catch(() => undefined)
    throw new Error(`writing ${path}`, { cause })
  }
  await fileSystem.syncFolder(folder)
}

/** The file's bytes, or undefined when it does not exist. */
export function readIfPresent(fileSystem: FileSystem, path: string): Promise<Uint8Array | undefined> {
  return fileSystem.readFile(path)
}

/** Removes what interrupted `writeAtomic` calls left in the folder. Call at start, before anybody writes there. Gives the names removed. */
export async function removeLeftovers(fileSystem: FileSystem, folder: string): Promise<string[]> {
  const leftovers = (await fileSystem.list(folder)).filter((name) => TEMPORARY.test(name))
  for (const name of leftovers) await fileSystem.removeFile(join(folder, name))
  return leftovers
}

async function writeDurably(fileSystem: FileSystem, path: string, bytes: Uint8Array, mode: number): Promise<void> {
  await using file = await fileSystem.open(path, 'wx', mode)
  await file.write(bytes, 0)
  await file.sync()
}
