/** Key caller: whose key asks, where a procedure on accounts may be asked with a key as well. */

import { refuseGuesser } from '../http/admission/caller-limiter.ts'
import type { OpenCall } from '../http/call.ts'
import { problem } from '../http/problem.ts'
import type { KeyCaller } from '../keys/key-ring.ts'
import { presentedKey } from '../keys/key-secret.ts'

/** The key of the Authorization header; undefined where there is no header of that kind. Throws where the key does not count. */
export async function keyCallerOf({ hub, authorization, source }: OpenCall): Promise<KeyCaller | undefined> {
  const text = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]
  if (text === undefined) return undefined
  const verdict = await hub.keys.verify(text)
  if (verdict.ok) return verdict.caller
  refuseGuesser(hub, { source, identity: presentedKey(text) }, verdict.code)
  throw problem(verdict.code)
}
