/**
 * Procedures on the organisations of a hub, for its operators. They see that an organisation exists, and none of its
 * contents.
 */
import * as z from 'zod'
import {
  OrganisationUse,
  OwnerInvitation,
  OwnerWish,
  Quota,
  QuotaChange,
  RemovedTenant,
  Tenant,
  TenantName,
} from '../../people/organisation.ts'
import { Name, Page, pageOf, Reason } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

const named = z.strictObject({ organisation: Name })

export const organisationProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/organisations',
    access: 'tenant.read',
    scope: 'none',
    approval: 'none',
    summary: 'List the organisations of the hub by name, and how much they use',
    errors: [],
  })
    .input(z.strictObject(Page))
    .output(pageOf(Tenant)),
  get: procedure({
    method: 'GET',
    path: '/v1/organisations/{organisation}',
    access: 'tenant.read',
    scope: 'none',
    approval: 'none',
    summary: 'Show an organisation of the hub',
    errors: ['organisation_unknown'],
  })
    .input(named)
    .output(Tenant),
  create: procedure({
    method: 'POST',
    path: '/v1/organisations',
    access: 'tenant.write',
    scope: 'none',
    approval: 'none',
    summary: 'Create an organisation, and invite its first owner',
    errors: ['organisation_exists', 'organisation_limit_reached'],
  })
    .input(z.strictObject({ name: TenantName, ...OwnerWish, quota: Quota.optional() }))
    .output(z.strictObject({ organisation: Tenant, invitation: OwnerInvitation })),
  setQuota: procedure({
    method: 'PUT',
    path: '/v1/organisations/{organisation}/quota',
    access: 'tenant.write',
    scope: 'none',
    approval: 'none',
    summary:
      'Set the quotas of an organisation; a quota below the current use removes nothing, but nothing can be added',
    errors: ['organisation_unknown'],
  })
    .input(named.extend(QuotaChange))
    .output(Tenant),
  use: procedure({
    method: 'GET',
    path: '/v1/organisation',
    access: 'organisation.read',
    scope: 'whole',
    approval: 'none',
    summary: "Show the use and the quotas of the caller's organisation",
    errors: [],
  })
    .input(z.strictObject({}))
    .output(OrganisationUse),
  invite: procedure({
    method: 'POST',
    path: '/v1/organisations/{organisation}/invitation',
    access: 'tenant.write',
    scope: 'none',
    approval: 'none',
    summary: 'Invite the first owner again, if the organisation has no owner; earlier invitations end',
    errors: ['organisation_unknown', 'organisation_claimed'],
  })
    .input(named.extend(OwnerWish))
    .output(OwnerInvitation),
  disable: procedure({
    method: 'POST',
    path: '/v1/organisations/{organisation}/disable',
    access: 'tenant.write',
    scope: 'none',
    approval: 'none',
    summary:
      'Disable an organisation: sessions end, keys are rejected, links of devices close; devices continue to serve',
    errors: ['organisation_unknown', 'organisation_status_refused'],
  })
    .input(named.extend({ reason: Reason }))
    .output(Tenant),
  enable: procedure({
    method: 'POST',
    path: '/v1/organisations/{organisation}/enable',
    access: 'tenant.write',
    scope: 'none',
    approval: 'none',
    summary: 'Enable an organisation again: keys are valid, devices come back by themselves, people must sign in again',
    errors: ['organisation_unknown', 'organisation_status_refused'],
  })
    .input(named.extend({ reason: Reason }))
    .output(Tenant),
  remove: procedure({
    method: 'POST',
    path: '/v1/organisations/{organisation}/remove',
    access: 'tenant.write',
    scope: 'none',
    approval: 'none',
    summary: 'Remove a disabled organisation with everything except its audit log; nobody can undo it',
    errors: ['organisation_unknown', 'organisation_status_refused', 'removal_unconfirmed'],
  })
    .input(named.extend({ reason: Reason, confirm: z.string().max(63) }))
    .output(RemovedTenant),
}
