/** Folder files: all files below a folder, by the paths that they have in a version. */
import { readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { FilePath } from '@skerry/contract/models/model'
import { fail, wrongUsage } from '../../../program/failure.ts'
import { unreadable } from '../../../program/input-file.ts'
import type { FoundFile } from './model-files.ts'

/** [contract, PushRequest] A version has at most 1,023 files besides the description. */
const FILES_MAX = 1_022

/** Files whose names begin with a dot are left out. `below`: the folder of the version that gets them. */
export async function folderFiles(folder: string, below: string): Promise<FoundFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw unreadable(folder, cause)
  })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.split('/').some((part) => part.startsWith('.')))
    .toSorted()
  if (paths.length === 0) throw wrongUsage(`${folder} has no files`, 'give a folder with the files')
  if (paths.length > FILES_MAX)
    throw fail('file_invalid', `${folder} has over ${FILES_MAX} files; push an archive instead`)
  return Promise.all(paths.map((path) => folderFile(path, join(folder, path), below)))
}

/** One file, by its path in the version. */
export async function folderFile(path: string, localPath: string, below: string): Promise<FoundFile> {
  const name = FilePath.safeParse(`${below}${path}`)
  if (!name.success) throw fail('file_invalid', `${path}: rename it; a path has letters, digits, dots, dashes and _`)
  return { path: name.data, localPath, sizeBytes: (await stat(localPath)).size }
}
