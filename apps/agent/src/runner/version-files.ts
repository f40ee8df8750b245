/**
 * Version files: a version's files in the form for the runner. Plain files are in a folder, under the names by which
 * its model refers to them. They are second names (hard links) of the blobs, so that they cost nothing. They are
 * created again before each load, because a replaced blob must not live on. Sealed files are passed one by one, each
 * with the key of just that file. Some models need files with a single name. The agent copies these files for one load,
 * or for as long as the version is kept if a policy scales its workers.
 */
import { copyFile, link, mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PERSONAL_PATH } from '@skerry/contract/campaigns/personal-file'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import { RECORDING_PATH } from '@skerry/contract/kinds/flow'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import { servingOf } from '@skerry/core/kinds/kinds'
import type { ModelSource, SourceFile } from '@skerry/inference/runtime/model-source'
import { systemCode } from '@skerry/platform/files/file-system'
import { hexOf } from '@skerry/platform/files/hash'
import { ownFile } from '@skerry/platform/files/own-file'
import type { ModelBlobs } from '../sealing/model-blobs.ts'
import type { GoldenFiles, RunnerAnswer } from './runner-message.ts'

/** The files of a version or a build. */
type FileSet = Pick<DesiredItem, 'digest' | 'files'>

export type VersionFiles = {
  /** Calls the work with the version's model and the files beside it. No file of it is moved meanwhile. */
  withModel<T>(item: FileSet, work: (source: ModelSource) => Promise<T>): Promise<T>
  /** Does the same with one file of the version. */
  withFile<T>(item: DesiredItem, path: string, work: (file: SourceFile) => Promise<T>): Promise<T>
  /** Does the same with all files of the version. */
  withFiles<T>(item: FileSet, work: (files: readonly SourceFile[]) => Promise<T>): Promise<T>
  /**
   * Does the same for a runtime that rejects second names. The files beside the model are its own. They are deleted
   * after the work, except if the version was loaded and starts workers later.
   */
  withOwnFiles(item: FileSet | DesiredItem, work: (source: ModelSource) => Promise<RunnerAnswer>): Promise<RunnerAnswer>
  /** Does the same with its golden cases, if it has some. */
  withGolden<T>(item: DesiredItem, work: (golden: GoldenFiles | undefined) => Promise<T>): Promise<T>
  /** Whether the disk has room for so many bytes. */
  hasRoomFor(sizeBytes: number): Promise<boolean>
  /** Removes the folders of all other versions. */
  keepOnly(items: readonly DesiredItem[]): Promise<void>
  /** Removes all folders: loaded versions need none any more. */
  clear(): Promise<void>
}

/** The folders of all versions below `path`. */
export function openVersionFiles(
  path: string,
  blobs: Pick<ModelBlobs, 'fileOf' | 'whileStill' | 'hasRoomFor'>,
): VersionFiles {
  const fileOf = async ({ path: name, digest }: DesiredItem['files'][number]): Promise<SourceFile> => ({
    name,
    ...(await blobs.fileOf(digest)),
  })
  return {
    withFile: (item, wanted, work) =>
      blobs.whileStill(async () => {
        const file = item.files.find(({ path: name }) => name === wanted)
        if (!file) throw new Error(`the version has no ${wanted}`)
        return work(await fileOf(file))
      }),
    withFiles: (item, work) => blobs.whileStill(async () => work(await Promise.all(item.files.map(fileOf)))),
    withModel: (item, work) =>
      blobs.whileStill(async () => {
        const files = await Promise.all(item.files.map(fileOf))
        return work(await sourceOf(join(path, hexOf(item.digest)), files))
      }),
    withOwnFiles: (item, work) =>
      blobs.whileStill(async () => {
        const folder = join(path, hexOf(item.digest))
        let isKept = false
        const source = await sourceOf(folder, await Promise.all(item.files.map(fileOf)))
        try {
          const lacking = 'modelPath' in source ? await ownAll(folder, item, blobs) : undefined
          if (lacking !== undefined) return noRoomFor(lacking)
          const answer = await work(source)
          isKept = answer.ok && startsWorkers(item)
          return answer
        } finally {
          // The copies would use the space twice, and a loaded model with a fixed number of workers needs no file.
          if (!isKept) await rm(folder, { recursive: true, force: true })
        }
      }),
    withGolden: (item, work) =>
      blobs.whileStill(async () => {
        const golden = item.files.find(({ path: name }) => name === GOLDEN_PATH)
        const recording = item.files.find(({ path: name }) => name === RECORDING_PATH)
        if (!golden) return work(undefined)
        return work({ golden: await fileOf(golden), ...(recording && { recording: await fileOf(recording) }) })
      }),
    hasRoomFor: (sizeBytes) => blobs.hasRoomFor(sizeBytes),
    async keepOnly(items) {
      const kept = new Set(items.map(({ digest }) => hexOf(digest)))
      const present = await readdir(path).catch(() => [])
      for (const name of present) if (!kept.has(name)) await rm(join(path, name), { recursive: true, force: true })
    },
    clear: () => blobs.whileStill(() => rm(path, { recursive: true, force: true })),
  }
}

/** Copies the files beside the model. Returns the first one that the disk has no room for. */
async function ownAll(folder: string, { files }: FileSet, { hasRoomFor }: Pick<ModelBlobs, 'hasRoomFor'>) {
  for (const { path: name } of files) {
    if (name === MODEL_PATH) continue
    if (!(await ownFile(join(folder, name), { spare: `${folder}.own`, hasRoomFor }))) return name
  }
  return undefined
}

/** Whether the policy of the version starts workers after its load: they need the files again. */
function startsWorkers(item: FileSet | DesiredItem): boolean {
  const scaling = 'spec' in item ? servingOf(item).scaling : undefined
  return scaling !== undefined && scaling.max > scaling.min
}

/** The other files of a version have weights of its model. */
const NO_WEIGHTS: ReadonlySet<string> = new Set([MODEL_PATH, GOLDEN_PATH, PERSONAL_PATH])

async function sourceOf(folder: string, files: readonly SourceFile[]): Promise<ModelSource> {
  await rm(folder, { recursive: true, force: true })
  const model = files.find(({ name }) => name === MODEL_PATH)
  if (!model) throw new Error(`the version has no ${MODEL_PATH}`)
  if (files.some(({ seal }) => seal)) {
    return { model, beside: files.filter(({ name }) => !NO_WEIGHTS.has(name)) }
  }
  for (const { name, path } of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await secondName(path, join(folder, name))
  }
  return { modelPath: join(folder, MODEL_PATH) }
}

const noRoomFor = (name: string): RunnerAnswer => ({
  ok: false,
  code: 'storage_full',
  message: `the runtime needs a copy of ${name} to load the model, and the disk has no room for it; make room`,
})

/** Symbolic links do not work: the runtime follows them, and rejects external data outside the model's folder. */
async function secondName(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    // FAT and some network file systems have no second names.
    if (!['EPERM', 'ENOTSUP', 'EXDEV', 'EMLINK'].includes(systemCode(error) ?? '')) throw error
    await copyFile(from, to)
  }
}
