/** Procedures on the organisations that a person belongs to: which they are, and in which of them the session is. */
import * as z from 'zod'
import { Membership } from '../../people/user.ts'
import { Name } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

/**
 * The header in which a page says whose data it shows. A browser has one session, in one organisation, and may have many pages: one that was
 * opened before a switch is refused, so that nothing that it asks is done somewhere else.
 */
export const ORGANISATION_HEADER = 'x-skerry-organisation'

export const membershipProcedures = {
  organisations: procedure({
    method: 'GET',
    path: '/v1/account/organisations',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: "List the caller's organisations by name; also with a personal key",
    errors: ['account_missing'],
  })
    .input(z.strictObject({}))
    .output(z.strictObject({ rows: z.array(Membership) })),
  switchOrganisation: procedure({
    method: 'PUT',
    path: '/v1/account/organisation',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: "Switch the session to another organisation of the caller, with the caller's role there",
    errors: [
      'account_missing',
      'membership_missing',
      'organisation_disabled',
      'second_factor_required',
      'session_bound',
    ],
  })
    .input(z.strictObject({ organisation: Name }))
    .output(z.strictObject({})),
}
