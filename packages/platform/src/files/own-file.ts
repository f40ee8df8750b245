/**
 * Own file: gives a file that has several names (hard links) bytes under this name alone. Some programs reject files with
 * several names. A file system with reflinks shares the blocks between both files, so that the second costs nothing.
 */
import { constants } from 'node:fs'
import { copyFile, rename, rm, stat } from 'node:fs/promises'

export type OwnFileDeps = {
  /** A path on the same file system that nothing else uses, for the copy until it is whole. */
  spare: string
  hasRoomFor(sizeBytes: number): Promise<boolean>
}

/** False if the disk has no room for a copy. The other names of the file keep what they have. */
export async function ownFile(path: string, { spare, hasRoomFor }: OwnFileDeps): Promise<boolean> {
  const { nlink, size } = await stat(path)
  if (nlink === 1) return true
  try {
    if (!(await isCloned(path, spare))) {
      if (!(await hasRoomFor(size))) return false
      await copyFile(path, spare)
    }
    await rename(spare, path)
    return true
  } finally {
    await rm(spare, { force: true })
  }
}

/** Each file system has its own error for a clone that it cannot make: the copy afterwards tells the real ones. */
const isCloned = (from: string, to: string): Promise<boolean> =>
  copyFile(from, to, constants.COPYFILE_FICLONE_FORCE).then(
    () => true,
    () => false,
  )
