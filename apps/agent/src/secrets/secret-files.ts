/**
 * Secret files: lays the device's secrets out as files for applications near it: `NAME` in a folder of the agent's own. Each is replaced whole, so that
 * whoever reads has the old value or the new one; whoever wants to hear of a change watches the folder. The folder says who may read.
 */
import { chmod, mkdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { SecretName } from '@skerry/contract/secrets/secret'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Log } from '@skerry/platform/process/log'

export type SecretFiles = {
  /** The folder holds just these. Throws where it cannot. */
  lay(secrets: readonly { name: string; value: Uint8Array }[]): Promise<void>
}

/** Says that the folder is the agent's: what is in one without it is somebody else's, and stays. */
const MARK = '.skerry-secrets'

/** The owner of the folder, and its group where a person made the folder so. */
const FILE_MODE = 0o640
const FOLDER_MODE = 0o700
const OTHERS = 0o007

/** [linux/magic.h] tmpfs and ramfs. */
const IN_MEMORY = [0x01021994, 0x858458f6]

/** Touches nothing yet. */
export function openSecretFiles(fileSystem: FileSystem, folder: string, log: Pick<Log, 'warn'>): SecretFiles {
  let isReady = false
  return {
    async lay(secrets) {
      if (!isReady) await prepare(fileSystem, folder, log)
      isReady = true
      for (const { name, value } of secrets) {
        const path = join(folder, name)
        const there = await fileSystem.readFile(path)
        // An application that watches is not told of what has not changed.
        if (!there || !Buffer.from(there).equals(value)) await writeAtomic(fileSystem, path, value, FILE_MODE)
      }
      const names = new Set([MARK, ...secrets.map(({ name }) => name)])
      for (const name of await fileSystem.list(folder)) {
        if (!names.has(name) && SecretName.safeParse(name).success) await fileSystem.removeFile(join(folder, name))
      }
    },
  }
}

/** Takes all of them away, as where the device is wiped. A folder that is not the agent's holds none. */
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
