/** Request text: a small document of a server from which models are imported. */
import type { IncomingMessage } from 'node:http'
import { connectTrouble, requestFollowed } from './fetch-file.ts'
import type { ImportHost } from './import-host.ts'

/** Tokens and lists of files have some kilobytes; the rest of a longer answer is not read. */
const ANSWER_BYTES_MAX = 1024 * 1024

type TextRequest = { url: URL; authorization: string | undefined; authorities: string | undefined }

/** Any answer is good; the caller judges its status. */
export async function requestText(
  request: TextRequest,
  host: ImportHost,
): Promise<{ status: number; headers: IncomingMessage['headers']; text: string }> {
  try {
    const response = await requestFollowed(request, {}, host)
    let text = ''
    for await (const piece of response.setEncoding('utf8')) {
      text += piece as string
      if (text.length > ANSWER_BYTES_MAX) break
    }
    return { status: response.statusCode ?? 0, headers: response.headers, text }
  } catch (error) {
    host.signal.throwIfAborted()
    throw connectTrouble(request, error).failure
  }
}
