/** Join text: the join token of an image, with the address by which its devices reach the hub. */
import { readFile } from 'node:fs/promises'
import { JoinTokenContent } from '@skerry/contract/joining/join'
import { fail, wrongUsage } from '../../../program/failure.ts'

const PREFIX = 'skj_'

export type JoinWish = { token: string | undefined; tokenFile: string | undefined; hub: string | undefined }

/** The token has the address of the hub, the fingerprint of its authority and that of its signing key. */
export async function joinText({ token, tokenFile, hub }: JoinWish): Promise<string> {
  if ((token === undefined) === (tokenFile === undefined))
    throw wrongUsage('give the join token with --token-file, or with --token')
  const text = (token ?? (await readToken(tokenFile ?? ''))).trim()
  const content = JoinTokenContent.safeParse(jsonOf(text))
  if (!content.success) throw fail('file_invalid', 'the join token is not whole: copy it again, from skj_ to its end')
  const whole = hub === undefined ? content.data : { ...content.data, hub }
  return `${PREFIX}${Buffer.from(JSON.stringify(whole)).toString('base64url')}`
}

const readToken = (path: string) =>
  readFile(path, 'utf8').catch((cause: unknown) => {
    throw fail('file_unreadable', `${path} cannot be read`, { cause })
  })

function jsonOf(text: string): unknown {
  try {
    return text.startsWith(PREFIX)
      ? JSON.parse(Buffer.from(text.slice(PREFIX.length), 'base64url').toString())
      : undefined
  } catch {
    return undefined
  }
}
