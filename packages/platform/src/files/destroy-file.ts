/** Destroy file: for keys that nobody shall read again. */
import { dirname } from 'node:path'
import type { FileSystem } from './file-system.ts'

/** Overwrites the file, for what that is worth on the medium, and removes it durably; a missing one is fine. */
export async function destroyFile(fileSystem: FileSystem, path: string): Promise<void> {
  const found = await fileSystem.stat(path)
  if (!found) return
  {
    await using file = await fileSystem.open(path, 'r+')
    await file.write(new Uint8Array(found.sizeBytes), 0)
    await file.sync()
  }
  await fileSystem.removeFile(path)
  await fileSystem.syncFolder(dirname(path))
}
