/** Notice: what whoever runs the hub tells everybody before they sign in (IEC 62443-4-2 CR 1.12), such as who may use it and that it is watched. */
import { readFile } from 'node:fs/promises'
import { NOTICE_CHARACTERS_MAX } from '@skerry/contract/people/user'

export type NoticeResult =
  | { ok: true; notice: string | undefined }
  | { ok: false; code: 'option_invalid'; message: string }

/** Line ends, and nothing else that steers a terminal or turns text around. */
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** Reads the file of `--notice-file`. */
export async function readNotice(path: string | undefined): Promise<NoticeResult> {
  if (path === undefined) return { ok: true, notice: undefined }
  try {
    const notice = (await readFile(path, 'utf8')).replaceAll('\r\n', '\n').trim()
    if (notice.length === 0 || notice.length > NOTICE_CHARACTERS_MAX) {
      return refuse(path, `1 to ${NOTICE_CHARACTERS_MAX} characters, not ${notice.length}`)
    }
    if (STEERING.test(notice.replaceAll('\n', ''))) return refuse(path, 'plain text without control characters')
    return { ok: true, notice }
  } catch (error) {
    return refuse(path, `text that can be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const refuse = (path: string, what: string): NoticeResult => ({
  ok: false,
  code: 'option_invalid',
  message: `--notice-file ${path} must hold ${what}`,
})
