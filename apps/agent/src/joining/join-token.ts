/** Join token: the text that a person carries from the hub to a new computer. */
import { JoinTokenContent } from '@skerry/contract/joining/join'
import { parseJson } from '@skerry/core/values/parse-json'

export type JoinTokenResult =
  | { ok: true; content: JoinTokenContent }
  | { ok: false; code: 'token_malformed'; message: string }

const PREFIX = 'skj_'

const MALFORMED: JoinTokenResult = {
  ok: false,
  code: 'token_malformed',
  message: 'the join token is not whole: copy it again, from skj_ to its end',
}

/** Reads `skj_` and the base64url of the content's JSON. */
export function parseJoinToken(text: string): JoinTokenResult {
  const trimmed = text.trim()
  if (!trimmed.startsWith(PREFIX)) return MALFORMED
  const content = JoinTokenContent.safeParse(
    parseJson(Buffer.from(trimmed.slice(PREFIX.length), 'base64url').toString()),
  )
  return content.success ? { ok: true, content: content.data } : MALFORMED
}
