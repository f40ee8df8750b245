/**
 * Secret files: writes the device's secrets as files for applications near it: `NAME` in a folder of the agent's own.
 * Each file is replaced whole, so that a reader gets the old value or the new one. An application that needs changes
 * watches the folder. The folder's mode decides who may read.
 */
import { chmod, mkdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { SecretName } from '@skerry/contract/secrets/secret'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Log } from '@skerry/platform/process/log'

export type SecretFiles = {
  /** The folder then holds exactly these secrets. Throws if that is impossible. */
  lay(secrets: readonly { name: string; value: Uint8Array }[]): Promise<void>
}

/** Marks the folder as the agent's. A folder without this file belongs to somebody else, and its files stay. */
const MARK = '.skerry-secrets'

/** Readable by the owner of the folder, and by its group if a person set one. */
const FILE_MODE = 0o640
const FOLDER_MODE = 0o700
const OTHERS = 0o007

/** [linux/magic.h] tmpfs and ramfs. */
const IN_MEMORY = [0x01021994, 0x858458f6]

/** Opening touches no file yet. */
export function openSecretFiles(fileSystem: FileSystem, folder: string, log: Pick<Log, 'warn'>): SecretFiles {
  let isReady = false
  return {
    async lay(secrets) {
      if (!isReady) await prepare(fileSystem, folder, log)
      isReady = true
      for (const { name, value } of secrets) {
        const path = join(folder, name)
        const there = await fileSystem.readFile(path)
        // An unchanged file is not written, so that watching applications get no event.
        if (!there || !Buffer.from(there).equals(value)) await writeAtomic(fileSystem, path, value, FILE_MODE)
      }
      const names = new Set([MARK, ...secrets.map(({ name }) => name)])
      for (const name of await fileSystem.list(folder)) {
        if (!names.has(name) && SecretName.safeParse(name).success) await fileSystem.removeFile(join(folder, name))
      }
    },
  }
}

/** Removes all secret files, for example for a wipe. A folder that is not the agent's has none. */
export async function clearSecretFiles(fileSystem: FileSystem, folder: string): Promise<void> {
  const names = await fileSystem.list(folder)
  if (!names.includes(MARK)) return
  for (const name of names) if (SecretName.safeParse(name).success) await fileSystem.removeFile(join(folder, name))
  await fileSystem.syncFolder(folder)
}

async function prepare(fileSystem: FileSystem, folder: string, log: Pick<Log, 'warn'>): Promise<void> {
  if ((await mkdir(folder, { recursive: true, mode: FOLDER_MODE })) !== undefined) await chmod(folder, FOLDER_MODE)
  const { mode } = await stat(folder)
  if ((mode & OTHERS) !== 0) {
    throw new Error(`everybody on this machine can open ${folder}; run chmod o-rwx or chmod 700 on it`)
  }
  const names = await fileSystem.list(folder)
  if (!names.includes(MARK)) {
    if (names.length > 0) throw new Error(`${folder} has files of other programs; name an empty folder`)
    await writeAtomic(
      fileSystem,
      join(folder, MARK),
      'Made by the Skerry agent, which removes what it did not write.\n',
    )
  }
  if (!IN_MEMORY.includes((await statfs(folder)).type)) log.warn('secrets_on_disk', { folder })
}
