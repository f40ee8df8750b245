/** Local hosted: a model of another engine on disk: one file or a folder, with its runtime app and its tensors. */
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { HOSTED_FOLDER, HOSTED_PATH } from '@skerry/contract/kinds/hosted'
import { HostedModel, type HostedRuntime } from '@skerry/contract/models/hosted-model'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { parseJson } from '@skerry/core/values/parse-json'
import * as z from 'zod'
import { fail } from '../../../program/failure.ts'
import { readText, unreadable } from '../../../program/input-file.ts'
import { folderFile, folderFiles } from './folder-files.ts'
import type { FoundFile } from './model-files.ts'

/** The form in which a server states the metadata of a model has further fields. */
const Tensors = z.object({ inputs: HostedModel.shape.inputs, outputs: HostedModel.shape.outputs })

type LocalHosted = { path: string; runtime: HostedRuntime; tensors: string }

/** The files to push, and the tensors. A file that the hub would reject is rejected before the upload. */
export async function readLocalHosted({ path, runtime, tensors }: LocalHosted): Promise<{
  files: FoundFile[]
  hosted: HostedModel
}> {
  const read = Tensors.safeParse(parseJson(await readText(tensors)))
  if (!read.success) {
    const lines = read.error.issues.map(
      (issue) => `${tensors}, ${issue.path.join('.') || 'the file'}: ${issue.message}`,
    )
    throw fail('file_invalid', lines.join('\n'))
  }
  const hosted: HostedModel = { v: 1, runtime, ...read.data }
  const content = Buffer.from(canonicalJson(hosted))
  const found = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
  const own = found.isDirectory()
    ? await folderFiles(path, HOSTED_FOLDER)
    : [await folderFile(basename(path), path, HOSTED_FOLDER)]
  return { files: [{ path: HOSTED_PATH, localPath: path, sizeBytes: content.length, content }, ...own], hosted }
}
