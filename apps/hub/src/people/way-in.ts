/**
 * Way in: decides which session may change the ways to sign in. An old session may not, because it may have been left
 * open. A session that began with less than the person has may not either. Otherwise a thief with the password alone
 * could add the missing second factor.
 */
import type { OpenCall } from '../http/call.ts'
import { problem } from '../http/problem.ts'
import { freshPersonOf } from './account-change.ts'
import { countPasskeys } from './factors/passkey-store.ts'
import { requireUnbound } from './memberships/membership.ts'
import type { SignedIn } from './user-session-store.ts'

/** A person who has signed in just now, with all required factors. */
export async function provedPersonOf(call: OpenCall): Promise<SignedIn> {
  const who = await freshPersonOf(call)
  // Passkeys and provider links give access to every organisation of the person.
  requireUnbound(who)
  await requireProved(call, who)
  return who
}

/** Throws if the person has a second factor, and this session began without it. */
export async function requireProved({ hub }: OpenCall, who: SignedIn): Promise<void> {
  if (who.is_multi_factor === 1) return
  // A passkey counts even if the organisation requires no second factor: otherwise a password alone would be enough to
  // replace it.
  const hasFactor = who.confirmed_at_ms !== null || (await countPasskeys(hub.store.db, who.user_id)) > 0
  if (hasFactor)
    throw problem(
      'second_factor_required',
      'before you change how you sign in, confirm your second factor, or sign in with a passkey',
    )
}
