/**
 * Store key: what the device's own files are encrypted under, made here on first use and readable by its owner only. It keeps them from whoever gets
 * the files without the folder: a copy, a backup, a disk of another machine. It does not keep them from whoever is root on this one.
 */
import { join } from 'node:path'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import { generateSecretKey, KEY_BYTES } from '@skerry/platform/sealing/secret-box'

const OWNER_ONLY = 0o600

/** The key in the data folder; a new one where there is none, or what is there is none. What was under that one is lost, and fetched again. */
export async function openStoreKey(fileSystem: FileSystem, data: string): Promise<Uint8Array> {
  const path = join(data, 'store-key')
  const known = await readIfPresent(fileSystem, path)
  if (known?.length === KEY_BYTES) return known
  const key = generateSecretKey()
  await writeAtomic(fileSystem, path, key, OWNER_ONLY)
  return key
}
