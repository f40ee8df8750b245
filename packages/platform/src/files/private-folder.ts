/** Private folder: what a hub or an agent keeps is for its own user only. A folder from a start without that rule is closed once. */
import { chmod, lstat, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../process/log.ts'

/** For files 0600, and for folders 0700, whatever a caller forgets to say. SQLite and other libraries say nothing. */
const PRIVATE_UMASK = 0o077

/** Call at the start of the program, before it makes its first file. It holds for programs that it starts, too. */
export function keepFilesPrivate(): void {
  process.umask(PRIVATE_UMASK)
}

/** Makes the folder, or closes it; the log has what that took. */
export async function makePrivateFolder(path: string, log: Pick<Log, 'warn'>): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  const { closed, refused } = await closeFolder(path)
  if (closed > 0) log.warn('folder_closed', { path, closed })
  if (refused !== undefined) log.warn('folder_open', { path: refused })
}

/** How many entries lost a right, and the first one that did not. */
type Closed = { closed: number; refused: string | undefined }

/**
 * Takes the rights of group and others away from a folder and all that is in it. Links are not followed. The folder itself comes last: while it is
 * open, the next start does it again, and once it is closed nothing below it has to be looked at.
 */
export async function closeFolder(path: string): Promise<Closed> {
  const found: Closed = { closed: 0, refused: undefined }
  const { mode, uid } = await lstat(path)
  if ((mode & PRIVATE_UMASK) === 0) return found
  // Somebody else gave it, such as a volume of a cluster: it cannot be closed, and would be walked at each start.
  if (![uid, 0].includes(process.getuid?.() ?? uid)) return { closed: 0, refused: path }
  await closeBelow(path, found)
  await closeEntry(path, found)
  return found
}

/** A folder that cannot be read, such as `lost+found` of a volume, stays as it is: nobody else enters the folder above it. */
async function closeBelow(folder: string, found: Closed): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined)
  if (!entries) found.refused ??= folder
  for (const entry of entries ?? []) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await closeBelow(path, found)
    if (entry.isDirectory() || entry.isFile()) await closeEntry(path, found)
  }
}

/** Somebody else's file stays as it is: the folder above it is closed. */
async function closeEntry(path: string, found: Closed): Promise<void> {
  try {
    const { mode } = await lstat(path)
    if ((mode & PRIVATE_UMASK) === 0) return
    await chmod(path, mode & ~PRIVATE_UMASK & 0o7777)
    found.closed += 1
  } catch {
    found.refused ??= path
  }
}
