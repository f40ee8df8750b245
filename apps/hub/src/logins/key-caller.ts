/** Key caller: the caller of a procedure on accounts that also accepts a key. */

import { refuseGuesser } from '../http/admission/caller-limiter.ts'
import type { OpenCall } from '../http/call.ts'
import { problem } from '../http/problem.ts'
import type { KeyCaller } from '../keys/key-ring.ts'
import { presentedKey } from '../keys/key-secret.ts'

/** The key of the Authorization header; undefined if there is no header of that kind. Throws if the key is invalid. */
export async function keyCallerOf({ hub, authorization, source }: OpenCall): Promise<KeyCaller | undefined> {
  const text = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]
  if (text === undefined) return undefined
  const verdict = await hub.keys.verify(text)
  if (verdict.ok) return verdict.caller
  refuseGuesser(hub, { source, identity: presentedKey(text) }, verdict.code)
  throw problem(verdict.code)
}
