/** Feed files: the fetched files of an import, which become blobs of the organisation. */
import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import { FEED_FILE_BYTES_MAX } from '@skerry/contract/model-feeds/model-feed'
import type { Digest } from '@skerry/contract/values/digest'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { externalPaths } from '@skerry/onnx/external-data'
import { readModel } from '@skerry/onnx/read'
import { ImportProblem } from '@skerry/platform/imports/import-problem'
import { storeBlob } from '../campaigns/campaign-blobs.ts'
import type { Hub } from '../hub.ts'

/** The paths of the weight files that the model names. */
export async function weightPathsOf(modelPath: string): Promise<string[]> {
  const read = readModel(await readWhole(modelPath))
  if (!read.ok) throw new ImportProblem('import_refused', read.message)
  const paths = externalPaths(read.value)
  if (!paths.ok) throw new ImportProblem('import_refused', paths.message)
  return [...paths.value]
}

/** Stores the model and its weights, in the form of a push. */
export async function storeFiles(
  hub: Hub,
  organisationId: OrganisationId,
  modelPath: string,
): Promise<{ path: string; digest: Digest }[]> {
  const weights = (await weightPathsOf(modelPath)).map((path) => ({ path, local: join(dirname(modelPath), path) }))
  const files: { path: string; digest: Digest }[] = []
  for (const { path, local } of [{ path: MODEL_PATH, local: modelPath }, ...weights]) {
    const bytes = await readWhole(local)
    const { digest } = await storeBlob(hub, { organisationId, bytes }, async (_tx, blob) => blob)
    files.push({ path, digest })
  }
  return files
}

async function readWhole(path: string): Promise<Buffer> {
  const { size } = await stat(path)
  if (size > FEED_FILE_BYTES_MAX)
    throw new ImportProblem('import_refused', `a file of the model has ${size} bytes`, {
      next: `import it with "skerry model import": a feed takes files up to ${FEED_FILE_BYTES_MAX / 1024 ** 2} MiB`,
    })
  return readFile(path)
}
