/** Laid image: the file of a version, laid down for the tool until the version has passed or failed its probation. */
import { join } from 'node:path'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { hasNoRoom } from '@skerry/platform/files/file-system'
import { hexOf } from '@skerry/platform/files/hash'
import type { ReadVersionFile } from '../updater.ts'
import { type Refused, refuse, type Slots } from './slot-tool.ts'

/** In bytes. Room that stays for records and values while the image is laid down. */
const FREE_BYTES_MIN = 128 * 1024 ** 2

const NO_ROOM = refuse('storage_full', 'the disk has no room for the image; make room')

export const imagePath = ({ folder, tool }: Pick<Slots, 'folder' | 'tool'>, { digest }: Pick<DesiredItem, 'digest'>) =>
  join(folder, `${hexOf(digest)}${tool.suffix}`)

export type Wish = { item: DesiredItem; read: ReadVersionFile }

/** Undefined if the image is laid down. */
export async function layImage(it: Slots, { item, read }: Wish, signal: AbortSignal): Promise<Refused | undefined> {
  const { fileSystem, folder, tool } = it
  const path = imagePath(it, item)
  await fileSystem.makeFolder(folder)
  // A cut copy from before holds room.
  await fileSystem.removeFile(path)
  const { sizeBytes = 0 } = item.files.find((file) => file.path === tool.mainFile) ?? {}
  if ((await fileSystem.freeBytes(folder)) < sizeBytes + FREE_BYTES_MIN) return NO_ROOM
  try {
    await using file = await fileSystem.open(path, 'w')
    let at = 0
    for await (const piece of read(tool.mainFile)) {
      signal.throwIfAborted()
      await file.write(piece, at)
      at += piece.length
    }
    return undefined
  } catch (error) {
    await fileSystem.removeFile(path)
    if (hasNoRoom(error)) return NO_ROOM
    throw error
  }
}

/** Removes the images that an earlier run of the agent left, and that belong to no prepared version. */
export async function sweepImages({ fileSystem, folder, images, tool }: Slots, item: DesiredItem): Promise<void> {
  const kept = new Set(
    [item.digest, ...images.keys()].map((digest) =>
      imagePath({ folder, tool }, { digest: digest as DesiredItem['digest'] }),
    ),
  )
  for (const name of await fileSystem.list(folder)) {
    const path = join(folder, name)
    if (name.endsWith(tool.suffix) && !kept.has(path)) await fileSystem.removeFile(path)
  }
}
