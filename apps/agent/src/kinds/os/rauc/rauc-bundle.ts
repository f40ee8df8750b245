/** Rauc bundle: the file of a version, laid down for RAUC until the version has passed or failed its probation. */
import { join } from 'node:path'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { RAUC_PATH } from '@skerry/contract/kinds/os'
import type { RaucImage } from '@skerry/contract/os/rauc-image'
import { hasNoRoom } from '@skerry/platform/files/file-system'
import { hexOf } from '@skerry/platform/files/hash'
import * as z from 'zod'
import type { ReadVersionFile } from '../updater.ts'
import { failureOf, parseJson, type Rauc, type Refused, refuse } from './rauc.ts'

/** [RAUC 1.13, `rauc info --output-format=json`] */
const Info = z.object({
  compatible: z.string(),
  version: z.string().nullish(),
  hash: z.string().nullish(),
  images: z.array(z.record(z.string(), z.object({ checksum: z.string().nullish() }))).optional(),
})

const SUFFIX = '.raucb'

/** In bytes. Room that stays for records and values while the bundle is laid down. */
const FREE_BYTES_MIN = 128 * 1024 ** 2

const NO_ROOM = refuse('storage_full', 'the disk has no room for the bundle; make room')

export const bundlePath = ({ folder }: Pick<Rauc, 'folder'>, { digest }: Pick<DesiredItem, 'digest'>): string =>
  join(folder, `${hexOf(digest)}${SUFFIX}`)

export type Wish = { item: DesiredItem; read: ReadVersionFile }

/** Undefined if the bundle is laid down. */
export async function layBundle(it: Rauc, { item, read }: Wish, signal: AbortSignal): Promise<Refused | undefined> {
  const { fileSystem, folder } = it
  const path = bundlePath(it, item)
  await fileSystem.makeFolder(folder)
  // A cut copy from before holds room.
  await fileSystem.removeFile(path)
  const { sizeBytes = 0 } = item.files.find((file) => file.path === RAUC_PATH) ?? {}
  if ((await fileSystem.freeBytes(folder)) < sizeBytes + FREE_BYTES_MIN) return NO_ROOM
  try {
    await using file = await fileSystem.open(path, 'w')
    let at = 0
    for await (const piece of read(RAUC_PATH)) {
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

/** Removes the bundles that an earlier run of the agent left, and that belong to no prepared version. */
export async function sweepBundles({ fileSystem, folder, images }: Rauc, item: DesiredItem): Promise<void> {
  const kept = new Set(
    [item.digest, ...images.keys()].map((digest) =>
      bundlePath({ folder }, { digest: digest as DesiredItem['digest'] }),
    ),
  )
  for (const name of await fileSystem.list(folder)) {
    const path = join(folder, name)
    if (name.endsWith(SUFFIX) && !kept.has(path)) await fileSystem.removeFile(path)
  }
}

/** The marks that a slot with the bundle has: the hash of its manifest, or the digest of an image for an older RAUC. */
export async function bundleMarks(
  it: Rauc,
  item: DesiredItem,
  { version, compatible }: RaucImage,
  signal: AbortSignal,
): Promise<string[] | Refused> {
  const ran = await it.rauc(['info', '--output-format=json', bundlePath(it, item)], signal)
  if (!ran.ok) return failureOf('os_image_refused', ran)
  const info = Info.safeParse(parseJson(ran.text))
  if (!info.success) return refuse('os_image_refused', 'the facts of the bundle cannot be read')
  const { hash, images = [], ...told } = info.data
  if (told.version !== version || told.compatible !== compatible) {
    const message = `the bundle is ${told.compatible} ${told.version ?? ''}, and was pushed as ${compatible} ${version}`
    return refuse('os_image_refused', message)
  }
  const checksums = images.flatMap((image) => Object.values(image)).map(({ checksum }) => checksum)
  return [hash, ...checksums].filter((mark) => typeof mark === 'string')
}
