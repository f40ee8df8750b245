/**
 * Repository folders: the files of hosted models on the disk of the device. The container of a runtime app sees the
 * folder of its app, and cannot write to it.
 *
 *     apps/APP/NAME-v3-1f2e3d4c5b6a/...   one version, whole; it never changes
 *     partial/...                         a version that is being written, where no server finds it
 */
import { join } from 'node:path'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { HOSTED_FOLDER } from '@skerry/contract/kinds/hosted'
import type { SourceFile } from '@skerry/inference/runtime/model-source'
import type { FileSystem } from '@skerry/platform/files/file-system'
import { type HasRoomFor, layPartial, makeOpenFolder } from '../open-files.ts'

/** The model of a version in the server. Two versions of a name are there side by side. */
export const serverModelName = ({ name, version, digest }: Pick<DesiredItem, 'name' | 'version' | 'digest'>): string =>
  `${name}-v${version}-${digest.slice('sha256:'.length).slice(0, 12)}`

/** A name has no capital letters, and ends before the last `-v` with a number. */
const isModelOf = (model: string, name: string): boolean =>
  model.startsWith(`${name}-v`) && /^\d+-[0-9a-f]{12}$/.test(model.slice(name.length + '-v'.length))

/** A version in the repository of an app. */
export type LaidModel = { app: string; model: string }

export type RepositoryFolders = {
  /** Writes the files of the version. Does nothing if they are there. */
  lay(app: string, item: DesiredItem, files: readonly SourceFile[]): Promise<void>
  /** All versions of the name, in the repositories of all apps. */
  modelsOf(name: string): Promise<LaidModel[]>
  remove(laid: LaidModel): Promise<void>
  /** The folder for the container of the app. It exists. */
  folderOf(app: string): Promise<string>
}

/** Removes the rests of interrupted writes when it first writes. */
export function openRepositoryFolders(fileSystem: FileSystem, root: string, hasRoomFor: HasRoomFor): RepositoryFolders {
  const [apps, partial] = [join(root, 'apps'), join(root, 'partial')]
  let isSwept = false
  const folderOf = async (app: string) => {
    const folder = join(apps, app)
    await makeOpenFolder(fileSystem, apps, folder)
    return folder
  }
  return {
    folderOf,
    async lay(app, item, files) {
      if (!isSwept) await fileSystem.removeTree(partial)
      isSwept = true
      const folder = await folderOf(app)
      const model = serverModelName(item)
      if ((await fileSystem.list(join(folder, model))).length > 0) return
      const written = join(partial, model)
      const place = { below: HOSTED_FOLDER, from: partial, partial: written }
      await layPartial({ fileSystem, hasRoomFor }, item, files, place)
      await fileSystem.rename(written, join(folder, model))
      await fileSystem.syncFolder(folder)
    },
    async modelsOf(name) {
      const found = await Promise.all(
        (await fileSystem.list(apps)).map(async (app) =>
          (await fileSystem.list(join(apps, app))).map((model) => ({ app, model })),
        ),
      )
      return found.flat().filter(({ model }) => isModelOf(model, name))
    },
    remove: ({ app, model }) => fileSystem.removeTree(join(apps, app, model)),
  }
}
