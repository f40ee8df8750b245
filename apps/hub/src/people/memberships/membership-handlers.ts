/** Procedures on the organisations that a person belongs to. */
import type { OrganisationId, UserId } from '@skerry/contract/values/ids'
import type { OpenCall } from '../../http/call.ts'
import { openOs } from '../../http/implementer.ts'
import { problem } from '../../http/problem.ts'
import { keyCallerOf } from '../../logins/key-caller.ts'
import { recordAccount, signedInOf } from '../account-change.ts'
import { membershipsOf } from '../people-store.ts'
import { moveSession } from '../user-session-store.ts'
import { requireMembership } from './membership.ts'

export const membershipHandlers = {
  organisations: openOs.account.organisations.handler(async ({ context }) => {
    const who = await personIn(context)
    const rows = await membershipsOf(context.hub.store.db, who.userId)
    return {
      rows: rows.map(({ organisation, organisation_id, role, disabled_at_ms }) => ({
        organisation,
        role,
        isThis: organisation_id === who.organisationId,
        isDisabled: disabled_at_ms != null,
      })),
    }
  }),
  switchOrganisation: openOs.account.switchOrganisation.handler(async ({ context, input }) => {
    const { hub } = context
    const who = await signedInOf(context)
    const left = who.organisation_id
    const entered = await hub.store.transaction(async (tx) => {
      const { organisation_id } = await requireMembership(tx, who, input.organisation)
      if (organisation_id === left) return left
      await moveSession(tx, who.id, { organisationId: organisation_id, nowMs: hub.clock.nowMs() })
      // In both trails, and neither says which the other is: an organisation does not learn where else its people work.
      for (const [way, whose] of [['out', left] as const, ['in', organisation_id] as const]) {
        const detail = { session: who.id, way }
        await recordAccount(context, tx, { ...who, organisation_id: whose }, { action: ACTION, detail })
      }
      return organisation_id
    })
    // Pages that were opened before hear it by their streams.
    for (const organisationId of new Set([left, entered])) hub.bus.publish('audit.appended', organisationId)
    return {}
  }),
}

const ACTION = 'account.switchOrganisation'

/** The person whose session, or whose own key, asks. What somebody made for a program tells it nothing of that person. */
async function personIn(context: OpenCall): Promise<{ userId: UserId; organisationId: OrganisationId }> {
  const caller = await keyCallerOf(context)
  if (!caller) {
    const { user_id, organisation_id } = await signedInOf(context)
    return { userId: user_id, organisationId: organisation_id }
  }
  const { db } = context.hub.store
  const key = await db.selectFrom('keys').select('user_id').where('id', '=', caller.id).executeTakeFirst()
  if (!key?.user_id) throw problem('account_missing')
  return { userId: key.user_id, organisationId: caller.organisationId }
}
