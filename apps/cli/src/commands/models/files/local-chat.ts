/** Local chat: the file of a chat model on disk. A file that the hub would reject is rejected before the upload. */
import { CHAT_PATH } from '@skerry/contract/kinds/chat'
import { ChatModel } from '@skerry/contract/language-models/chat-model'
import { parseJson } from '@skerry/core/values/parse-json'
import { fail } from '../../../program/failure.ts'
import { readText } from '../../../program/input-file.ts'
import type { FoundFile } from './model-files.ts'

/** Whether the file describes a chat model. A served model has tensors. */
export async function isLocalChat(path: string): Promise<boolean> {
  const found = parseJson(await readText(path))
  return typeof found === 'object' && found !== null && !('inputs' in found) && !('outputs' in found)
}

/** The file to push. */
export async function readLocalChat(path: string): Promise<FoundFile[]> {
  const text = await readText(path)
  const parsed = ChatModel.safeParse(parseJson(text))
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${path}, ${issue.path.join('.') || 'the file'}: ${issue.message}`)
    throw fail('file_invalid', lines.join('\n'))
  }
  return [{ path: CHAT_PATH, localPath: path, sizeBytes: Buffer.byteLength(text) }]
}
