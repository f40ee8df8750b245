/**
 * Data folders: the files of data on the disk of the device.
 *
 *     NAME/v3-1f2e3d4c5b6a/...   one version, as it was pushed; it never changes
 *     NAME/current               a link to the version that counts
 *
 * The link is replaced in one step. A reader that opens `current` once, and its files below it, sees one version. The
 * link stays while the agent is away.
 */
import { readlink, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { DATA_FOLDER } from '@skerry/contract/kinds/data'
import type { SourceFile } from '@skerry/inference/runtime/model-source'
import type { FileSystem } from '@skerry/platform/files/file-system'
import { type HasRoomFor, layPartial, makeOpenFolder } from '../open-files.ts'

const CURRENT = 'current'
/** A version that is being written. The next start removes it. */
const PARTIAL = '.partial-'

export type DataFolders = {
  /** Writes the files of the version beside the others. Does nothing if they are there. */
  lay(item: DesiredItem, files: readonly SourceFile[]): Promise<void>
  /** From now on, readers find this version. */
  select(item: DesiredItem): Promise<void>
  /** Removes the files of the version, unless readers find it now. */
  remove(item: DesiredItem): Promise<void>
  /** Removes all versions of the name. */
  removeAll(name: string): Promise<void>
  /** The folder of a name with a selected version. Undefined if there is none. */
  folderOf(name: string): Promise<string | undefined>
}

/** Removes the rests of interrupted writes when it is first used. */
export function openDataFolders(fileSystem: FileSystem, root: string, hasRoomFor: HasRoomFor): DataFolders {
  const swept = new Set<string>()
  const selected = (name: string) => readlink(join(root, name, CURRENT)).catch(() => undefined)
  return {
    async lay(item, files) {
      const folder = join(root, item.name)
      if (!swept.has(item.name)) await sweepPartial(fileSystem, folder)
      swept.add(item.name)
      const final = join(folder, versionName(item))
      if ((await fileSystem.list(final)).length > 0) return
      await makeOpenFolder(fileSystem, root, folder)
      const partial = join(folder, `${PARTIAL}${versionName(item)}`)
      await layPartial({ fileSystem, hasRoomFor }, item, files, { below: DATA_FOLDER, from: folder, partial })
      await fileSystem.rename(partial, final)
      await fileSystem.syncFolder(folder)
    },
    async select(item) {
      const folder = join(root, item.name)
      if ((await selected(item.name)) === versionName(item)) return
      const next = join(folder, `${PARTIAL}link`)
      await fileSystem.removeFile(next)
      await symlink(versionName(item), next)
      await fileSystem.rename(next, join(folder, CURRENT))
      await fileSystem.syncFolder(folder)
    },
    async remove(item) {
      if ((await selected(item.name)) === versionName(item)) return
      await fileSystem.removeTree(join(root, item.name, versionName(item)))
    },
    removeAll: (name) => fileSystem.removeTree(join(root, name)),
    folderOf: async (name) => ((await selected(name)) === undefined ? undefined : join(root, name)),
  }
}

const versionName = ({ version, digest }: DesiredItem) => `v${version}-${digest.slice('sha256:'.length).slice(0, 12)}`

async function sweepPartial(fileSystem: FileSystem, folder: string): Promise<void> {
  for (const name of await fileSystem.list(folder))
    if (name.startsWith(PARTIAL)) await fileSystem.removeTree(join(folder, name))
}
