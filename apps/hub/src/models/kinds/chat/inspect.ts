/**
 * Inspects pushed chat models: the hub reads the file. It cannot ask the app, so the expected answers of golden prompts
 * come with the push.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CHAT_PATH } from '@skerry/contract/kinds/chat'
import { ChatModel } from '@skerry/contract/language-models/chat-model'
import { parseJson } from '@skerry/core/values/parse-json'
import { problem } from '../../../http/problem.ts'
import type { Inspector } from '../inspector.ts'
import { promptGolden } from '../prompt-golden.ts'

/** The file has one schema and one text of instructions. */
const CHAT_BYTES_MAX = 256 * 1024

export const chatInspector: Inspector<'chat'> = {
  plural: 'chat models',
  // The hub has no runtime for them.
  goldenSource: 'pushed',
  checkPaths({ files }) {
    const other = files.find(({ path }) => path !== CHAT_PATH)
    if (other)
      throw problem(
        'input_invalid',
        `a chat model has no ${other.path}; its app has all files, and its only file is ${CHAT_PATH}`,
      )
  },
  async inspect({ staged, files, request }) {
    if (files.some(({ sizeBytes }) => sizeBytes > CHAT_BYTES_MAX))
      throw problem('input_invalid', `${CHAT_PATH} is over 256 KiB`)
    const chat = readChat(await readFile(join(staged.folder, CHAT_PATH), 'utf8'))
    const golden = promptGolden(request)
    return { summary: chat, golden, goldenCases: golden?.cases.length ?? 0 }
  },
  detail: (common, chat) => ({ ...common, kind: 'chat', chat }),
  opset: () => 0,
}

function readChat(text: string): ChatModel {
  const parsed = ChatModel.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw problem('input_invalid', `${CHAT_PATH}, ${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
}
