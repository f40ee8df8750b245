/** Local served: the file of a served model on disk. A file that the hub would reject is rejected before the upload. */

import { SERVED_PATH } from '@skerry/contract/kinds/served'
import { ServedModel } from '@skerry/contract/models/served-model'
import { parseJson } from '@skerry/core/values/parse-json'
import { fail } from '../../../program/failure.ts'
import { readText } from '../../../program/input-file.ts'
import type { FoundFile } from './model-files.ts'

/** The file to push, and its tensors. */
export async function readLocalServed(path: string): Promise<{ files: FoundFile[]; served: ServedModel }> {
  const text = await readText(path)
  const parsed = ServedModel.safeParse(parseJson(text))
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${path}, ${issue.path.join('.') || 'the file'}: ${issue.message}`)
    throw fail('file_invalid', lines.join('\n'))
  }
  return { files: [{ path: SERVED_PATH, localPath: path, sizeBytes: Buffer.byteLength(text) }], served: parsed.data }
}
