/** Destroy file: for keys that must never be read again. */
import { dirname } from 'node:path'
import type { FileSystem } from './file-system.ts'

/** Overwrites the file, as far as the medium really does so, and removes it durably; a missing one is fine. */
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
