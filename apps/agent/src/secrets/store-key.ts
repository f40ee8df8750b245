/**
 * Store key: the key that encrypts the device's own files, created here on first use and readable by its owner only. It
 * protects them in a copy of the files without the folder: a backup, or a disk in another machine. It does not protect
 * them from root on this machine.
 */
import { join } from 'node:path'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import { generateSecretKey, KEY_BYTES } from '@skerry/platform/sealing/secret-box'

const OWNER_ONLY = 0o600

/**
 * The key in the data folder. A new one is created if the file is missing or not a key. Data under the old key is lost,
 * and fetched again.
 */
export async function openStoreKey(fileSystem: FileSystem, data: string): Promise<Uint8Array> {
  const path = join(data, 'store-key')
  const known = await readIfPresent(fileSystem, path)
  if (known?.length === KEY_BYTES) return known
  const key = generateSecretKey()
  await writeAtomic(fileSystem, path, key, OWNER_ONLY)
  return key
}
