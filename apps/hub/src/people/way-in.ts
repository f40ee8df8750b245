/**
 * Way in: who may change with what one signs in. Not an old session, which may have been left open; and not one that was begun with less than the
 * person has: else whoever knows a password alone would add the second factor that is missing.
 */
import type { OpenCall } from '../http/call.ts'
import { problem } from '../http/problem.ts'
import { freshPersonOf } from './account-change.ts'
import { countPasskeys } from './factors/passkey-store.ts'
import { requireUnbound } from './memberships/membership.ts'
import type { SignedIn } from './user-session-store.ts'

/** Somebody who has signed in just now, with all that is asked of them. */
export async function provedPersonOf(call: OpenCall): Promise<SignedIn> {
  const who = await freshPersonOf(call)
  // Passkeys and links open every organisation of the person.
  requireUnbound(who)
  await requireProved(call, who)
  return who
}

/** Throws where a second factor is there, and this session was begun without. */
export async function requireProved({ hub }: OpenCall, who: SignedIn): Promise<void> {
  if (who.is_multi_factor === 1) return
  // A passkey counts whether the organisation asks for a second factor or not: otherwise a password alone would replace it.
  const hasFactor = who.confirmed_at_ms !== null || (await countPasskeys(hub.store.db, who.user_id)) > 0
  if (hasFactor)
    throw problem(
      'second_factor_required',
      'before you change how you sign in, confirm your second factor, or sign in with a passkey',
    )
}
