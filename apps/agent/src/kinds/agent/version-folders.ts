/**
 * Version folders: the versions of the agent on this device, from which the launcher starts one. A folder gets the name
 * of its version when it is complete and durable, and loses the name before its first file is removed. So a kill, a full
 * disk or a power cut at any moment leaves no torn version, and the next attempt removes the rests.
 */
import { dirname, join } from 'node:path'
import { type FileSystem, hasNoRoom } from '@skerry/platform/files/file-system'
import { readLaunch, versionFolder } from '../../launcher/launch-files.ts'
import { partOf, type Unpacking, unpackAgent } from './unpack.ts'

/** Room that stays for records and values while a version is unpacked. */
const FREE_BYTES_MIN = 128 * 1024 ** 2

/** A version that is being removed. The launcher starts no version of this name. */
const goneOf = (target: string) => `${target}.gone`

export type VersionPlace = {
  /** The folder of the launcher. */
  root: string
  /** The 64 hexadecimal digits that name the folder of the version. */
  digest: string
}

/**
 * Adds the version, if the device does not have it. False: the disk has no room for it. The caller adds or removes one
 * version at a time.
 */
export async function addVersion({ root, digest }: VersionPlace, wish: Unpacking, signal: AbortSignal) {
  const { fileSystem, manifest } = wish
  const target = versionFolder(root, digest)
  const folder = dirname(target)
  if (readLaunch(root).versions.has(digest)) {
    // A kill after the rename leaves a name that the disk can still forget.
    await fileSystem.syncFolder(folder)
    return true
  }
  try {
    await fileSystem.makeFolder(folder)
    await removeRests({ root, fileSystem })
    const bytes = manifest.parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    if ((await fileSystem.freeBytes(root)) < bytes + FREE_BYTES_MIN) return false
    await unpackAgent(target, wish, signal)
    return true
  } catch (error) {
    // The rests would keep a full disk full. If they cannot be removed now, the next attempt removes them.
    await fileSystem.removeTree(partOf(target)).catch(() => undefined)
    if (hasNoRoom(error)) return false
    throw error
  }
}

type Removal = { root: string; fileSystem: FileSystem }

/** Removes the other versions, and the rests of attempts that something cut short. */
export async function removeVersions({ root, fileSystem }: Removal, isKept: (digest: string) => boolean) {
  await removeRests({ root, fileSystem })
  for (const digest of readLaunch(root).versions) {
    if (isKept(digest)) continue
    const target = versionFolder(root, digest)
    await fileSystem.rename(target, goneOf(target))
    await fileSystem.syncFolder(dirname(target))
    await fileSystem.removeTree(goneOf(target))
  }
}

/** Removes the rests of attempts alone. Their room may be the room that the device needs. */
export async function removeRests({ root, fileSystem }: Removal): Promise<void> {
  const { versions } = readLaunch(root)
  const folder = join(root, 'versions')
  for (const name of await fileSystem.list(folder)) {
    if (!versions.has(name)) await fileSystem.removeTree(join(folder, name))
  }
}
