/** User reference: a person by e-mail address, or by id, as somebody types it. */
import type { SkerryClient } from '@skerry/client/client'
import { allRows } from '@skerry/client/page'
import type { User } from '@skerry/contract/people/user'
import { UserId } from '@skerry/contract/values/ids'
import { asIs, required } from '../../program/command.ts'
import { exitCodes, Failure } from '../../program/failure.ts'

export const PERSON = required('<person>', 'e-mail address, or id from "skerry user ls"', asIs)

/** The person that is meant, or throws. */
export async function findUser(client: SkerryClient, text: string, signal: AbortSignal): Promise<User> {
  const id = UserId.safeParse(text)
  if (id.success) return client.user.show({ user: id.data }, { signal })
  const all = await allRows((page) => client.user.list(page, { signal }))
  const found = all.find(({ email }) => email === text.toLowerCase())
  if (found) return found
  const next = '"skerry user ls" lists everybody'
  throw new Failure({
    code: 'user_unknown',
    message: `no person in this organisation has the address ${text}`,
    exitCode: exitCodes.failed,
    next,
  })
}
