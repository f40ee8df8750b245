/** Membership: whether a session may count in another organisation of its person, by the rules of that one. */
import { problem } from '../../http/problem.ts'
import type { Db } from '../../store/store.ts'
import { findSignInRules, type Membership, membershipsOf } from '../people-store.ts'
import { isBound, isMultiFactorIn, type SignedIn } from '../user-session-store.ts'

/** Where the person belongs, by name; throws where the session would not be let in. Who is no member does not learn whether it exists. */
export async function requireMembership(db: Db, who: SignedIn, organisation: string): Promise<Membership> {
  const membership = (await membershipsOf(db, who.user_id)).find((each) => each.organisation === organisation)
  if (!membership) throw problem('membership_missing')
  if (membership.disabled_at_ms != null) throw problem('organisation_disabled')
  if (membership.organisation_id === who.organisation_id) return membership
  requireUnbound(who)
  const { secondFactorFor } = await findSignInRules(db, membership.organisation_id)
  if (!isMultiFactorIn(who, membership.organisation_id) && secondFactorFor.includes(membership.role))
    throw problem('second_factor_required')
  return membership
}

/**
 * Throws in a session of a provider. The organisation that chose the provider trusts it; other organisations of the person do not. Otherwise
 * the operator of one organisation's provider could become anybody in another.
 */
export function requireUnbound(who: Pick<SignedIn, 'method'>): void {
  if (isBound(who)) throw problem('session_bound')
}
